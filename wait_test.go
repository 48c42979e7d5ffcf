package cvat_test

import (
	"context"
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

// A failure is final: looking again would find nothing, or, at an export of an old server, start the work anew.
func TestFailedWorkIsNotLookedAtAgain(t *testing.T) {
	t.Parallel()
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			server := testserver.Start(t, testserver.WithDialect(dialect))
			t.Cleanup(server.Close)
			client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"))
			require.NoError(t, err)
			task, _, err := client.Tasks.Create(t.Context(), models.TaskCreate{Name: "broken", Labels: []models.LabelCreate{{Name: "car"}}})
			require.NoError(t, err)

			looks, failures := 0, 0
			err = client.Tasks.Upload(t.Context(), task.ID, cvat.Bytes("broken.png", []byte("no picture")), &cvat.UploadOptions{
				Wait: cvat.WaitOptions{MaxInterval: 1, OnStatus: func(status cvat.WorkStatus) {
					looks++
					if status.State == models.RqStateFailed {
						failures++
					}
				}},
			})
			require.ErrorAs(t, err, new(*cvat.BackgroundError))
			assert.Equal(t, 1, failures, "of %d looks", looks)
		})
	}
}

// statusOf answers the looks at a task's data as a server would that says state, and that holds size frames.
func statusOf(state string, size *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/status") {
			replyJSON(200, `{"state":"`+state+`","message":"","progress":0}`)(w, r)
			return
		}
		if size.Load() == 0 {
			replyJSON(200, `{"id":7,"name":"street"}`)(w, r)
			return
		}
		replyJSON(200, `{"id":7,"name":"street","size":3}`)(w, r)
	}
}

// TestWaitForDataOfAnEmptyTask: "Finished" is also what a server says that knows of no work.
func TestWaitForDataOfAnEmptyTask(t *testing.T) {
	t.Parallel()
	t.Run("that stays empty", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			client := servePipe(t, statusOf("Finished", new(atomic.Int64))).client(t)
			start := time.Now()
			task, err := client.Tasks.WaitForData(t.Context(), 7, nil)
			require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
			require.ErrorContains(t, err, "data of task 7")
			assert.Nil(t, task)
			assert.GreaterOrEqual(t, time.Since(start), 20*time.Second, "it may be a moment before the work is known")
			assert.Less(t, time.Since(start), time.Minute, "but not for ever")
		})
	})
	t.Run("whose frames come late", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var size atomic.Int64
			client := servePipe(t, statusOf("Finished", &size)).client(t)
			time.AfterFunc(5*time.Second, func() { size.Store(3) })
			task, err := client.Tasks.WaitForData(t.Context(), 7, nil)
			require.NoError(t, err)
			assert.Equal(t, 3, task.Size)
		})
	})
}

// TestUploadThatStaysEmpty: the server says of its request, too, that it has finished, and the task has no frames.
func TestUploadThatStaysEmpty(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"for good": false, "for a moment": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var size atomic.Int64
				status := statusOf("Finished", &size)
				client := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
					switch {
					case strings.HasSuffix(r.URL.Path, "/about"):
						replyJSON(200, `{"version":"2.73.1"}`)(w, r)
					case strings.Contains(r.URL.Path, "/requests/"):
						replyJSON(200, `{"status":"finished","id":"x","result_id":7}`)(w, r)
					case strings.HasSuffix(r.URL.Path, "/data/"):
						replyJSON(202, `{"rq_id":"x"}`)(w, r)
					default:
						status(w, r)
					}
				}).client(t)
				if late {
					time.AfterFunc(5*time.Second, func() { size.Store(3) })
				}
				start := time.Now()
				task, err := client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street"}, cvat.Share("a.png"), nil)
				if late {
					require.NoError(t, err)
					assert.Equal(t, 3, task.Size)
					return
				}
				require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
				var failed *cvat.UploadError
				require.ErrorAs(t, err, &failed)
				assert.True(t, failed.Started)
				assert.Less(t, time.Since(start), time.Minute)
			})
		})
	}
}

// TestWaitEndsWithTheContext cancels between two looks.
func TestWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, statusOf("Started", new(atomic.Int64)))
		cause := errors.New("the user has left")
		ctx, cancel := context.WithCancelCause(t.Context())
		var states []models.RqState
		opts := &cvat.WaitOptions{MaxInterval: time.Hour, OnStatus: func(s cvat.WorkStatus) { states = append(states, s.State) }}
		start := time.Now()
		time.AfterFunc(90*time.Second, func() { cancel(cause) })
		_, err := server.client(t).Tasks.WaitForData(ctx, 7, opts)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		require.ErrorContains(t, err, "stopped waiting: the user has left")
		assert.Equal(t, 90*time.Second, time.Since(start), "at once")
		assert.Less(t, len(states), 20, "looks grow rare")
		assert.Contains(t, states, models.RqStateStarted)
	})
}

// TestWaitSurvivesFailedLooks up to a number in a row, then tells.
func TestWaitSurvivesFailedLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, reply(502, "text/html", "<html><title>Bad Gateway</title></html>"))
		client := server.client(t, cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 1}))
		_, err := client.Tasks.WaitForData(t.Context(), 7, nil)
		require.ErrorIs(t, err, cvat.ErrServer)
		assert.Len(t, server.arrived(), 11)
	})
}
