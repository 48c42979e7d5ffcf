package cvat_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// needFunctions skips a test on a server that cannot reach Nuclio, or a function there.
func needFunctions(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*cvat.Error](err); ok && e.StatusCode == http.StatusServiceUnavailable {
		lacks(t, "Nuclio", "the server reaches no functions: "+e.Detail)
	}
	require.NoError(t, err)
}

func conformLambda(t *testing.T, s *target) {
	t.Run("what is not there", s.conformMissingLambda)
	functions, _, err := s.admin.Lambda.ListFunctions(t.Context(), cvat.WithoutRetry())
	needFunctions(t, err)
	for _, function := range functions {
		got, _, err := s.admin.Lambda.GetFunction(t.Context(), function.ID)
		require.NoError(t, err)
		assert.Equal(t, function, got)
	}
	_, _, err = s.admin.Lambda.GetFunction(t.Context(), "no-such-function")
	require.ErrorIs(t, err, cvat.ErrNotFound)
	i := slices.IndexFunc(functions, func(f *models.Function) bool { return f.Kind == models.FunctionKindDetector && len(f.Labels) > 0 })
	if i < 0 && !s.functions {
		lacks(t, "a detector", "the server has other functions, or none")
	}
	require.GreaterOrEqual(t, i, 0)
	t.Run("detector", func(t *testing.T) { s.conformDetector(t, functions[i]) })
}

func (s *target) conformMissingLambda(t *testing.T) {
	ctx := t.Context()
	_, _, err := s.admin.Lambda.ListRequests(ctx)
	require.NoError(t, err)
	_, _, err = s.admin.Lambda.GetRequest(ctx, "no-such-request")
	require.ErrorIs(t, err, cvat.ErrNotFound)
	require.ErrorContains(t, err, "lambda job is not found")
	_, err = s.admin.Lambda.DeleteRequest(ctx, "no-such-request")
	require.ErrorIs(t, err, cvat.ErrNotFound)
	_, _, err = s.user.Lambda.ListRequests(ctx)
	if s.old {
		require.ErrorIs(t, err, cvat.ErrForbidden)
	} else {
		require.NoError(t, err)
	}
}

// conformDetector calls a detector for a frame, then runs it over the task.
func (s *target) conformDetector(t *testing.T, detector *models.Function) {
	t.Helper()
	ctx := t.Context()
	task := s.taskWithFrames(t)
	labels, err := s.admin.Tasks.Labels(ctx, task.ID)
	require.NoError(t, err)
	car := labelNamed(t, labels, "car")
	mapping := map[string]models.LabelMapping{detector.Labels[0].Name: {Name: car.Name}}
	found, _, err := s.admin.Lambda.Detect(ctx, detector.ID, models.DetectRequest{Task: task.ID, Frame: 1, Mapping: mapping})
	needFunctions(t, err)
	shapes := found.Annotations(1, labels).Shapes
	assert.True(t, len(shapes) > 0 || !s.functions)
	for _, shape := range shapes {
		assert.Equal(t, 1, shape.Frame)
		assert.Equal(t, car.ID, shape.LabelID)
	}
	stored, _, err := s.admin.Tasks.GetAnnotations(ctx, task.ID)
	require.NoError(t, err)
	assert.Empty(t, stored.Shapes, "a call stores nothing")

	run, _, err := s.admin.Lambda.CreateRequest(ctx, models.FunctionCallCreate{
		Function: detector.ID, Task: task.ID, Mapping: mapping, Threshold: 0.5, Cleanup: true,
	})
	require.NoError(t, err)
	assert.Equal(t, models.FunctionCallParams{ID: detector.ID, Task: task.ID, Threshold: 0.5}, run.Function)
	done, err := s.admin.Lambda.WaitForRequest(ctx, run.ID, &s.wait)
	require.NoError(t, err)
	assert.Equal(t, 100, done.Progress)
	assert.False(t, done.Started.Before(done.Enqueued))
	assert.False(t, done.Ended.Before(done.Started))
	stored, _, err = s.admin.Tasks.GetAnnotations(ctx, task.ID)
	require.NoError(t, err)
	for _, shape := range stored.Shapes {
		assert.Equal(t, models.SourceAuto, shape.Source)
		assert.Equal(t, car.ID, shape.LabelID)
	}
	runs, _, err := s.admin.Lambda.ListRequests(ctx)
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(runs, func(r *models.FunctionCall) bool { return r.ID == run.ID }))

	_, err = s.admin.Lambda.DeleteRequest(ctx, run.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Lambda.GetRequest(ctx, run.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
}
