package cvat

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

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

// UpdateDataMeta changes the fields that are set in body and returns all. DeletedFrames replaces the list of the job;
// frames outside the job are ignored. Servers up to 2.3.0-alpha forget the deleted frames of all other jobs of the task
// over it: [JobsService.SetDeletedFrames] does not.
//
// CVAT API: PATCH /api/jobs/{id}/data/meta (jobs_partial_update_data_meta)
func (s *JobsService) UpdateDataMeta(ctx context.Context, id int64, body models.DataMetaPatch, opts ...CallOption) (*models.DataMeta, *Response, error) {
	if err := checkFrames("DataMetaPatch.DeletedFrames", body.DeletedFrames); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.DataMeta](ctx, s.client, call{op: OpJobsPartialUpdateDataMeta, args: []any{id}, in: body}, opts)
}

// SetDeletedFrames makes frames, counted in the task from 0, the deleted frames of a job, restores all others of the job, and
// returns the job's data then. Those of the other jobs stay, on every server: before 2.4, where changing a job may forget
// them, the list of the whole task is changed, which two programs should not do at the same time.
//
// It uses [JobsService.Get] and [JobsService.UpdateDataMeta]; before 2.4 [TasksService.DataMeta],
// [TasksService.UpdateDataMeta] and [JobsService.DataMeta].
func (s *JobsService) SetDeletedFrames(ctx context.Context, id int64, frames []int) (*models.DataMeta, error) {
	job, _, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	outside := func(frame int) bool { return frame < job.StartFrame || frame > job.StopFrame }
	if i := slices.IndexFunc(frames, outside); i >= 0 {
		return nil, &ArgumentError{
			Field:  "frames[" + strconv.Itoa(i) + "]",
			Reason: fmt.Sprintf("is %d: job %d has frames %d to %d", frames[i], id, job.StartFrame, job.StopFrame),
		}
	}
	frames = append([]int{}, frames...) // not nil, which changes nothing
	kept, err := s.client.has(ctx, deletedFramesByJob)
	if err != nil {
		return nil, err
	}
	if kept {
		meta, _, err := s.UpdateDataMeta(ctx, id, models.DataMetaPatch{DeletedFrames: frames})
		return meta, err
	}
	task, _, err := s.client.Tasks.DataMeta(ctx, job.TaskID)
	if err != nil {
		return nil, err
	}
	for _, frame := range task.DeletedFrames {
		if outside(frame) {
			frames = append(frames, frame)
		}
	}
	slices.Sort(frames)
	if _, _, err := s.client.Tasks.UpdateDataMeta(ctx, job.TaskID, models.DataMetaPatch{DeletedFrames: frames}); err != nil {
		return nil, err
	}
	meta, _, err := s.DataMeta(ctx, id)
	return meta, err
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
