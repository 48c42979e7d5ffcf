package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Jobs service on annotations.
var (
	OpJobsRetrieveAnnotations      = Operation{ID: "jobs_retrieve_annotations", Method: http.MethodGet, Path: "/api/jobs/{id}/annotations/", Replay: Repeatable}
	OpJobsUpdateAnnotations        = Operation{ID: "jobs_update_annotations", Method: http.MethodPut, Path: "/api/jobs/{id}/annotations/", Replay: Repeatable}
	OpJobsPartialUpdateAnnotations = Operation{ID: "jobs_partial_update_annotations", Method: http.MethodPatch, Path: "/api/jobs/{id}/annotations/", Replay: NeverRepeated}
	OpJobsDestroyAnnotations       = Operation{ID: "jobs_destroy_annotations", Method: http.MethodDelete, Path: "/api/jobs/{id}/annotations/", Replay: Repeatable}
)

func (s *JobsService) annotated() annotated {
	return annotated{
		client: s.client, retrieve: OpJobsRetrieveAnnotations, update: OpJobsUpdateAnnotations,
		partialUpdate: OpJobsPartialUpdateAnnotations, destroy: OpJobsDestroyAnnotations,
	}
}

// GetAnnotations returns all annotations of a job. Frames are counted in the task, not in the job; points are in pixels of the
// original frame, as [models.LabeledShape] says for each type of shape.
//
// CVAT API: GET /api/jobs/{id}/annotations/ (jobs_retrieve_annotations)
func (s *JobsService) GetAnnotations(ctx context.Context, id int64, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().get(ctx, id, opts)
}

// ReplaceAnnotations puts data in the place of all annotations of a job and returns what is stored then. IDs in data
// are not sent: what is stored gets new ones. A document read from a server that is newer than this library can hold
// fields that the library does not know; they are dropped. To change a few annotations use
// [JobsService.UpdateAnnotations].
//
// A label or attribute that the task lacks matches [ErrInvalid]. Frames outside the job are kept, though its editor
// does not show them.
//
// CVAT API: PUT /api/jobs/{id}/annotations/ (jobs_update_annotations)
func (s *JobsService) ReplaceAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().replace(ctx, id, data, opts)
}

// CreateAnnotations adds annotations to a job and returns them with their ids. IDs in data are not sent. It is sent
// once: an answer that is lost makes an error that matches [ErrOutcomeUnknown], and repeating the call then could
// double the annotations.
//
// CVAT API: PATCH /api/jobs/{id}/annotations/?action=create (jobs_partial_update_annotations)
func (s *JobsService) CreateAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().create(ctx, id, data, opts)
}

// UpdateAnnotations replaces stored annotations of a job, found by their ids, by those in data and returns them.
// One that is not stored any more is added. It is sent once: an answer that is lost makes an error that matches
// [ErrOutcomeUnknown].
//
// CVAT API: PATCH /api/jobs/{id}/annotations/?action=update (jobs_partial_update_annotations)
func (s *JobsService) UpdateAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().change(ctx, id, actionUpdate, data, opts)
}

// DeleteAnnotations deletes the annotations in data, found by their ids, from a job. It is sent once: an answer that
// is lost makes an error that matches [ErrOutcomeUnknown]. To delete all use [JobsService.ClearAnnotations].
//
// CVAT API: PATCH /api/jobs/{id}/annotations/?action=delete (jobs_partial_update_annotations)
func (s *JobsService) DeleteAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...CallOption) (*models.LabeledData, *Response, error) {
	return s.annotated().change(ctx, id, actionDelete, data, opts)
}

// ClearAnnotations deletes all annotations of a job.
//
// CVAT API: DELETE /api/jobs/{id}/annotations/ (jobs_destroy_annotations)
func (s *JobsService) ClearAnnotations(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.annotated().clear(ctx, id, opts)
}
