package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// OpProjectsListTasks is the list of a project's tasks that servers had until 2.3.
var OpProjectsListTasks = Operation{ID: "projects_list_tasks", Method: http.MethodGet, Path: "/api/projects/{id}/tasks", Until: "2.3.0", Replay: Repeatable}

// ListTasks returns one page of the tasks of a project, the latest first. Servers from 2.4 on have lost the operation
// ([ErrUnsupported]): [TasksService.All] with a ProjectID works everywhere.
//
// CVAT API: GET /api/projects/{id}/tasks (projects_list_tasks)
func (s *ProjectsService) ListTasks(ctx context.Context, id int64, opts *PageOptions, call ...CallOption) ([]*models.Task, *Response, error) {
	return list[models.Task]{
		client: s.client, op: OpProjectsListTasks, args: []any{id}, opts: opts.listOptions(), call: call,
	}.one(ctx)
}
