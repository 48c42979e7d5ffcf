package cvat_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

func TestAnnotateTask(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		before, _, err := client.Tasks.GetAnnotations(t.Context(), task)
		require.NoError(t, err)
		body := models.FunctionCallCreate{
			Function: testDetector, Task: task, Threshold: 0.5,
			Mapping: map[string]models.LabelMapping{"tree": {Name: "car"}},
		}
		run, _, err := client.Lambda.CreateRequest(t.Context(), body)
		require.NoError(t, err)
		assert.Equal(t, models.FunctionCallParams{ID: testDetector, Task: task, Threshold: 0.5}, run.Function)
		assert.Equal(t, models.FunctionCallQueued, run.Status)
		assert.WithinDuration(t, time.Now(), run.Enqueued, time.Minute)
		run, err = client.Lambda.WaitForRequest(t.Context(), run.ID, &wait)
		require.NoError(t, err)
		assert.Equal(t, models.FunctionCallFinished, run.Status)
		assert.Equal(t, 100, run.Progress)
		after, _, err := client.Tasks.GetAnnotations(t.Context(), task)
		require.NoError(t, err)
		assert.Len(t, after.Shapes, len(before.Shapes)+3, "a tree in each frame, as car")
		assert.Equal(t, before.Tags, after.Tags)

		body.Mapping, body.Cleanup = nil, true
		run, _, err = client.Lambda.CreateRequest(t.Context(), body)
		require.NoError(t, err)
		_, err = client.Lambda.WaitForRequest(t.Context(), run.ID, &wait)
		require.NoError(t, err)
		after, _, err = client.Tasks.GetAnnotations(t.Context(), task)
		require.NoError(t, err)
		assert.Len(t, after.Shapes, 3, "the others are gone")
		assert.Empty(t, after.Tags)
		assert.Empty(t, after.Tracks)
		for i, shape := range after.Shapes {
			assert.Equal(t, i, shape.Frame)
			assert.Equal(t, models.SourceAuto, shape.Source)
			assert.InDelta(t, 64+i, shape.Points[2], 0, "each frame was looked at")
		}
		runs, _, err := client.Lambda.ListRequests(t.Context())
		require.NoError(t, err)
		assert.NotEmpty(t, runs)
	})
}

func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		srv.Plan(testserver.Work{Operation: "lambda_create_requests", Times: 1, Hang: true})
		body := models.FunctionCallCreate{Function: testDetector, Task: task}
		run, _, err := client.Lambda.CreateRequest(t.Context(), body)
		require.NoError(t, err)
		_, _, err = client.Lambda.CreateRequest(t.Context(), body)
		require.ErrorIs(t, err, cvat.ErrConflict)
		require.ErrorContains(t, err, "Only one running request is allowed")
		before, _, err := client.Tasks.GetAnnotations(t.Context(), task)
		require.NoError(t, err)
		_, err = client.Lambda.DeleteRequest(t.Context(), run.ID)
		require.NoError(t, err)
		_, err = client.Lambda.WaitForRequest(t.Context(), run.ID, &wait)
		require.ErrorIs(t, err, cvat.ErrNotFound)
		after, _, err := client.Tasks.GetAnnotations(t.Context(), task)
		require.NoError(t, err)
		assert.Equal(t, before, after)
	})
}

func TestFailedRun(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		srv.AddFunction(testserver.Function{ID: "broken", Detect: func(testserver.FunctionInput) ([]testserver.FunctionObject, error) {
			return nil, errors.New("out of memory")
		}})
		run, _, err := client.Lambda.CreateRequest(t.Context(), models.FunctionCallCreate{Function: "broken", Task: task})
		require.NoError(t, err)
		got, err := client.Lambda.WaitForRequest(t.Context(), run.ID, &wait)
		failed := new(cvat.BackgroundError)
		require.ErrorAs(t, err, &failed)
		assert.Nil(t, got)
		assert.Equal(t, run.ID, failed.RequestID)
		assert.Contains(t, failed.Work, "automatic annotation of task")
		assert.Contains(t, failed.Message, "500 Server Error")
		runs, _, err := client.Lambda.ListRequests(t.Context())
		require.NoError(t, err)
		assert.Empty(t, runs, "failures are not listed")
		run, _, err = client.Lambda.GetRequest(t.Context(), run.ID)
		require.NoError(t, err)
		assert.Equal(t, models.FunctionCallFailed, run.Status)
		assert.False(t, run.Ended.IsZero())
	})
}

// A re-identification makes tracks of the rectangles of a task.
func TestReidentifyTask(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		labels, err := client.Tasks.Labels(t.Context(), task)
		require.NoError(t, err)
		box := func(frame int, left float64) models.LabeledShape {
			return models.LabeledShape{
				Type: models.ShapeTypeRectangle, Points: []float64{left, 0, left + 5, 5}, Frame: frame, LabelID: labelNamed(t, labels, "car").ID,
			}
		}
		road := models.LabeledShape{Type: models.ShapeTypePolygon, Points: []float64{0, 0, 5, 0, 5, 5}, LabelID: labelNamed(t, labels, "road").ID}
		_, _, err = client.Tasks.ReplaceAnnotations(t.Context(), task, models.LabeledData{
			Shapes: []models.LabeledShape{box(0, 10), box(0, 40), road, box(1, 12), box(2, 14)},
		})
		require.NoError(t, err)
		run, _, err := client.Lambda.CreateRequest(t.Context(), models.FunctionCallCreate{Function: testReid, Task: task, MaxDistance: 5})
		require.NoError(t, err)
		_, err = client.Lambda.WaitForRequest(t.Context(), run.ID, &wait)
		require.NoError(t, err)
		got, _, err := client.Tasks.GetAnnotations(t.Context(), task)
		require.NoError(t, err)
		require.Len(t, got.Shapes, 1)
		assert.Equal(t, models.ShapeTypePolygon, got.Shapes[0].Type)
		require.Len(t, got.Tracks, 2)
		assert.Len(t, got.Tracks[0].Shapes, 3)
		require.Len(t, got.Tracks[1].Shapes, 2)
		assert.True(t, got.Tracks[1].Shapes[1].Outside)
	})
}

// Newer servers annotate single jobs, and show such work among all other.
func TestAnnotateJob(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	deployFunctions(srv)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	task := newAnnotatedTask(t, client)
	jobs, err := client.Tasks.Jobs(t.Context(), task)
	require.NoError(t, err)
	job := jobs[0].ID
	work, err := client.Lambda.StartAnnotation(t.Context(), models.FunctionCallCreate{Function: testDetector, Task: task, Job: job, Cleanup: true})
	require.NoError(t, err)
	assert.Equal(t, "job", work.Target)
	assert.Equal(t, job, work.ID)
	result, err := client.Wait(t.Context(), work, &wait)
	require.NoError(t, err)
	assert.Equal(t, job, result.ID)
	got, _, err := client.Jobs.GetAnnotations(t.Context(), job)
	require.NoError(t, err)
	assert.Len(t, got.Shapes, 3)

	request := new(models.Request)
	_, err = client.Do(t.Context(), cvat.OpRequestsRetrieve, cvat.Args{Path: []any{work.RequestID}}, nil, request)
	require.NoError(t, err)
	assert.Equal(t, "autoannotate:task", request.Operation.Type)
	assert.Equal(t, testDetector, request.Operation.FunctionID)
	assert.Equal(t, job, request.Operation.JobID)
}

// TestAnnotationOfAnotherProcess waits for a run by a handle that was stored.
func TestAnnotationOfAnotherProcess(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		work, err := client.Lambda.StartAnnotation(t.Context(), models.FunctionCallCreate{Function: testDetector, Task: task})
		require.NoError(t, err)
		work = throughJSON(t, work)
		assert.Equal(t, cvat.BackgroundAutoAnnotation, work.Kind)
		result, err := client.Wait(t.Context(), work, &wait)
		require.NoError(t, err)
		assert.Equal(t, task, result.ID)
		_, err = client.Wait(t.Context(), &cvat.Background{Kind: work.Kind, Target: "task", ID: task}, nil)
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "Background.RequestID", refused.Field)
		_, err = client.Lambda.StartAnnotation(t.Context(), models.FunctionCallCreate{})
		require.ErrorAs(t, err, &refused)
	})
}

// statuses answers one look after the other, and goes on with the last answer.
func statuses(answers ...http.HandlerFunc) http.HandlerFunc {
	var looks atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		answers[min(int(looks.Add(1)), len(answers))-1](w, r)
	}
}

func callStatus(status, rest string) http.HandlerFunc {
	return replyJSON(http.StatusOK, `{"id":"r","function":{"id":"f","task":7,"threshold":null},"status":"`+status+`"`+rest+`}`)
}

func TestWaitForRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, statuses(
			callStatus("queued", `,"progress":null`), callStatus("deferred", ""), callStatus("scheduled", ""),
			reply(http.StatusBadGateway, "text/html", "<html></html>"),
			callStatus("started", `,"progress":40`), callStatus("unheard-of", ""), callStatus("finished", `,"progress":100`)))
		var states []models.RqState
		var progress []float64
		run, err := server.client(t, cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 1})).Lambda.WaitForRequest(t.Context(), "r", &cvat.WaitOptions{
			OnStatus: func(status cvat.WorkStatus) {
				assert.Equal(t, "automatic annotation of task 7", status.Work)
				states, progress = append(states, status.State), append(progress, status.Progress)
			},
		})
		require.NoError(t, err)
		assert.Equal(t, models.FunctionCallFinished, run.Status)
		assert.Equal(t, []models.RqState{"Queued", "Queued", "Queued", "Started", "unheard-of", "Finished"}, states)
		assert.InDeltaSlice(t, []float64{0, 0, 0, 0.4, 0, 1}, progress, 1e-9)
	})
}

func TestRunsThatEndBadly(t *testing.T) {
	t.Parallel()
	traceback := `Traceback (most recent call last):\n  File \"/opt/venv/rq/worker.py\", line 1428\n` + strings.Repeat(`  more\n`, 100) +
		`requests.exceptions.ConnectionError: no such host\n`
	for want, answer := range map[string]http.HandlerFunc{
		"requests.exceptions.ConnectionError: no such host": callStatus("failed", `,"exc_info":"`+traceback+`"`),
		"stopped":  callStatus("stopped", `,"exc_info":null`),
		"canceled": callStatus("canceled", ""),
	} {
		server := servePipe(t, answer)
		run, err := server.client(t).Lambda.WaitForRequest(t.Context(), "r", nil)
		failed := new(cvat.BackgroundError)
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, want, failed.Message)
		assert.Nil(t, run)
		server.only(t)
	}
}

// At 2.3 runs are for the privileged, and deleting them is for administrators.
func TestRunsOfOrdinaryUsers(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3), testserver.WithAnonymousLimit(0))
	t.Cleanup(srv.Close)
	deployFunctions(srv)
	user := newClient(t, srv.URL, cvat.WithBasicAuth("user1", "user-password"))
	_, _, err := user.Lambda.ListFunctions(t.Context())
	require.NoError(t, err)
	_, _, err = user.Lambda.ListRequests(t.Context())
	require.ErrorIs(t, err, cvat.ErrForbidden)
	_, _, err = user.Lambda.GetRequest(t.Context(), "x")
	require.ErrorIs(t, err, cvat.ErrForbidden)
	_, err = user.Lambda.DeleteRequest(t.Context(), "x")
	require.ErrorIs(t, err, cvat.ErrForbidden)
	_, _, err = user.Lambda.CreateRequest(t.Context(), models.FunctionCallCreate{Function: testDetector, Task: newEmptyTask(t, user)})
	require.ErrorIs(t, err, cvat.ErrForbidden)
}
