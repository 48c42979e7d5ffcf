package cvat

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Tasks service on tasks themselves.
var (
	OpTasksList          = Operation{ID: "tasks_list", Method: http.MethodGet, Path: "/api/tasks", Replay: Repeatable}
	OpTasksCreate        = Operation{ID: "tasks_create", Method: http.MethodPost, Path: "/api/tasks"}
	OpTasksRetrieve      = Operation{ID: "tasks_retrieve", Method: http.MethodGet, Path: "/api/tasks/{id}", Replay: Repeatable}
	OpTasksPartialUpdate = Operation{ID: "tasks_partial_update", Method: http.MethodPatch, Path: "/api/tasks/{id}"}
	OpTasksDestroy       = Operation{ID: "tasks_destroy", Method: http.MethodDelete, Path: "/api/tasks/{id}", Replay: Repeatable}
)

// The fields that tasks can be filtered by.
const (
	TaskFieldID          IntField    = "id"
	TaskFieldName        StringField = "name"
	TaskFieldProjectID   IntField    = "project_id"
	TaskFieldProjectName StringField = "project_name"
	TaskFieldOwner       UserField   = "owner"
	TaskFieldAssignee    UserField   = "assignee"
	TaskFieldStatus      StringField = "status"
	TaskFieldSubset      StringField = "subset"
	TaskFieldMode        StringField = "mode"
	TaskFieldDimension   StringField = "dimension"
	TaskFieldUpdatedDate TimeField   = "updated_date"
)

// TasksService creates, reads, feeds, annotates and exports tasks.
type TasksService service

// TaskListOptions narrow a list of tasks.
type TaskListOptions struct {
	ListOptions
	// Name is the exact name.
	Name string
	// ProjectID picks the tasks of one project.
	ProjectID int64
	// ProjectName is the exact name of the project.
	ProjectName string
	// Owner and Assignee are user names.
	Owner, Assignee string
	// Status is how far the task has come.
	Status models.JobStatus
	// Subset is the subset of the project that the task belongs to, such as "Train".
	Subset string
	// Mode tells tasks of images from tasks of a video.
	Mode models.Mode
	// Dimension tells tasks of pictures from tasks of point clouds.
	Dimension models.Dimension
}

func (s *TasksService) list(opts *TaskListOptions, call []CallOption) list[models.Task] {
	l := list[models.Task]{
		client: s.client, op: OpTasksList, sort: "id", id: func(t *models.Task) any { return t.ID }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter,
			TaskFieldName.eqUnlessZero(opts.Name),
			TaskFieldProjectID.eqUnlessZero(opts.ProjectID),
			TaskFieldProjectName.eqUnlessZero(opts.ProjectName),
			TaskFieldOwner.eqUnlessZero(opts.Owner),
			TaskFieldAssignee.eqUnlessZero(opts.Assignee),
			TaskFieldStatus.eqUnlessZero(string(opts.Status)),
			TaskFieldSubset.eqUnlessZero(opts.Subset),
			TaskFieldMode.eqUnlessZero(string(opts.Mode)),
			TaskFieldDimension.eqUnlessZero(string(opts.Dimension)))
	}
	return l
}

// List returns one page of the tasks that the caller may see.
//
// CVAT API: GET /api/tasks (tasks_list)
func (s *TasksService) List(ctx context.Context, opts *TaskListOptions, call ...CallOption) ([]*models.Task, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all tasks that the caller may see; see [ListOptions].
//
// CVAT API: GET /api/tasks (tasks_list)
func (s *TasksService) All(ctx context.Context, opts *TaskListOptions, call ...CallOption) iter.Seq2[*models.Task, error] {
	return s.list(opts, call).all(ctx)
}

// GetByName returns the task with exactly that name. None matches [ErrNotFound], several match [ErrNotUnique].
//
// CVAT API: GET /api/tasks (tasks_list)
func (s *TasksService) GetByName(ctx context.Context, name string, opts ...CallOption) (*models.Task, *Response, error) {
	return s.list(&TaskListOptions{Name: name}, opts).named(ctx, "task", name, func(t *models.Task) int64 { return t.ID })
}

// Get returns a task. A task whose data has not been processed has a Size of 0.
//
// CVAT API: GET /api/tasks/{id} (tasks_retrieve)
func (s *TasksService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.Task, *Response, error) {
	return fetch[models.Task](ctx, s.client, call{op: OpTasksRetrieve, args: []any{id}}, opts)
}

// Create makes an empty task: feed it with [TasksService.Upload]. A task has labels of its own or a project whose
// labels it uses, one of the two.
//
// CVAT API: POST /api/tasks (tasks_create)
func (s *TasksService) Create(ctx context.Context, body models.TaskCreate, opts ...CallOption) (*models.Task, *Response, error) {
	if err := checkTask(body); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Task](ctx, s.client, call{op: OpTasksCreate, in: body}, opts)
}

func checkTask(body models.TaskCreate) error {
	if body.ProjectID != 0 && len(body.Labels) > 0 {
		return &ArgumentError{Field: "TaskCreate.Labels", Reason: "cannot be given with ProjectID: a task in a project has the labels of the project"}
	}
	return cmp.Or(
		checkFilled("TaskCreate", "Name", body.Name),
		checkLengths("TaskCreate", maxName, "Name", body.Name),
		checkLengths("TaskCreate", maxBugTracker, "BugTracker", body.BugTracker),
		checkLengths("TaskCreate", maxSubset, "Subset", body.Subset),
		checkCounts("TaskCreate", map[string]int{"Overlap": valueOf(body.Overlap), "SegmentSize": body.SegmentSize}),
		checkLabels("TaskCreate.Labels", body.Labels),
		checkTwins("TaskCreate.Labels", body.Labels))
}

// Update changes the fields that are set in body and returns the whole task. Labels that body does not name stay as
// they are; [TasksService.EditLabels] knows what those that it does name must tell each server.
//
// CVAT API: PATCH /api/tasks/{id} (tasks_partial_update)
func (s *TasksService) Update(ctx context.Context, id int64, body models.TaskPatch, opts ...CallOption) (*models.Task, *Response, error) {
	if err := checkTaskPatch(body); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Task](ctx, s.client, call{op: OpTasksPartialUpdate, args: []any{id}, in: body}, opts)
}

func checkTaskPatch(body models.TaskPatch) error {
	return cmp.Or(
		checkPatched("TaskPatch.Name", body.Name),
		checkLengths("TaskPatch", maxName, "Name", valueOf(body.Name)),
		checkLengths("TaskPatch", maxBugTracker, "BugTracker", valueOf(body.BugTracker)),
		checkLengths("TaskPatch", maxSubset, "Subset", valueOf(body.Subset)),
		checkReference("TaskPatch.ProjectID", body.ProjectID),
		checkReference("TaskPatch.OwnerID", body.OwnerID),
		checkReference("TaskPatch.AssigneeID", body.AssigneeID),
		checkReference("TaskPatch.OrganizationID", body.OrganizationID),
		checkLabelPatches("TaskPatch.Labels", body.Labels))
}

// Delete deletes a task with its data, jobs and annotations.
//
// CVAT API: DELETE /api/tasks/{id} (tasks_destroy)
func (s *TasksService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpTasksDestroy, args: []any{id}}, nil, opts)
}

// Labels returns the labels of a task, which are those of its project if it has one, sublabels inside their
// skeletons, whichever way the server gives them: up to 2.3 inside the task, later as a list of their own.
//
// CVAT API: GET /api/tasks/{id} (tasks_retrieve), GET /api/labels (labels_list)
func (s *TasksService) Labels(ctx context.Context, id int64) ([]models.Label, error) {
	return labelsOf(ctx, s.client, "task_id", id, func() (models.Related[models.Label], error) {
		task, _, err := s.Get(ctx, id)
		if err != nil {
			return models.Related[models.Label]{}, err
		}
		return task.Labels, nil
	})
}

// EditLabels adds labels to a task, changes them and deletes them, and returns all labels as they are then. Edits that
// cannot be are refused before anything is changed: an unknown label, a name that is taken, a label that is given twice.
// A task of a project has no labels of its own: see [ProjectsService.EditLabels].
//
// Labels that are deleted take their annotations with them. Where somebody else changes a label at the same time, what
// comes last counts, for its name and its color as for what is changed. Servers before 2.4 make the edits one by one, so
// that edits which they refuse half-way leave the earlier ones made; later ones make all or none.
//
// It uses tasks_retrieve, tasks_partial_update and what [TasksService.Labels] uses. An answer that is lost matches
// [ErrOutcomeUnknown]; repeating the edits is safe, as no server makes them twice: a name is taken then, or gone.
func (s *TasksService) EditLabels(ctx context.Context, id int64, edits LabelEdits) ([]models.Label, error) {
	if err := edits.check(); err != nil {
		return nil, err
	}
	task, _, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if task.ProjectID != 0 {
		return nil, &ArgumentError{Field: "id", Reason: fmt.Sprintf("is of a task of project %d, whose labels it has: edit those", task.ProjectID)}
	}
	embedded := func() (models.Related[models.Label], error) { return task.Labels, nil }
	return editLabels(ctx, s.client, edits, "task_id", id, embedded, func(patches []models.LabelPatch) (models.Related[models.Label], error) {
		changed, _, err := s.Update(ctx, id, models.TaskPatch{Labels: patches})
		if err != nil {
			return models.Related[models.Label]{}, err
		}
		return changed.Labels, nil
	})
}

// Jobs returns the jobs of a task, by id. It is [JobsService.All] with a filter, which every server understands.
//
// CVAT API: GET /api/jobs (jobs_list)
func (s *TasksService) Jobs(ctx context.Context, id int64) ([]*models.Job, error) {
	if id <= 0 {
		return nil, badID(id)
	}
	return Collect(s.client.Jobs.All(ctx, &JobListOptions{TaskID: id}))
}
