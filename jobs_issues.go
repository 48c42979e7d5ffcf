package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// OpJobsListIssues is the list of a job's issues that servers had until 2.3.
var OpJobsListIssues = Operation{ID: "jobs_list_issues", Method: http.MethodGet, Path: "/api/jobs/{id}/issues", Until: "2.3.0", Replay: Repeatable}

// ListIssues returns the issues of a job in one call. Servers from 2.4 on have lost the operation ([ErrUnsupported]):
// [JobsService.Issues] works everywhere.
//
// CVAT API: GET /api/jobs/{id}/issues (jobs_list_issues)
func (s *JobsService) ListIssues(ctx context.Context, id int64, opts ...CallOption) ([]*models.Issue, *Response, error) {
	return nested[models.Issue](ctx, s.client, call{op: OpJobsListIssues, args: []any{id}}, opts)
}

// Issues returns the issues of a job, by id. It is [IssuesService.All] with a filter, which every server understands.
//
// CVAT API: GET /api/issues (issues_list)
func (s *JobsService) Issues(ctx context.Context, id int64) ([]*models.Issue, error) {
	if id <= 0 {
		return nil, badID(id)
	}
	return Collect(s.client.Issues.All(ctx, &IssueListOptions{JobID: id}))
}
