package cvat_test

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// byHandle starts background work and keeps its handle in a file, or takes up that of an earlier process.
func byHandle(path string, start func() (*cvat.Background, error)) (*cvat.Background, error) {
	if data, err := os.ReadFile(path); err == nil {
		work := new(cvat.Background)
		return work, json.Unmarshal(data, work)
	}
	work, err := start()
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(work)
	if err != nil {
		return nil, err
	}
	return work, os.WriteFile(path, data, 0o600)
}

// runExporter exports the dataset of a task: its arguments are the task, the file, and the file of the handle.
func runExporter(ctx context.Context, client *cvat.Client, args []string) error {
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	work, err := byHandle(args[2], func() (*cvat.Background, error) {
		return client.Tasks.StartExportDataset(ctx, id, exportFormat, toFile)
	})
	if err != nil {
		return err
	}
	if _, err := client.Wait(ctx, work, &wait); err != nil {
		return err
	}
	_, err = client.DownloadToFile(ctx, work, args[1], toFile)
	return err
}

// runImporter imports annotations into a task: its arguments are the task, the archive, and the file of the handle.
func runImporter(ctx context.Context, client *cvat.Client, args []string) error {
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	work, err := byHandle(args[2], func() (*cvat.Background, error) {
		return client.Tasks.StartImportAnnotations(ctx, id, importFormat, cvat.Files(args[1]), &cvat.ImportOptions{ChunkSize: 256})
	})
	if err != nil {
		return err
	}
	_, err = client.Wait(ctx, work, &wait)
	return err
}

// runFrames downloads the frames of a task: its arguments are the task and the folder.
func runFrames(ctx context.Context, client *cvat.Client, args []string) error {
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	_, err = client.Tasks.DownloadFrames(ctx, id, args[1], nil)
	return err
}

// TestExportGoesOnInAnotherProcess kills a process while it waits for an export, and while it fetches it.
func TestExportGoesOnInAnotherProcess(t *testing.T) {
	t.Parallel()
	for stage, match := range map[string]func(*http.Request) bool{"look": isExportLook, "download": isDownload} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newAnnotatedTask(t, client)
				skip := 0
				if srv.Dialect() == testserver.V2_3 && stage == "look" {
					skip = 2 // which start the export
				}
				folder, handle := t.TempDir(), filepath.Join(t.TempDir(), "handle")
				run := func(ctx context.Context) error {
					return process(ctx, "export", srv.URL, strconv.FormatInt(id, 10), filepath.Join(folder, "a.zip"), handle).Run()
				}
				ctx, kill := context.WithCancel(t.Context())
				defer kill()
				killAt(srv, match, skip, true, kill)
				require.Error(t, run(ctx), "it was killed")
				require.FileExists(t, handle)
				assert.NoFileExists(t, filepath.Join(folder, "a.zip"))

				// What a server like 2.3 has given away it makes again.
				require.NoError(t, run(t.Context()))
				checkDataset(t, filepath.Join(folder, "a.zip"))
			})
		})
	}
}

// TestImportGoesOnInAnotherProcess kills a process while it waits for an import, before and after the server has said how it
// ended, which one like 2.3 says once.
func TestImportGoesOnInAnotherProcess(t *testing.T) {
	t.Parallel()
	for name, acts := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newAnnotatedTask(t, client)
				old, _, err := client.Tasks.GetAnnotations(t.Context(), id)
				require.NoError(t, err)
				archive, handle := filepath.Join(t.TempDir(), "a.zip"), filepath.Join(t.TempDir(), "handle")
				require.NoError(t, os.WriteFile(archive, exportOf(t, client.Tasks.ExportAnnotations, id), 0o600))
				skip := 0
				if srv.Dialect() == testserver.V2_3 {
					skip = 1 // which asks what may be in the way
				}
				run := func(ctx context.Context) error {
					return process(ctx, "import", srv.URL, strconv.FormatInt(id, 10), archive, handle).Run()
				}
				srv.Forget()
				srv.Plan(testserver.Work{Duration: 1})
				ctx, kill := context.WithCancel(t.Context())
				defer kill()
				killAt(srv, isImportLook, skip, acts, kill)
				require.Error(t, run(ctx), "it was killed")
				require.FileExists(t, handle)
				require.NoError(t, run(t.Context()))
				assert.Equal(t, 1, started(srv), "never a second start")
				data, _, err := client.Tasks.GetAnnotations(t.Context(), id)
				require.NoError(t, err)
				require.NotEmpty(t, data.Shapes)
				last := slices.MaxFunc(old.Shapes, func(a, b models.LabeledShape) int { return cmp.Compare(a.ID, b.ID) })
				for _, shape := range data.Shapes {
					assert.Greater(t, shape.ID, last.ID, "all are new")
				}
			})
		})
	}
}

// TestDownloadFramesGoesOnInAnotherProcess kills a process while it fetches frames. What has a name is whole, and the next
// one fetches the rest alone.
func TestDownloadFramesGoesOnInAnotherProcess(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		const n = 12
		id := newTaskOf(t, client, models.TaskCreate{Name: "street", Labels: labels()}, &cvat.UploadOptions{Wait: wait}, n)
		folder := t.TempDir()
		run := func(ctx context.Context) error {
			return process(ctx, "frames", srv.URL, strconv.FormatInt(id, 10), folder).Run()
		}
		whole := func() int {
			pictures := 0
			for name, data := range filesIn(t, folder) {
				if strings.HasPrefix(name, ".") {
					continue // what the killed process could not remove
				}
				number, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "frame"), ".png"))
				require.NoError(t, err)
				assert.Equal(t, picture(t, number), data, name)
				pictures++
			}
			return pictures
		}
		ctx, kill := context.WithCancel(t.Context())
		defer kill()
		isFrame := func(r *http.Request) bool { return r.URL.Query().Get("type") == "frame" }
		killAt(srv, isFrame, n/2, true, kill)
		require.Error(t, run(ctx), "it was killed")
		there := whole()
		assert.Less(t, there, n)
		srv.Forget()
		require.NoError(t, run(t.Context()))
		assert.Equal(t, n, whole())
		assert.Equal(t, n-there, srv.Count("tasks_retrieve_data"), "what is there is not fetched again")
	})
}
