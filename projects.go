package cvat

import (
	"cmp"
	"context"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Projects service.
var (
	OpProjectsList          = Operation{ID: "projects_list", Method: http.MethodGet, Path: "/api/projects", Replay: Repeatable}
	OpProjectsCreate        = Operation{ID: "projects_create", Method: http.MethodPost, Path: "/api/projects"}
	OpProjectsRetrieve      = Operation{ID: "projects_retrieve", Method: http.MethodGet, Path: "/api/projects/{id}", Replay: Repeatable}
	OpProjectsPartialUpdate = Operation{ID: "projects_partial_update", Method: http.MethodPatch, Path: "/api/projects/{id}"}
	OpProjectsDestroy       = Operation{ID: "projects_destroy", Method: http.MethodDelete, Path: "/api/projects/{id}", Replay: Repeatable}
)

// The fields that projects can be filtered by.
const (
	ProjectFieldID          IntField    = "id"
	ProjectFieldName        StringField = "name"
	ProjectFieldOwner       UserField   = "owner"
	ProjectFieldAssignee    UserField   = "assignee"
	ProjectFieldStatus      StringField = "status"
	ProjectFieldUpdatedDate TimeField   = "updated_date"
)

// ProjectsService creates, reads, changes and exports projects.
type ProjectsService service

// ProjectListOptions narrow a list of projects.
type ProjectListOptions struct {
	ListOptions
	// Name is the exact name.
	Name string
	// Owner and Assignee are user names.
	Owner, Assignee string
	// Status is how far the project has come.
	Status models.JobStatus
}

func (s *ProjectsService) list(opts *ProjectListOptions, call []CallOption) list[models.Project] {
	l := list[models.Project]{
		client: s.client, op: OpProjectsList, sort: "id", id: func(p *models.Project) any { return p.ID }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter,
			ProjectFieldName.eqUnlessZero(opts.Name),
			ProjectFieldOwner.eqUnlessZero(opts.Owner),
			ProjectFieldAssignee.eqUnlessZero(opts.Assignee),
			ProjectFieldStatus.eqUnlessZero(string(opts.Status)))
	}
	return l
}

// List returns one page of the projects that the caller may see.
//
// CVAT API: GET /api/projects (projects_list)
func (s *ProjectsService) List(ctx context.Context, opts *ProjectListOptions, call ...CallOption) ([]*models.Project, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all projects that the caller may see; see [ListOptions].
//
// CVAT API: GET /api/projects (projects_list)
func (s *ProjectsService) All(ctx context.Context, opts *ProjectListOptions, call ...CallOption) iter.Seq2[*models.Project, error] {
	return s.list(opts, call).all(ctx)
}

// GetByName returns the project with exactly that name. None matches [ErrNotFound], several match [ErrNotUnique].
//
// CVAT API: GET /api/projects (projects_list)
func (s *ProjectsService) GetByName(ctx context.Context, name string, opts ...CallOption) (*models.Project, *Response, error) {
	return s.list(&ProjectListOptions{Name: name}, opts).named(ctx, "project", name, func(p *models.Project) int64 { return p.ID })
}

// Get returns a project.
//
// CVAT API: GET /api/projects/{id} (projects_retrieve)
func (s *ProjectsService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.Project, *Response, error) {
	return fetch[models.Project](ctx, s.client, call{op: OpProjectsRetrieve, args: []any{id}}, opts)
}

// Create makes a project with the labels of its future tasks. Servers bound how many projects an ordinary user may
// own: beyond that the error matches [ErrForbidden].
//
// CVAT API: POST /api/projects (projects_create)
func (s *ProjectsService) Create(ctx context.Context, body models.ProjectCreate, opts ...CallOption) (*models.Project, *Response, error) {
	err := cmp.Or(
		checkFilled("ProjectCreate", "Name", body.Name),
		checkLengths("ProjectCreate", maxName, "Name", body.Name),
		checkLengths("ProjectCreate", maxBugTracker, "BugTracker", body.BugTracker),
		checkLabels("ProjectCreate.Labels", body.Labels))
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Project](ctx, s.client, call{op: OpProjectsCreate, in: body}, opts)
}

// Update changes the fields that are set in body and returns the whole project. Labels that body does not name stay as
// they are; [ProjectsService.EditLabels] knows what those that it does name must tell each server.
//
// CVAT API: PATCH /api/projects/{id} (projects_partial_update)
func (s *ProjectsService) Update(ctx context.Context, id int64, body models.ProjectPatch, opts ...CallOption) (*models.Project, *Response, error) {
	err := cmp.Or(
		checkPatched("ProjectPatch.Name", body.Name),
		checkLengths("ProjectPatch", maxName, "Name", valueOf(body.Name)),
		checkLengths("ProjectPatch", maxBugTracker, "BugTracker", valueOf(body.BugTracker)),
		checkReference("ProjectPatch.OwnerID", body.OwnerID),
		checkReference("ProjectPatch.AssigneeID", body.AssigneeID),
		checkReference("ProjectPatch.OrganizationID", body.OrganizationID),
		checkLabelPatches("ProjectPatch.Labels", body.Labels))
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Project](ctx, s.client, call{op: OpProjectsPartialUpdate, args: []any{id}, in: body}, opts)
}

// Delete deletes a project with its tasks, their data and annotations.
//
// CVAT API: DELETE /api/projects/{id} (projects_destroy)
func (s *ProjectsService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpProjectsDestroy, args: []any{id}}, nil, opts)
}

// Labels returns the labels of a project, sublabels inside their skeletons, whichever way the server gives them: up to
// 2.3 inside the project, later as a list of their own.
//
// CVAT API: GET /api/projects/{id} (projects_retrieve), GET /api/labels (labels_list)
func (s *ProjectsService) Labels(ctx context.Context, id int64) ([]models.Label, error) {
	return labelsOf(ctx, s.client, "project_id", id, s.embeddedLabels(ctx, id))
}

func (s *ProjectsService) embeddedLabels(ctx context.Context, id int64) func() (models.Related[models.Label], error) {
	return func() (models.Related[models.Label], error) {
		project, _, err := s.Get(ctx, id)
		if err != nil {
			return models.Related[models.Label]{}, err
		}
		return project.Labels, nil
	}
}

// EditLabels adds labels to a project, which all its tasks share, changes them and deletes them, and returns all labels as
// they are then. Edits that cannot be are refused before anything is changed: an unknown label, a name that is taken, a
// label that is given twice.
//
// Labels that are deleted take their annotations in all tasks with them. Where somebody else changes a label at the same
// time, what comes last counts, for its name and its color as for what is changed. Servers before 2.4 make the edits one
// by one, so that edits which they refuse half-way leave the earlier ones made; later ones make all or none.
//
// It uses projects_partial_update and what [ProjectsService.Labels] uses. An answer that is lost matches
// [ErrOutcomeUnknown]; repeating the edits is safe, as no server makes them twice: a name is taken then, or gone.
func (s *ProjectsService) EditLabels(ctx context.Context, id int64, edits LabelEdits) ([]models.Label, error) {
	if err := edits.check(); err != nil {
		return nil, err
	}
	return editLabels(ctx, s.client, edits, "project_id", id, s.embeddedLabels(ctx, id), func(patches []models.LabelPatch) (models.Related[models.Label], error) {
		changed, _, err := s.Update(ctx, id, models.ProjectPatch{Labels: patches})
		if err != nil {
			return models.Related[models.Label]{}, err
		}
		return changed.Labels, nil
	})
}
