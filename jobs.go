package cvat

import (
	"cmp"
	"context"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Jobs service on jobs themselves.
var (
	OpJobsList          = Operation{ID: "jobs_list", Method: http.MethodGet, Path: "/api/jobs", Replay: Repeatable}
	OpJobsCreate        = Operation{ID: "jobs_create", Method: http.MethodPost, Path: "/api/jobs", Since: "2.4.7"}
	OpJobsRetrieve      = Operation{ID: "jobs_retrieve", Method: http.MethodGet, Path: "/api/jobs/{id}", Replay: Repeatable}
	OpJobsPartialUpdate = Operation{ID: "jobs_partial_update", Method: http.MethodPatch, Path: "/api/jobs/{id}"}
	OpJobsDestroy       = Operation{ID: "jobs_destroy", Method: http.MethodDelete, Path: "/api/jobs/{id}", Since: "2.4.7", Replay: Repeatable}
)

// The fields that jobs can be filtered by.
const (
	JobFieldID          IntField    = "id"
	JobFieldTaskID      IntField    = "task_id"
	JobFieldTaskName    StringField = "task_name"
	JobFieldProjectID   IntField    = "project_id"
	JobFieldProjectName StringField = "project_name"
	JobFieldAssignee    UserField   = "assignee"
	JobFieldStage       StringField = "stage"
	JobFieldState       StringField = "state"
	JobFieldDimension   StringField = "dimension"
	JobFieldUpdatedDate TimeField   = "updated_date"
)

// JobsService reads and changes jobs and their annotations. The server makes the jobs of a task when it processes the
// task's data; only ground truth jobs are created and deleted by hand.
type JobsService service

// JobListOptions narrow a list of jobs.
type JobListOptions struct {
	ListOptions
	// TaskID picks the jobs of one task.
	TaskID int64
	// TaskName is the exact name of the task.
	TaskName string
	// ProjectID picks the jobs of one project.
	ProjectID int64
	// ProjectName is the exact name of the project.
	ProjectName string
	// Assignee is a user name.
	Assignee string
	// Stage is the stage of the work.
	Stage models.JobStage
	// State is how far the work of the stage has come.
	State models.JobState
	// Dimension tells jobs on pictures from jobs on point clouds.
	Dimension models.Dimension
}

func (s *JobsService) list(opts *JobListOptions, call []CallOption) list[models.Job] {
	l := list[models.Job]{
		client: s.client, op: OpJobsList, sort: "id", id: func(j *models.Job) any { return j.ID }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter,
			JobFieldTaskID.eqUnlessZero(opts.TaskID),
			JobFieldTaskName.eqUnlessZero(opts.TaskName),
			JobFieldProjectID.eqUnlessZero(opts.ProjectID),
			JobFieldProjectName.eqUnlessZero(opts.ProjectName),
			JobFieldAssignee.eqUnlessZero(opts.Assignee),
			JobFieldStage.eqUnlessZero(string(opts.Stage)),
			JobFieldState.eqUnlessZero(string(opts.State)),
			JobFieldDimension.eqUnlessZero(string(opts.Dimension)))
	}
	return l
}

// List returns one page of the jobs that the caller may see.
//
// CVAT API: GET /api/jobs (jobs_list)
func (s *JobsService) List(ctx context.Context, opts *JobListOptions, call ...CallOption) ([]*models.Job, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all jobs that the caller may see; see [ListOptions].
//
// CVAT API: GET /api/jobs (jobs_list)
func (s *JobsService) All(ctx context.Context, opts *JobListOptions, call ...CallOption) iter.Seq2[*models.Job, error] {
	return s.list(opts, call).all(ctx)
}

// Get returns a job.
//
// CVAT API: GET /api/jobs/{id} (jobs_retrieve)
func (s *JobsService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.Job, *Response, error) {
	return fetch[models.Job](ctx, s.client, call{op: OpJobsRetrieve, args: []any{id}}, opts)
}

// Create makes a ground truth job of a task, the only type that can be made by hand; the task may have one. Servers before
// 2.4.7 have none: [ErrUnsupported].
//
// CVAT API: POST /api/jobs (jobs_create)
func (s *JobsService) Create(ctx context.Context, body models.JobCreate, opts ...CallOption) (*models.Job, *Response, error) {
	if err := checkJob(body); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Job](ctx, s.client, call{op: OpJobsCreate, in: body}, opts)
}

func checkJob(body models.JobCreate) error {
	if body.TaskID <= 0 {
		return &ArgumentError{Field: "JobCreate.TaskID", Reason: "is missing"}
	}
	for name, share := range map[string]float64{"FrameShare": body.FrameShare, "FramesPerJobShare": body.FramesPerJobShare} {
		if share < 0 || share > 1 {
			return &ArgumentError{Field: "JobCreate." + name, Reason: "is out of the range from 0 to 1"}
		}
	}
	return cmp.Or(
		checkFilled("JobCreate", "Type", string(body.Type)),
		checkCounts("JobCreate", map[string]int{"FrameCount": body.FrameCount, "FramesPerJobCount": body.FramesPerJobCount}),
		checkFrames("JobCreate.Frames", body.Frames))
}

// Update changes the fields that are set in body and returns the whole job. On a server like 2.3, setting the stage
// without the state resets the state to new.
//
// CVAT API: PATCH /api/jobs/{id} (jobs_partial_update)
func (s *JobsService) Update(ctx context.Context, id int64, body models.JobPatch, opts ...CallOption) (*models.Job, *Response, error) {
	if err := checkReference("JobPatch.Assignee", body.Assignee); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Job](ctx, s.client, call{op: OpJobsPartialUpdate, args: []any{id}, in: body}, opts)
}

// Delete deletes a ground truth job with its annotations; other jobs live and die with their task ([ErrInvalid]).
// Servers before 2.4.7 delete no jobs: [ErrUnsupported].
//
// CVAT API: DELETE /api/jobs/{id} (jobs_destroy)
func (s *JobsService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpJobsDestroy, args: []any{id}}, nil, opts)
}

// Labels returns the labels that a job's annotations can use, sublabels inside their skeletons, whichever way the
// server gives them: up to 2.3 inside the job, later as a list of their own.
//
// CVAT API: GET /api/jobs/{id} (jobs_retrieve), GET /api/labels (labels_list)
func (s *JobsService) Labels(ctx context.Context, id int64) ([]models.Label, error) {
	return labelsOf(ctx, s.client, "job_id", id, func() (models.Related[models.Label], error) {
		job, _, err := s.Get(ctx, id)
		if err != nil {
			return models.Related[models.Label]{}, err
		}
		return job.Labels, nil
	})
}
