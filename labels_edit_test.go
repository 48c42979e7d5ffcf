package cvat_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// onLabels runs a test in both dialects, on a task with the labels of the conformance suite.
func onLabels(t *testing.T, run func(t *testing.T, f *faultFixture, task int64)) {
	t.Helper()
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			f := newFaultFixture(t, dialect)
			task, _, err := f.calm.Tasks.Create(t.Context(), models.TaskCreate{Name: "of its own", Labels: labels()})
			require.NoError(t, err)
			f.srv.Forget()
			run(t, f, task.ID)
		})
	}
}

// patched returns the labels of the only PATCH that arrived.
func patched(t *testing.T, srv *testserver.Server) []map[string]any {
	t.Helper()
	var found []map[string]any
	for _, r := range srv.Requests() {
		if r.Method != http.MethodPatch {
			continue
		}
		require.Nil(t, found, "one PATCH")
		var body struct {
			Labels []map[string]any `json:"labels"`
		}
		require.NoError(t, json.Unmarshal(r.Body, &body))
		found = body.Labels
	}
	return found
}

// Only what is edited travels, with what each server wants to know of it.
func TestEditLabelsOnTheWire(t *testing.T) {
	t.Parallel()
	onLabels(t, func(t *testing.T, f *faultFixture, task int64) {
		t.Helper()
		before, err := f.calm.Tasks.Labels(t.Context(), task)
		require.NoError(t, err)
		f.srv.Forget()
		_, err = f.calm.Tasks.EditLabels(t.Context(), task, cvat.LabelEdits{
			Add:    []models.LabelCreate{{Name: "bicycle"}},
			Change: map[string]cvat.LabelChange{"road": {Name: "street"}},
			Delete: []string{"night"},
		})
		require.NoError(t, err)
		assert.Equal(t, []map[string]any{
			{"id": float64(labelNamed(t, before, "night").ID), "name": "night", "deleted": true},
			{"id": float64(labelNamed(t, before, "road").ID), "name": "street", "color": "#00ff00"},
			{"name": "bicycle", "type": "any"},
		}, patched(t, f.srv))
	})
}

func TestEditLabelsDeletesAnnotations(t *testing.T) {
	t.Parallel()
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		f := newFaultFixture(t, dialect)
		f.annotate(t, 2)
		_, err := f.calm.Projects.EditLabels(t.Context(), f.project, cvat.LabelEdits{Change: map[string]cvat.LabelChange{"night": {Name: "dark"}}})
		require.NoError(t, err)
		stored, _, err := f.calm.Tasks.GetAnnotations(t.Context(), f.task)
		require.NoError(t, err)
		assert.Len(t, stored.Tags, 2, "a new name is all that changes")
		_, err = f.calm.Projects.EditLabels(t.Context(), f.project, cvat.LabelEdits{Delete: []string{"dark"}})
		require.NoError(t, err)
		stored, _, err = f.calm.Tasks.GetAnnotations(t.Context(), f.task)
		require.NoError(t, err)
		assert.Empty(t, stored.Tags)
	}
}

func TestEditLabelsRefusals(t *testing.T) {
	t.Parallel()
	text := func(name string) models.AttributeWrite {
		return models.AttributeWrite{Name: name, InputType: models.InputTypeText}
	}
	change := func(name string, c cvat.LabelChange) cvat.LabelEdits {
		return cvat.LabelEdits{Change: map[string]cvat.LabelChange{name: c}}
	}
	car := func(c cvat.LabelChange) cvat.LabelEdits { return change("car", c) }
	refused := map[string]struct {
		edits cvat.LabelEdits
		field string
		says  string
	}{
		"add without a name":      {cvat.LabelEdits{Add: []models.LabelCreate{{}}}, "LabelEdits.Add[0].Name", "is empty"},
		"add two of a name":       {cvat.LabelEdits{Add: []models.LabelCreate{{Name: "bus"}, {Name: "bus"}}}, "LabelEdits.Add[1].Name", "unique"},
		"add twins":               {cvat.LabelEdits{Add: []models.LabelCreate{{Name: "bus", Sublabels: []models.SublabelWrite{{Name: "a"}, {Name: "a"}}}}}, "LabelEdits.Add[0].Sublabels[1].Name", "unique"},
		"add what is there":       {cvat.LabelEdits{Add: []models.LabelCreate{{Name: "road"}}}, "LabelEdits.Add[0].Name", "already"},
		"add what is deleted":     {cvat.LabelEdits{Add: []models.LabelCreate{{Name: "road"}}, Delete: []string{"road"}}, "LabelEdits.Add[0].Name", "by a call before"},
		"rename to what is there": {car(cvat.LabelChange{Name: "road"}), `LabelEdits.Change["car"].Name`, "already"},
		"rename to what is added": {cvat.LabelEdits{Add: []models.LabelCreate{{Name: "bus"}}, Change: map[string]cvat.LabelChange{"car": {Name: "bus"}}}, "LabelEdits.Add[0].Name", "already"},
		"rename two alike":        {cvat.LabelEdits{Change: map[string]cvat.LabelChange{"car": {Name: "x"}, "road": {Name: "x"}}}, `LabelEdits.Change["road"].Name`, "already"},
		"change of no label":      {change("cat", cvat.LabelChange{Color: "#ff0000"}), `LabelEdits.Change["cat"]`, `there are ["car" "night" "person" "road"]`},
		"change of a sublabel":    {change("head", cvat.LabelChange{Color: "#ff0000"}), `LabelEdits.Change["head"]`, "is no label"},
		"too long":                {car(cvat.LabelChange{Name: strings.Repeat("x", 65)}), `LabelEdits.Change["car"].Name`, "64"},
		"no color":                {car(cvat.LabelChange{Color: "darkorange"}), `LabelEdits.Change["car"].Color`, "8"},
		"delete no label":         {cvat.LabelEdits{Delete: []string{"cat"}}, "LabelEdits.Delete[0]", "is no label"},
		"delete twice":            {cvat.LabelEdits{Delete: []string{"car", "car"}}, "LabelEdits.Delete[1]", "twice"},
		"delete and change":       {cvat.LabelEdits{Change: map[string]cvat.LabelChange{"car": {Name: "x"}}, Delete: []string{"car"}}, "LabelEdits.Delete[0]", "twice"},
		"attribute without parts": {car(cvat.LabelChange{Attributes: []models.AttributeWrite{{Name: "plate"}}}), `LabelEdits.Change["car"].Attributes[0].InputType`, "is empty"},
		"attribute twice":         {car(cvat.LabelChange{Attributes: []models.AttributeWrite{text("a"), text("a")}}), `LabelEdits.Change["car"].Attributes[1].Name`, "unique"},
		"attribute by its id":     {car(cvat.LabelChange{Attributes: []models.AttributeWrite{{ID: 1, Name: "a", InputType: models.InputTypeText}}}), `LabelEdits.Change["car"].Attributes[0]`, "by their names"},
		"rename no attribute":     {car(cvat.LabelChange{RenameAttributes: map[string]string{"cat": "x"}}), `LabelEdits.Change["car"].RenameAttributes`, "does not have"},
		"rename to nothing":       {car(cvat.LabelChange{RenameAttributes: map[string]string{"colour": ""}}), `LabelEdits.Change["car"].RenameAttributes["colour"]`, "nothing"},
		"rename to a taken name":  {car(cvat.LabelChange{RenameAttributes: map[string]string{"colour": "parked"}}), `LabelEdits.Change["car"].RenameAttributes`, "taken"},
		"rename to an added one":  {car(cvat.LabelChange{RenameAttributes: map[string]string{"colour": "x"}, Attributes: []models.AttributeWrite{text("x")}}), `LabelEdits.Change["car"].RenameAttributes`, "taken"},
		"rename and change":       {car(cvat.LabelChange{RenameAttributes: map[string]string{"colour": "x"}, Attributes: []models.AttributeWrite{text("colour")}}), `LabelEdits.Change["car"].RenameAttributes`, "twice"},
		"rename and delete":       {car(cvat.LabelChange{RenameAttributes: map[string]string{"colour": "x"}, DeleteAttributes: []string{"colour"}}), `LabelEdits.Change["car"].DeleteAttributes`, "twice"},
		"delete no attribute":     {car(cvat.LabelChange{DeleteAttributes: []string{"cat"}}), `LabelEdits.Change["car"].DeleteAttributes`, "does not have"},
	}
	onLabels(t, func(t *testing.T, f *faultFixture, task int64) {
		t.Helper()
		for name, r := range refused {
			for _, owner := range []struct {
				labeled
				id int64
			}{{f.calm.Tasks, task}, {f.calm.Projects, f.project}} {
				_, err := owner.EditLabels(t.Context(), owner.id, r.edits)
				wrong := new(cvat.ArgumentError)
				require.ErrorAs(t, err, &wrong, name)
				assert.Equal(t, r.field, wrong.Field, name)
				assert.Contains(t, wrong.Reason, r.says, name)
			}
		}
		_, err := f.calm.Tasks.EditLabels(t.Context(), f.task, car(cvat.LabelChange{Name: "vehicle"}))
		wrong := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &wrong, "the labels are those of the project")
		assert.Contains(t, wrong.Reason, "project 1")
		_, err = f.calm.Projects.EditLabels(t.Context(), 0, car(cvat.LabelChange{Name: "vehicle"}))
		require.ErrorAs(t, err, &wrong)
		assert.Nil(t, patched(t, f.srv), "nothing was changed")

		_, err = f.calm.Tasks.EditLabels(t.Context(), 99, car(cvat.LabelChange{Name: "vehicle"}))
		require.ErrorIs(t, err, cvat.ErrNotFound)
		_, err = f.calm.Projects.EditLabels(t.Context(), 99, car(cvat.LabelChange{Name: "vehicle"}))
		require.ErrorIs(t, err, cvat.ErrNotFound)
	})
}

func TestEditLabelsWithoutEdits(t *testing.T) {
	t.Parallel()
	onLabels(t, func(t *testing.T, f *faultFixture, task int64) {
		t.Helper()
		got, err := f.calm.Tasks.EditLabels(t.Context(), task, cvat.LabelEdits{})
		require.NoError(t, err)
		assert.Len(t, got, 4)
		assert.Nil(t, patched(t, f.srv), "nothing is to be changed")
	})
}

// What a server refuses half-way stays as that server does it.
func TestEditLabelsRefusedByTheServer(t *testing.T) {
	t.Parallel()
	onLabels(t, func(t *testing.T, f *faultFixture, task int64) {
		t.Helper()
		after, err := f.calm.Tasks.EditLabels(t.Context(), task, cvat.LabelEdits{Change: map[string]cvat.LabelChange{
			"car": {Name: "vehicle", Attributes: []models.AttributeWrite{{Name: "parked", InputType: models.InputTypeCheckbox, DefaultValue: "true"}}},
		}})
		if f.srv.Dialect() == testserver.V2_3 {
			require.NoError(t, err, "it may become immutable there")
			assert.False(t, attributeNamed(t, labelNamed(t, after, "vehicle"), "parked").Mutable)
			return
		}
		require.ErrorIs(t, err, cvat.ErrInvalid)
		require.ErrorContains(t, err, "mutable")
		stored, err := f.calm.Tasks.Labels(t.Context(), task)
		require.NoError(t, err)
		assert.Equal(t, "car", labelNamed(t, stored, "car").Name, "all or none")
	})
}

// The first attempt of each call of an edit fails in turn.
func TestEditLabelsFaults(t *testing.T) {
	t.Parallel()
	edits := cvat.LabelEdits{Add: []models.LabelCreate{{Name: "bicycle"}}, Delete: []string{"night"}}
	onLabels(t, func(t *testing.T, f *faultFixture, task int64) {
		t.Helper()
		edit := func(fault testserver.Fault, ctx context.Context) error {
			f.srv.Fail(fault)
			defer f.srv.Heal()
			_, err := f.calm.Tasks.EditLabels(ctx, task, edits)
			return err
		}
		names := func() []string {
			stored, err := f.calm.Tasks.Labels(t.Context(), task)
			require.NoError(t, err)
			var out []string
			for _, label := range stored {
				out = append(out, label.Name)
			}
			return out
		}
		before := names()
		err := edit(testserver.Fault{Operation: "tasks_partial_update", Kind: testserver.CutBefore, Times: 1}, t.Context())
		require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
		assert.Equal(t, before, names())
		assert.Equal(t, 1, f.srv.Count("tasks_partial_update"), "a change that may have been made is not sent again")

		err = edit(testserver.Fault{Operation: "tasks_retrieve", Status: http.StatusForbidden, Times: 1}, t.Context())
		require.ErrorIs(t, err, cvat.ErrForbidden)
		assert.Equal(t, before, names())

		err = edit(testserver.Fault{Operation: "tasks_partial_update", Kind: testserver.CutAfter, Times: 1}, t.Context())
		require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
		after := names()
		assert.Contains(t, after, "bicycle")
		assert.NotContains(t, after, "night")
		err = edit(testserver.Fault{Operation: "none"}, t.Context())
		wrong := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &wrong, "the edits are not made twice")
		assert.Equal(t, after, names())

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, edit(testserver.Fault{Operation: "none"}, ctx), context.Canceled)
	})
}

func TestEditLabelsUnreadAfterwards(t *testing.T) {
	t.Parallel()
	f := newFaultFixture(t, testserver.V2_73)
	f.srv.Fail(testserver.Fault{Operation: "labels_list", Status: http.StatusForbidden, Skip: 1, Times: 1}) // the second time
	_, err := f.calm.Projects.EditLabels(t.Context(), f.project, cvat.LabelEdits{Delete: []string{"night"}})
	require.ErrorIs(t, err, cvat.ErrForbidden)
	require.ErrorContains(t, err, "the labels are changed")
	stored, err := f.calm.Projects.Labels(t.Context(), f.project)
	require.NoError(t, err)
	assert.Len(t, stored, 3)
}

func TestEditLabelsNeedsTheVersion(t *testing.T) {
	t.Parallel()
	f := newFaultFixture(t, testserver.V2_3)
	_, err := f.calm.Projects.EditLabels(t.Context(), f.project, cvat.LabelEdits{Change: map[string]cvat.LabelChange{"car": {RenameAttributes: map[string]string{"colour": "color"}}}})
	require.ErrorIs(t, err, cvat.ErrUnsupported)
	assert.Equal(t, "cvat: renaming of attributes is not supported by this server, version 2.3: it needs CVAT 2.12.0 or later", err.Error())
}
