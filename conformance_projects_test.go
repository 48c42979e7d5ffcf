package cvat_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func conformServer(t *testing.T, s *target) {
	about, resp, err := s.admin.Server.About(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, about.Version)
	assert.Equal(t, http.StatusOK, resp.StatusCode)

	formats, _, err := s.admin.Server.Formats(t.Context())
	require.NoError(t, err)
	named := func(name string) func(models.DatasetFormat) bool {
		return func(f models.DatasetFormat) bool { return f.Name == name && f.Enabled }
	}
	assert.True(t, slices.ContainsFunc(formats.Exporters, named("CVAT for images 1.1")))
	assert.True(t, slices.ContainsFunc(formats.Importers, named("CVAT 1.1")))
}

func conformAuthentication(t *testing.T, s *target) {
	anonymous := newClient(t, s.admin.BaseURL())
	client, err := anonymous.Login(t.Context(), s.login, s.secret)
	require.NoError(t, err)
	self, _, err := client.Users.Self(t.Context())
	require.NoError(t, err)
	assert.Equal(t, s.login, self.Username)

	_, err = anonymous.Login(t.Context(), s.login, "wrong")
	require.ErrorIs(t, err, cvat.ErrUnauthorized)
	require.ErrorContains(t, err, "Unable to log in with provided credentials.")

	_, _, err = anonymous.Users.Self(t.Context())
	require.ErrorIs(t, err, cvat.ErrUnauthorized)

	wrong, err := anonymous.With(cvat.WithToken("0123456789abcdef0123456789abcdef01234567"))
	require.NoError(t, err)
	_, _, err = wrong.Users.Self(t.Context())
	require.ErrorIs(t, err, cvat.ErrUnauthorized)
	require.ErrorContains(t, err, "Invalid token.")
	require.ErrorContains(t, err, "WithAccessToken")
}

func conformLogout(t *testing.T, s *target) {
	login, secret := s.newAccount(t)
	client, err := newClient(t, s.admin.BaseURL()).Login(t.Context(), login, secret)
	require.NoError(t, err)
	other, err := newClient(t, s.admin.BaseURL()).Login(t.Context(), login, secret)
	require.NoError(t, err)
	_, _, err = client.Auth.Logout(t.Context())
	require.NoError(t, err)
	_, _, err = other.Users.Self(t.Context())
	require.ErrorIs(t, err, cvat.ErrUnauthorized, "a logout ends the key for all clients of the user")
}

func conformUsers(t *testing.T, s *target) {
	self, _, err := s.user.Users.Self(t.Context())
	require.NoError(t, err)
	assert.Equal(t, s.login, self.Username)

	got, _, err := s.admin.Users.Get(t.Context(), self.ID)
	require.NoError(t, err)
	assert.Equal(t, s.login, got.Username)

	found, resp, err := s.admin.Users.List(t.Context(), &cvat.UserListOptions{Username: s.login, IsActive: new(true)})
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, 1, resp.Count)
	assert.Equal(t, self.ID, found[0].ID)

	visible, err := cvat.Collect(s.user.Users.All(t.Context(), nil))
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(visible, func(u *models.User) bool { return u.ID == self.ID }))
}

func conformProjects(t *testing.T, s *target) {
	ctx := t.Context()
	project := s.newProject(t)
	assert.NotZero(t, project.ID)

	got, _, err := s.admin.Projects.Get(ctx, project.ID)
	require.NoError(t, err)
	assert.Equal(t, project.Name, got.Name)
	assert.Equal(t, models.JobStatusAnnotation, got.Status)
	assert.False(t, got.CreatedDate.IsZero())

	byName, _, err := s.admin.Projects.GetByName(ctx, project.Name)
	require.NoError(t, err)
	assert.Equal(t, project.ID, byName.ID)

	admin, _, err := s.admin.Users.Self(ctx)
	require.NoError(t, err)
	got, _, err = s.admin.Projects.Update(ctx, project.ID, models.ProjectPatch{
		BugTracker: new("https://bugs.example.com"), AssigneeID: models.Value(admin.ID),
	})
	require.NoError(t, err)
	assert.Equal(t, "https://bugs.example.com", got.BugTracker)
	assert.Equal(t, project.Name, got.Name, "fields that are absent stay")
	require.NotNil(t, got.Assignee)
	assert.Equal(t, admin.ID, got.Assignee.ID)

	got, _, err = s.admin.Projects.Update(ctx, project.ID, models.ProjectPatch{AssigneeID: models.Null[int64]()})
	require.NoError(t, err)
	assert.Nil(t, got.Assignee, "null clears")
	assert.Equal(t, "https://bugs.example.com", got.BugTracker)
}

func conformLabels(t *testing.T, s *target) {
	ctx := t.Context()
	project := s.newProject(t)
	task, _, err := s.admin.Tasks.Create(ctx, models.TaskCreate{Name: s.name(t), ProjectID: project.ID})
	require.NoError(t, err)

	ofProject, err := s.admin.Projects.Labels(ctx, project.ID)
	require.NoError(t, err)
	ofTask, err := s.admin.Tasks.Labels(ctx, task.ID)
	require.NoError(t, err)
	assert.Equal(t, ofProject, ofTask, "a task of a project has its labels")

	require.Len(t, ofTask, 4, "sublabels stand inside their skeleton only")
	car, person := labelNamed(t, ofTask, "car"), labelNamed(t, ofTask, "person")
	require.Len(t, car.Attributes, 2)
	assert.Equal(t, models.LabelTypeRectangle, car.Type)
	assert.Equal(t, []string{"red", "blue"}, attributeNamed(t, car, "colour").Values)
	require.Len(t, person.Sublabels, 2)
	assert.NotZero(t, person.Sublabels[0].ID)

	_, _, err = s.admin.Projects.Update(ctx, project.ID, models.ProjectPatch{
		Labels: []models.LabelPatch{{Name: new("bicycle"), Type: new(models.LabelTypeRectangle)}},
	})
	require.NoError(t, err)
	after, err := s.admin.Projects.Labels(ctx, project.ID)
	require.NoError(t, err)
	assert.Len(t, after, 5, "labels that a patch does not name stay")
}

func labelNamed(t *testing.T, labels []models.Label, name string) models.Label {
	t.Helper()
	i := slices.IndexFunc(labels, func(l models.Label) bool { return l.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return labels[i]
}

func attributeNamed(t *testing.T, label models.Label, name string) models.Attribute {
	t.Helper()
	i := slices.IndexFunc(label.Attributes, func(a models.Attribute) bool { return a.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return label.Attributes[i]
}

func conformLists(t *testing.T, s *target) {
	ctx := t.Context()
	var ids []int64
	for range 5 {
		ids = append(ids, s.newTask(t).ID)
	}
	mine := cvat.TaskFieldID.In(ids...)
	walk := func(opts cvat.ListOptions) []int64 {
		opts.Filter = mine
		var got []int64
		for task, err := range s.admin.Tasks.All(ctx, &cvat.TaskListOptions{ListOptions: opts}) {
			require.NoError(t, err)
			got = append(got, task.ID)
		}
		return got
	}
	assert.Equal(t, ids, walk(cvat.ListOptions{}), "by id, oldest first")
	assert.Equal(t, ids, walk(cvat.ListOptions{PageSize: 2}))
	assert.Equal(t, ids, walk(cvat.ListOptions{PageSize: 1, ReadAhead: 3}))
	assert.Equal(t, ids, walk(cvat.ListOptions{PageSize: cvat.PageSizeAll}))
	assert.Equal(t, ids[2:], walk(cvat.ListOptions{PageSize: 2, Page: 2}))
	reversed := slices.Clone(ids)
	slices.Reverse(reversed)
	assert.Equal(t, reversed, walk(cvat.ListOptions{PageSize: 2, Sort: "-id"}))

	page, resp, err := s.admin.Tasks.List(ctx, &cvat.TaskListOptions{ListOptions: cvat.ListOptions{Filter: mine, PageSize: 2, Page: 3}})
	require.NoError(t, err)
	require.Len(t, page, 1)
	assert.Equal(t, 5, resp.Count)
	assert.Zero(t, resp.NextPage)

	_, _, err = s.admin.Tasks.List(ctx, &cvat.TaskListOptions{ListOptions: cvat.ListOptions{Filter: mine, PageSize: 2, Page: 9}})
	require.ErrorIs(t, err, cvat.ErrNotFound)
	assert.Empty(t, walk(cvat.ListOptions{PageSize: 2, Page: 9}), "a walk that starts past the end is over")

	_, _, err = s.admin.Tasks.List(ctx, &cvat.TaskListOptions{ListOptions: cvat.ListOptions{Filter: cvat.RawFilter(`{"==":[{"var":"nonsense"},1]}`)}})
	require.ErrorIs(t, err, cvat.ErrInvalid)
}

func conformFilters(t *testing.T, s *target) {
	ctx := t.Context()
	project := s.newProject(t)
	inside, _, err := s.admin.Tasks.Create(ctx, models.TaskCreate{Name: s.name(t), ProjectID: project.ID, Subset: "Train"})
	require.NoError(t, err)
	outside := s.newTask(t)
	admin, _, err := s.admin.Users.Self(ctx)
	require.NoError(t, err)
	_, _, err = s.admin.Tasks.Update(ctx, inside.ID, models.TaskPatch{AssigneeID: models.Value(admin.ID)})
	require.NoError(t, err)

	both := cvat.TaskFieldID.In(inside.ID, outside.ID)
	for name, opts := range map[string]cvat.TaskListOptions{
		"name":         {Name: inside.Name},
		"project":      {ProjectID: project.ID},
		"project name": {ProjectName: project.Name},
		"subset":       {Subset: "Train"},
		"assignee":     {Assignee: admin.Username},
		"name and all": {Name: inside.Name, ProjectID: project.ID, Owner: admin.Username, Status: models.JobStatusAnnotation},
		"contains":     {ListOptions: cvat.ListOptions{Filter: cvat.TaskFieldName.Contains(inside.Name[3:])}},
		"less":         {ListOptions: cvat.ListOptions{Filter: cvat.TaskFieldID.Lt(max(inside.ID, outside.ID))}},
		"between":      {ListOptions: cvat.ListOptions{Filter: cvat.TaskFieldID.Between(inside.ID, inside.ID)}},
		"not":          {ListOptions: cvat.ListOptions{Filter: cvat.Not(cvat.TaskFieldName.Eq(outside.Name))}},
		"or":           {ListOptions: cvat.ListOptions{Filter: cvat.Or(cvat.TaskFieldName.Eq(inside.Name), cvat.TaskFieldSubset.Eq("Train"))}},
		"assigned":     {ListOptions: cvat.ListOptions{Filter: cvat.TaskFieldAssignee.IsSet()}},
		"not assigned": {ListOptions: cvat.ListOptions{Filter: cvat.Not(cvat.TaskFieldAssignee.IsUnset())}},
		"after":        {ListOptions: cvat.ListOptions{Filter: cvat.And(cvat.TaskFieldUpdatedDate.After(project.CreatedDate.Add(-time.Hour)), cvat.TaskFieldSubset.In("Train"))}},
	} {
		opts.Filter = cvat.And(both, opts.Filter)
		got, err := cvat.Collect(s.admin.Tasks.All(ctx, &opts))
		require.NoError(t, err, name)
		if assert.Len(t, got, 1, name) {
			assert.Equal(t, inside.ID, got[0].ID, name)
		}
	}
	none, err := cvat.Collect(s.admin.Tasks.All(ctx, &cvat.TaskListOptions{Name: inside.Name, ProjectID: project.ID + 1000000}))
	require.NoError(t, err)
	assert.Empty(t, none)

	_, _, err = s.admin.Tasks.GetByName(ctx, s.prefix+" nobody's")
	require.ErrorIs(t, err, cvat.ErrNotFound)
	twin, _, err := s.admin.Tasks.Create(ctx, models.TaskCreate{Name: inside.Name, ProjectID: project.ID})
	require.NoError(t, err)
	assert.NotEqual(t, inside.ID, twin.ID)
	_, _, err = s.admin.Tasks.GetByName(ctx, inside.Name)
	require.ErrorIs(t, err, cvat.ErrNotUnique)
}

func conformOrganizationContext(t *testing.T, s *target) {
	ctx := t.Context()
	org, inside := s.newOrganization(t)
	personal, err := s.admin.With(cvat.WithPersonalWorkspace())
	require.NoError(t, err)

	project, _, err := inside.Projects.Create(ctx, models.ProjectCreate{Name: s.name(t)})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := inside.Projects.Delete(context.Background(), project.ID)
		require.NoError(t, err)
	})
	assert.Equal(t, org.ID, project.Organization)

	_, _, err = inside.Projects.GetByName(ctx, project.Name)
	require.NoError(t, err)
	_, _, err = s.admin.Projects.GetByName(ctx, project.Name)
	require.NoError(t, err, "no context shows everything")
	_, _, err = personal.Projects.GetByName(ctx, project.Name)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	_, _, err = personal.Projects.GetByName(ctx, project.Name, cvat.ForOrganization(org.Slug))
	require.NoError(t, err)

	// TUS cannot have a query: the organization travels in a header there.
	task, _, err := inside.Tasks.Create(ctx, models.TaskCreate{Name: s.name(t), ProjectID: project.ID})
	require.NoError(t, err)
	require.NoError(t, inside.Tasks.Upload(ctx, task.ID, cvat.Bytes("frame.png", picture(t, 0)), &cvat.UploadOptions{Wait: s.wait}))

	unknown, err := s.admin.With(cvat.WithOrganization("no" + org.Slug))
	require.NoError(t, err)
	_, _, err = unknown.Projects.List(ctx, nil)
	require.Error(t, err)
}
