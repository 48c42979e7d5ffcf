package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// OpTasksListJobs is the list of a task's jobs that servers had until 2.3.
var OpTasksListJobs = Operation{ID: "tasks_list_jobs", Method: http.MethodGet, Path: "/api/tasks/{id}/jobs", Until: "2.3.0", Replay: Repeatable}

// ListJobs returns the jobs of a task in one call. Servers from 2.4 on have lost the operation ([ErrUnsupported]):
// [TasksService.Jobs] works everywhere.
//
// CVAT API: GET /api/tasks/{id}/jobs (tasks_list_jobs)
func (s *TasksService) ListJobs(ctx context.Context, id int64, opts ...CallOption) ([]*models.Job, *Response, error) {
	return nested[models.Job](ctx, s.client, call{op: OpTasksListJobs, args: []any{id}}, opts)
}
