package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Jobs service on data.
var (
	OpJobsRetrieveData          = Operation{ID: "jobs_retrieve_data", Method: http.MethodGet, Path: "/api/jobs/{id}/data", Replay: Repeatable}
	OpJobsRetrieveDataMeta      = Operation{ID: "jobs_retrieve_data_meta", Method: http.MethodGet, Path: "/api/jobs/{id}/data/meta", Replay: Repeatable}
	OpJobsPartialUpdateDataMeta = Operation{ID: "jobs_partial_update_data_meta", Method: http.MethodPatch, Path: "/api/jobs/{id}/data/meta"}
)

// DataMeta returns what the server knows of the frames of a job: names, sizes in pixels, which are deleted. A task
// without data is an error on most servers: 500 on old ones, [ErrInvalid] on new ones.
//
// CVAT API: GET /api/jobs/{id}/data/meta (jobs_retrieve_data_meta)
func (s *JobsService) DataMeta(ctx context.Context, id int64, opts ...CallOption) (*models.DataMeta, *Response, error) {
	return fetch[models.DataMeta](ctx, s.client, call{op: OpJobsRetrieveDataMeta, args: []any{id}}, opts)
}

// UpdateDataMeta changes the fields that are set in body and returns all. DeletedFrames replaces the list. Servers like 2.3 forget the deleted frames of all other jobs of the
// task over it: change those of the task instead.
//
// CVAT API: PATCH /api/jobs/{id}/data/meta (jobs_partial_update_data_meta)
func (s *JobsService) UpdateDataMeta(ctx context.Context, id int64, body models.DataMetaPatch, opts ...CallOption) (*models.DataMeta, *Response, error) {
	if err := checkFrames("DataMetaPatch.DeletedFrames", body.DeletedFrames); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.DataMeta](ctx, s.client, call{op: OpJobsPartialUpdateDataMeta, args: []any{id}, in: body}, opts)
}

// Frame returns the picture of one frame, counted in the task from 0, for jobs too. The caller closes the content.
//
// CVAT API: GET /api/jobs/{id}/data?type=frame (jobs_retrieve_data)
func (s *JobsService) Frame(ctx context.Context, id int64, frame int, opts *FrameOptions, call ...CallOption) (*Content, *Response, error) {
	return s.client.numbered(ctx, OpJobsRetrieveData, id, mediaFrame, frame, opts, call)
}

// Chunk returns one chunk of frames, counted in the task from 0: a zip of pictures, or an MP4 video. A server that is still
// preparing the chunk answers 429, which is waited for as the retry policy allows. The caller closes the content.
//
// CVAT API: GET /api/jobs/{id}/data?type=chunk (jobs_retrieve_data)
func (s *JobsService) Chunk(ctx context.Context, id int64, chunk int, opts *FrameOptions, call ...CallOption) (*Content, *Response, error) {
	return s.client.numbered(ctx, OpJobsRetrieveData, id, mediaChunk, chunk, opts, call)
}

// Preview returns a small picture of the job. The caller closes the content.
//
// CVAT API: GET /api/jobs/{id}/data?type=preview (jobs_retrieve_data)
func (s *JobsService) Preview(ctx context.Context, id int64, opts ...CallOption) (*Content, *Response, error) {
	return s.client.media(ctx, OpJobsRetrieveData, id, mediaPreview, -1, nil, opts)
}

// ContextImages returns the context images of one frame, counted in the task from 0: up to 2.3 one JPEG, later a zip of
// all, whose Content.Type may be empty. A frame without any matches [ErrNotFound] on old servers and is an empty zip on new ones.
// The caller closes the content.
//
// CVAT API: GET /api/jobs/{id}/data?type=context_image (jobs_retrieve_data)
func (s *JobsService) ContextImages(ctx context.Context, id int64, frame int, opts ...CallOption) (*Content, *Response, error) {
	return s.client.numbered(ctx, OpJobsRetrieveData, id, mediaContext, frame, nil, opts)
}
