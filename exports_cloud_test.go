package cvat_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// newStorage attaches the bucket streets.
func newStorage(t *testing.T, client *cvat.Client) int64 {
	t.Helper()
	storage, _, err := client.CloudStorages.Create(t.Context(), s3Storage("streets"))
	require.NoError(t, err)
	return storage.ID
}

func TestExportToCloud(t *testing.T) {
	t.Parallel()
	onBuckets(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		ctx := t.Context()
		project, _, err := client.Projects.Create(ctx, models.ProjectCreate{Name: "city", Labels: labels()})
		require.NoError(t, err)
		id := newTaskOf(t, client, models.TaskCreate{Name: "street", ProjectID: project.ID}, &cvat.UploadOptions{Wait: wait}, 3)
		jobs, err := client.Tasks.Jobs(ctx, id)
		require.NoError(t, err)
		job, storage := jobs[0].ID, newStorage(t, client)
		for name, test := range map[string]struct {
			run    func(name string) error
			images int
		}{
			"task.zip": {func(n string) error {
				return client.Tasks.ExportDatasetToCloud(ctx, id, exportFormat, storage, n, toFile)
			}, 3},
			"task annotations.zip": {func(n string) error {
				return client.Tasks.ExportAnnotationsToCloud(ctx, id, exportFormat, storage, n, toFile)
			}, 0},
			"job.zip": {func(n string) error {
				return client.Jobs.ExportDatasetToCloud(ctx, job, exportFormat, storage, n, toFile)
			}, 3},
			"job annotations.zip": {func(n string) error {
				return client.Jobs.ExportAnnotationsToCloud(ctx, job, exportFormat, storage, n, toFile)
			}, 0},
			"project.zip": {func(n string) error {
				return client.Projects.ExportDatasetToCloud(ctx, project.ID, exportFormat, storage, n, toFile)
			}, 3},
			"project annotations.zip": {func(n string) error {
				return client.Projects.ExportAnnotationsToCloud(ctx, project.ID, exportFormat, storage, n, toFile)
			}, 0},
		} {
			require.NoError(t, test.run("out/"+name))
			data, there := srv.Bucket("streets")["out/"+name]
			require.True(t, there, name)
			_, images := openExport(t, data)
			assert.Equal(t, test.images, images, name)
		}

		before := len(srv.Bucket("streets"))
		require.NoError(t, client.Tasks.ExportDatasetToCloud(ctx, id, exportFormat, storage, "", nil))
		assert.Len(t, srv.Bucket("streets"), before+1, "under the server's name")
		require.ErrorAs(t, client.Tasks.ExportDatasetToCloud(ctx, id, exportFormat, 0, "a.zip", nil), new(*cvat.ArgumentError))
		require.ErrorAs(t, client.Tasks.ExportDatasetToCloud(ctx, id, "", storage, "a.zip", nil), new(*cvat.ArgumentError))
		require.ErrorIs(t, client.Tasks.ExportDatasetToCloud(ctx, id, exportFormat, 99, "a.zip", toFile), cvat.ErrServer)
	})
}

// TestExportDoesNotGoToTheCloudByDefault: the object may have a cloud storage where its exports go unless they are told
// not to.
func TestExportDoesNotGoToTheCloudByDefault(t *testing.T) {
	t.Parallel()
	onBuckets(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		storage := newStorage(t, client)
		id := newTaskOf(t, client, models.TaskCreate{
			Name: "street", Labels: labels(),
			TargetStorage: &models.StorageWrite{Location: models.LocationCloudStorage, CloudStorageID: models.Value(storage)},
		}, &cvat.UploadOptions{Wait: wait}, 3)
		before := srv.Bucket("streets")
		file, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, t.TempDir(), toFile)
		require.NoError(t, err)
		assert.Positive(t, file.Size)
		assert.Equal(t, before, srv.Bucket("streets"))
	})
}

// TestExportToCloudFaults: success means that the file is there, and a lost answer is no success.
func TestExportToCloudFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault testserver.Fault // of the hand-over at 2.3
		fails error
	}{
		"202 once":    {testserver.Fault{Status: http.StatusAccepted, Times: 1}, nil},
		"202 always":  {testserver.Fault{Status: http.StatusAccepted}, cvat.ErrNotFound},
		"answer lost": {testserver.Fault{Kind: testserver.CutAfter, Times: 1}, cvat.ErrOutcomeUnknown},
		"502":         {testserver.Fault{Status: http.StatusBadGateway, Times: 1}, cvat.ErrOutcomeUnknown},
		"500":         {testserver.Fault{Kind: testserver.HTMLPage, Status: http.StatusInternalServerError}, cvat.ErrServer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3))
			t.Cleanup(srv.Close)
			srv.AddBucket("streets", pictureBucket(t))
			client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
			id, storage := newAnnotatedTask(t, client), newStorage(t, client)
			test.fault.Operation, test.fault.Match = "tasks_retrieve_dataset", isDownload
			srv.Fail(test.fault)
			err := client.Tasks.ExportDatasetToCloud(t.Context(), id, exportFormat, storage, "a.zip", toFile)
			// What a connection in use has lost, net/http asks for again by itself; the server has forgotten the export, and
			// it is made anew.
			again := err == nil && test.fault.Kind == testserver.CutAfter
			if test.fails != nil && !again {
				require.ErrorIs(t, err, test.fails)
				return
			}
			require.NoError(t, err)
			assert.Contains(t, srv.Bucket("streets"), "a.zip")
		})
	}
	t.Run("failed work", func(t *testing.T) {
		t.Parallel()
		onBuckets(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
			t.Helper()
			id, storage := newAnnotatedTask(t, client), newStorage(t, client)
			srv.RemoveBucket("streets")
			err := client.Tasks.ExportDatasetToCloud(t.Context(), id, exportFormat, storage, "a.zip", toFile)
			require.Error(t, err)
			if srv.Dialect() == testserver.V2_73 {
				require.ErrorAs(t, err, new(*cvat.BackgroundError))
			}
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		onBuckets(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
			t.Helper()
			id, storage := newAnnotatedTask(t, client), newStorage(t, client)
			ctx, cancel := context.WithCancel(t.Context())
			client, err := client.With(before(func(r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/export") || r.URL.Query().Get("location") != "" {
					cancel()
				}
			}))
			require.NoError(t, err)
			require.ErrorIs(t, client.Tasks.ExportDatasetToCloud(ctx, id, exportFormat, storage, "a.zip", toFile), context.Canceled)
		})
	})
}

// TestExportToCloudLeavesLeftoversAlone: what somebody else has exported does not go to the cloud storage.
func TestExportToCloudLeavesLeftoversAlone(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3))
	t.Cleanup(srv.Close)
	srv.AddBucket("streets", pictureBucket(t))
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	id, storage := newAnnotatedTask(t, client), newStorage(t, client)
	work, err := client.Tasks.StartExportAnnotations(t.Context(), id, exportFormat, toFile)
	require.NoError(t, err)
	_, err = client.Wait(t.Context(), work, &wait)
	require.NoError(t, err)
	handed := 0
	watched, err := client.With(before(func(r *http.Request) {
		if isDownload(r) && r.URL.Query().Get("location") == "cloud_storage" {
			handed++
		}
	}))
	require.NoError(t, err)
	require.NoError(t, watched.Tasks.ExportDatasetToCloud(t.Context(), id, exportFormat, storage, "a.zip", toFile))
	assert.Equal(t, 1, handed)
	_, images := openExport(t, srv.Bucket("streets")["a.zip"])
	assert.Equal(t, 3, images)
	assert.Len(t, srv.Bucket("streets"), len(pictureBucket(t))+1)
	_, err = client.Download(t.Context(), work, io.Discard)
	require.ErrorIs(t, err, cvat.ErrNotFound)
}

// TestExportToCloudOfServersBetween: from 2.10.1 to 2.15 the archive is in the cloud storage when the server answers 200.
func TestExportToCloudOfServersBetween(t *testing.T) {
	t.Parallel()
	for name, looks := range map[string]int{"after some looks": 3, "at once": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/about") {
					replyJSON(200, `{"version":"2.12.0"}`)(w, r)
					return
				}
				assert.Equal(t, "cloud_storage", r.URL.Query().Get("location"))
				assert.Equal(t, "5", r.URL.Query().Get("cloud_storage_id"))
				assert.Equal(t, "a.zip", r.URL.Query().Get("filename"))
				assert.Empty(t, r.URL.Query().Get("action"))
				if asked++; asked < looks {
					w.WriteHeader(http.StatusAccepted)
				}
			})
			require.NoError(t, server.client(t).Tasks.ExportDatasetToCloud(t.Context(), 7, exportFormat, 5, "a.zip", toFile))
			assert.Equal(t, looks, asked)
		})
	}
}
