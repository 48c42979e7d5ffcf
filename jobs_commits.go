package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// OpJobsListCommits is the history of a job that servers kept until 2.3.
var OpJobsListCommits = Operation{ID: "jobs_list_commits", Method: http.MethodGet, Path: "/api/jobs/{id}/commits", Until: "2.3.0", Replay: Repeatable}

// ListCommits returns one page of the history of a job, the latest entries first. Servers from 2.4 on have lost it:
// [ErrUnsupported].
//
// CVAT API: GET /api/jobs/{id}/commits (jobs_list_commits)
func (s *JobsService) ListCommits(ctx context.Context, id int64, opts *PageOptions, call ...CallOption) ([]*models.JobCommit, *Response, error) {
	return list[models.JobCommit]{
		client: s.client, op: OpJobsListCommits, args: []any{id}, opts: opts.listOptions(), call: call,
	}.one(ctx)
}
