package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Tasks service on data.
var (
	OpTasksRetrieveData          = Operation{ID: "tasks_retrieve_data", Method: http.MethodGet, Path: "/api/tasks/{id}/data/", Replay: Repeatable}
	OpTasksRetrieveDataMeta      = Operation{ID: "tasks_retrieve_data_meta", Method: http.MethodGet, Path: "/api/tasks/{id}/data/meta", Replay: Repeatable}
	OpTasksPartialUpdateDataMeta = Operation{ID: "tasks_partial_update_data_meta", Method: http.MethodPatch, Path: "/api/tasks/{id}/data/meta"}
)

// DataMeta returns what the server knows of the frames of a task: names, sizes in pixels, which are deleted. A task
// without data is an error on most servers: 500 on old ones, [ErrInvalid] on new ones.
//
// CVAT API: GET /api/tasks/{id}/data/meta (tasks_retrieve_data_meta)
func (s *TasksService) DataMeta(ctx context.Context, id int64, opts ...CallOption) (*models.DataMeta, *Response, error) {
	return fetch[models.DataMeta](ctx, s.client, call{op: OpTasksRetrieveDataMeta, args: []any{id}}, opts)
}

// UpdateDataMeta changes the fields that are set in body and returns all. DeletedFrames replaces the list.
//
// CVAT API: PATCH /api/tasks/{id}/data/meta (tasks_partial_update_data_meta)
func (s *TasksService) UpdateDataMeta(ctx context.Context, id int64, body models.DataMetaPatch, opts ...CallOption) (*models.DataMeta, *Response, error) {
	if err := checkFrames("DataMetaPatch.DeletedFrames", body.DeletedFrames); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.DataMeta](ctx, s.client, call{op: OpTasksPartialUpdateDataMeta, args: []any{id}, in: body}, opts)
}

// Frame returns the picture of one frame, counted in the task from 0. The caller closes the content.
//
// CVAT API: GET /api/tasks/{id}/data/?type=frame (tasks_retrieve_data)
func (s *TasksService) Frame(ctx context.Context, id int64, frame int, opts *FrameOptions, call ...CallOption) (*Content, *Response, error) {
	return s.client.numbered(ctx, OpTasksRetrieveData, id, mediaFrame, frame, opts, call)
}

// Chunk returns one chunk of frames, counted in the task from 0: a zip of pictures, or an MP4 video. A server that is still
// preparing the chunk answers 429, which is waited for as the retry policy allows. The caller closes the content.
//
// CVAT API: GET /api/tasks/{id}/data/?type=chunk (tasks_retrieve_data)
func (s *TasksService) Chunk(ctx context.Context, id int64, chunk int, opts *FrameOptions, call ...CallOption) (*Content, *Response, error) {
	return s.client.numbered(ctx, OpTasksRetrieveData, id, mediaChunk, chunk, opts, call)
}

// Preview returns a small picture of the task. The caller closes the content.
//
// CVAT API: GET /api/tasks/{id}/data/?type=preview (tasks_retrieve_data)
func (s *TasksService) Preview(ctx context.Context, id int64, opts ...CallOption) (*Content, *Response, error) {
	return s.client.media(ctx, OpTasksRetrieveData, id, mediaPreview, -1, nil, opts)
}

// ContextImages returns the context images of one frame, counted in the task from 0: up to 2.3 one JPEG, later a zip of
// all, whose Content.Type may be empty. A frame without any matches [ErrNotFound] on old servers and is an empty zip on new ones.
// The caller closes the content.
//
// CVAT API: GET /api/tasks/{id}/data/?type=context_image (tasks_retrieve_data)
func (s *TasksService) ContextImages(ctx context.Context, id int64, frame int, opts ...CallOption) (*Content, *Response, error) {
	return s.client.numbered(ctx, OpTasksRetrieveData, id, mediaContext, frame, nil, opts)
}
