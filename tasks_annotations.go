package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Tasks service on annotations.
var (
	OpTasksRetrieveAnnotations      = Operation{ID: "tasks_retrieve_annotations", Method: http.MethodGet, Path: "/api/tasks/{id}/annotations/", Replay: Repeatable}
	OpTasksUpdateAnnotations        = Operation{ID: "tasks_update_annotations", Method: http.MethodPut, Path: "/api/tasks/{id}/annotations/", Replay: Repeatable}
	OpTasksPartialUpdateAnnotations = Operation{ID: "tasks_partial_update_annotations", Method: http.MethodPatch, Path: "/api/tasks/{id}/annotations/", Replay: NeverRepeated}
	OpTasksDestroyAnnotations       = Operation{ID: "tasks_destroy_annotations", Method: http.MethodDelete, Path: "/api/tasks/{id}/annotations/", Replay: Repeatable}
)

func (s *TasksService) annotated() annotated {
	return annotated{
		client: s.client, retrieve: OpTasksRetrieveAnnotations, update: OpTasksUpdateAnnotations,
		partialUpdate: OpTasksPartialUpdateAnnotations, destroy: OpTasksDestroyAnnotations,
	}
}

// GetAnnotations returns all annotations of a task. Frames are counted in the task from 0; points are in pixels of the
// original frame, as [models.LabeledShape] says for each type of shape.
//
// CVAT API: GET /api/tasks/{id}/annotations/ (tasks_retrieve_annotations)
func (s *TasksService) GetAnnotations(ctx context.Context, id int64, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().get(ctx, id, opts)
}

// ReplaceAnnotations puts data in the place of all annotations of a task and returns what is stored then. IDs in data
// are not sent: what is stored gets new ones. A document read from a server that is newer than this library can hold
// fields that the library does not know; they are dropped. To change a few annotations use
// [TasksService.UpdateAnnotations].
//
// A label or attribute that the task lacks matches [ErrInvalid], or on servers like 2.3 [ErrServer]. Frames outside the
// task are dropped in silence.
//
// CVAT API: PUT /api/tasks/{id}/annotations/ (tasks_update_annotations)
func (s *TasksService) ReplaceAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().replace(ctx, id, data, opts)
}

// CreateAnnotations adds annotations to a task and returns them with their ids. IDs in data are not sent. It is sent
// once: an answer that is lost makes an error that matches [ErrOutcomeUnknown], and repeating the call then could
// double the annotations.
//
// CVAT API: PATCH /api/tasks/{id}/annotations/?action=create (tasks_partial_update_annotations)
func (s *TasksService) CreateAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().create(ctx, id, data, opts)
}

// UpdateAnnotations replaces stored annotations of a task, found by their ids, by those in data and returns them.
// One that is not stored any more is added. It is sent once: an answer that is lost makes an error that matches
// [ErrOutcomeUnknown].
//
// CVAT API: PATCH /api/tasks/{id}/annotations/?action=update (tasks_partial_update_annotations)
func (s *TasksService) UpdateAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().change(ctx, id, actionUpdate, data, opts)
}

// DeleteAnnotations deletes the annotations in data, found by their ids, from a task. It is sent once: an answer that
// is lost makes an error that matches [ErrOutcomeUnknown]. To delete all use [TasksService.ClearAnnotations].
//
// CVAT API: PATCH /api/tasks/{id}/annotations/?action=delete (tasks_partial_update_annotations)
func (s *TasksService) DeleteAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().change(ctx, id, actionDelete, data, opts)
}

// ClearAnnotations deletes all annotations of a task.
//
// CVAT API: DELETE /api/tasks/{id}/annotations/ (tasks_destroy_annotations)
func (s *TasksService) ClearAnnotations(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.annotated().clear(ctx, id, opts)
}
