package cvat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// throughJSON passes a handle through JSON, as one process leaves it to another.
func throughJSON(t *testing.T, b *cvat.Background) *cvat.Background {
	t.Helper()
	data, err := json.Marshal(b)
	require.NoError(t, err)
	out := new(cvat.Background)
	require.NoError(t, json.Unmarshal(data, out))
	return out
}

// TestBackgroundOfAnotherProcess starts exports with one client, and waits for them and fetches them with another.
func TestBackgroundOfAnotherProcess(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		jobs, err := client.Tasks.Jobs(t.Context(), id)
		require.NoError(t, err)
		dataset, err := client.Tasks.StartExportDataset(t.Context(), id, exportFormat, &cvat.ExportOptions{Wait: wait})
		require.NoError(t, err)
		annotations, err := client.Jobs.StartExportAnnotations(t.Context(), jobs[0].ID, exportFormat, &cvat.ExportOptions{Wait: wait})
		require.NoError(t, err)
		works := []*cvat.Background{throughJSON(t, dataset), throughJSON(t, annotations)}

		other := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
		looks := 0
		results, err := other.WaitAll(t.Context(), works, &cvat.WaitOptions{
			MaxInterval: wait.MaxInterval,
			OnStatus:    func(cvat.WorkStatus) { looks++ }, // the race detector would see two at a time
		})
		require.NoError(t, err)
		assert.Len(t, results, 2)
		assert.GreaterOrEqual(t, looks, 2)
		for i, images := range []int{3, 0} {
			var buf bytes.Buffer
			file, err := other.Download(t.Context(), works[i], &buf)
			require.NoError(t, err)
			assert.Equal(t, int64(buf.Len()), file.Size)
			_, n := openExport(t, buf.Bytes())
			assert.Equal(t, images, n, "images of the %s", works[i])
		}

		// Old servers give a result away once.
		var buf bytes.Buffer
		_, err = other.Download(t.Context(), works[0], &buf)
		if srv.Dialect() == testserver.V2_3 {
			require.ErrorIs(t, err, cvat.ErrNotFound)
			require.ErrorContains(t, err, works[0].String())
		} else {
			require.NoError(t, err)
		}
	})
}

// TestWaitAllGoesOn after work that failed.
func TestWaitAllGoesOn(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		good, bad := newAnnotatedTask(t, client), newAnnotatedTask(t, client)
		start := "tasks_create_dataset_export"
		if srv.Dialect() == testserver.V2_3 {
			start = "tasks_retrieve_dataset"
		}
		srv.Plan(testserver.Work{Operation: start, Times: 1, Duration: time.Second, Failure: "ValueError: planned"})
		var works []*cvat.Background
		for _, id := range []int64{bad, good} {
			work, err := client.Tasks.StartExportDataset(t.Context(), id, exportFormat, &cvat.ExportOptions{Wait: wait})
			require.NoError(t, err)
			works = append(works, work)
		}
		results, err := client.WaitAll(t.Context(), works, &wait)
		failed := new(cvat.BackgroundError)
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, works[0].String(), failed.Work)
		require.ErrorContains(t, err, "planned")
		require.Len(t, results, 2)
		assert.Nil(t, results[0])
		assert.Equal(t, good, results[1].ID)
	})
}

// TestWaitForTaskData waits for data by a handle, also when the server has forgotten the request.
func TestWaitForTaskData(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		work := &cvat.Background{Kind: cvat.BackgroundTaskData, Target: "task", ID: id, RequestID: "action=create&target=task&id=1"}
		srv.Allow(testserver.UnknownRoute)
		result, err := client.Wait(t.Context(), work, nil)
		require.NoError(t, err)
		assert.Equal(t, id, result.ID)
	})
}

// TestUselessHandles are refused before anything is sent that could start work anew.
func TestUselessHandles(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		_, _, err := client.Server.About(t.Context())
		require.NoError(t, err)
		srv.Forget()
		refused := func(err error) {
			t.Helper()
			argument := new(cvat.ArgumentError)
			require.ErrorAs(t, err, &argument)
			assert.NotEmpty(t, argument.Field)
		}
		_, err = client.Wait(t.Context(), nil, nil)
		refused(err)
		_, err = client.Download(t.Context(), nil, io.Discard)
		refused(err)
		for _, b := range []cvat.Background{
			{},
			{Kind: "of the future", Target: "task", ID: 1},
			{Kind: cvat.BackgroundExportDataset, Target: "user", ID: 1, Format: exportFormat},
			{Kind: cvat.BackgroundExportDataset, Target: "task", Format: exportFormat},
			{Kind: cvat.BackgroundExportDataset, Target: "task", ID: 1},
		} {
			_, err = client.Wait(t.Context(), &b, nil)
			refused(err)
			_, err = client.Download(t.Context(), &b, io.Discard)
			refused(err)
		}
		data := cvat.Background{Kind: cvat.BackgroundTaskData, Target: "task", ID: 1}
		_, err = client.Download(t.Context(), &data, io.Discard)
		refused(err)
		export := cvat.Background{Kind: cvat.BackgroundExportDataset, Target: "task", ID: 1, Format: exportFormat}
		_, err = client.Download(t.Context(), &export, nil)
		refused(err)
		assert.Empty(t, srv.Requests())
	})
}

// TestWaitIsCancelled at the first look.
func TestWaitIsCancelled(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		work, err := client.Tasks.StartExportDataset(t.Context(), id, exportFormat, nil)
		require.NoError(t, err)
		cause := errors.New("the user has left")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		poll, _ := exports(srv.Dialect())
		srv.Fail(testserver.Fault{Operation: poll, Status: http.StatusBadGateway, Match: func(*http.Request) bool { cancel(cause); return true }})
		_, err = client.WaitAll(ctx, []*cvat.Background{work}, nil)
		require.ErrorIs(t, err, cause)
		require.ErrorIs(t, err, context.Canceled)
	})
}
