package cvat_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

const importFormat = "CVAT 1.1"

// importCase is a workflow that brings an archive into a server, with what it needs.
type importCase struct {
	run    func(ctx context.Context, client *cvat.Client, archive []byte, chunk int64) error
	start  func(ctx context.Context, client *cvat.Client, archive []byte) (*cvat.Background, error)
	good   []byte
	starts string // the operation that starts it, for a small archive
	count  func(*testing.T) int
	delta  int // by how much it changes that count
}

// importCases prepares one of each workflow.
func importCases() map[string]func(*testing.T, *testserver.Server, *cvat.Client) *importCase {
	return map[string]func(*testing.T, *testserver.Server, *cvat.Client) *importCase{
		"annotations of a task": func(t *testing.T, srv *testserver.Server, client *cvat.Client) *importCase {
			t.Helper()
			id := newAnnotatedTask(t, client)
			a := &importCase{good: exportOf(t, client.Tasks.ExportAnnotations, id), starts: "tasks_create_annotations"}
			if srv.Dialect() == testserver.V2_3 {
				a.starts = "tasks_update_annotations"
			}
			a.run = func(ctx context.Context, c *cvat.Client, archive []byte, chunk int64) error {
				return c.Tasks.ImportAnnotations(ctx, id, importFormat, cvat.Bytes("a.zip", archive), &cvat.ImportOptions{ChunkSize: chunk, Wait: wait})
			}
			a.start = func(ctx context.Context, c *cvat.Client, archive []byte) (*cvat.Background, error) {
				return c.Tasks.StartImportAnnotations(ctx, id, importFormat, cvat.Bytes("a.zip", archive), nil)
			}
			return a.counting(t, func(t *testing.T) *models.LabeledData {
				t.Helper()
				data, _, err := client.Tasks.GetAnnotations(t.Context(), id)
				require.NoError(t, err)
				return data
			})
		},
		"annotations of a job": func(t *testing.T, srv *testserver.Server, client *cvat.Client) *importCase {
			t.Helper()
			jobs, err := client.Tasks.Jobs(t.Context(), newAnnotatedTask(t, client))
			require.NoError(t, err)
			id := jobs[0].ID
			a := &importCase{good: exportOf(t, client.Jobs.ExportAnnotations, id), starts: "jobs_create_annotations"}
			if srv.Dialect() == testserver.V2_3 {
				a.starts = "jobs_update_annotations"
			}
			a.run = func(ctx context.Context, c *cvat.Client, archive []byte, chunk int64) error {
				return c.Jobs.ImportAnnotations(ctx, id, importFormat, cvat.Bytes("a.zip", archive), &cvat.ImportOptions{ChunkSize: chunk, Wait: wait})
			}
			a.start = func(ctx context.Context, c *cvat.Client, archive []byte) (*cvat.Background, error) {
				return c.Jobs.StartImportAnnotations(ctx, id, importFormat, cvat.Bytes("a.zip", archive), nil)
			}
			return a.counting(t, func(t *testing.T) *models.LabeledData {
				t.Helper()
				data, _, err := client.Jobs.GetAnnotations(t.Context(), id)
				require.NoError(t, err)
				return data
			})
		},
		"dataset of a project": func(t *testing.T, _ *testserver.Server, client *cvat.Client) *importCase {
			t.Helper()
			project, _ := newAnnotatedProject(t, client)
			a := &importCase{good: exportOf(t, client.Projects.ExportDataset, project), starts: "projects_create_dataset", delta: 1}
			a.run = func(ctx context.Context, c *cvat.Client, archive []byte, chunk int64) error {
				return c.Projects.ImportDataset(ctx, project, importFormat, cvat.Bytes("a.zip", archive), &cvat.ImportOptions{ChunkSize: chunk, Wait: wait})
			}
			a.start = func(ctx context.Context, c *cvat.Client, archive []byte) (*cvat.Background, error) {
				return c.Projects.StartImportDataset(ctx, project, importFormat, cvat.Bytes("a.zip", archive), nil)
			}
			a.count = func(t *testing.T) int {
				t.Helper()
				_, resp, err := client.Tasks.List(t.Context(), &cvat.TaskListOptions{ProjectID: project})
				require.NoError(t, err)
				return resp.Count
			}
			return a
		},
		"backup of a task": func(t *testing.T, _ *testserver.Server, client *cvat.Client) *importCase {
			t.Helper()
			a := &importCase{good: backupOf(t, client.Tasks.Backup, newAnnotatedTask(t, client)), starts: "tasks_create_backup", delta: 1}
			a.run = func(ctx context.Context, c *cvat.Client, archive []byte, chunk int64) error {
				id, err := c.Tasks.RestoreBackup(ctx, cvat.Bytes("a.zip", archive), &cvat.RestoreOptions{ChunkSize: chunk, Wait: wait})
				if err == nil {
					_, _, err = c.Tasks.Get(ctx, id)
				}
				return err
			}
			a.start = func(ctx context.Context, c *cvat.Client, archive []byte) (*cvat.Background, error) {
				return c.Tasks.StartRestoreBackup(ctx, cvat.Bytes("a.zip", archive), nil)
			}
			a.count = func(t *testing.T) int {
				t.Helper()
				_, resp, err := client.Tasks.List(t.Context(), nil)
				require.NoError(t, err)
				return resp.Count
			}
			return a
		},
		"backup of a project": func(t *testing.T, _ *testserver.Server, client *cvat.Client) *importCase {
			t.Helper()
			project, _ := newAnnotatedProject(t, client)
			a := &importCase{good: backupOf(t, client.Projects.Backup, project), starts: "projects_create_backup", delta: 1}
			a.run = func(ctx context.Context, c *cvat.Client, archive []byte, chunk int64) error {
				id, err := c.Projects.RestoreBackup(ctx, cvat.Bytes("a.zip", archive), &cvat.RestoreOptions{ChunkSize: chunk, Wait: wait})
				if err == nil {
					_, _, err = c.Projects.Get(ctx, id)
				}
				return err
			}
			a.start = func(ctx context.Context, c *cvat.Client, archive []byte) (*cvat.Background, error) {
				return c.Projects.StartRestoreBackup(ctx, cvat.Bytes("a.zip", archive), nil)
			}
			a.count = func(t *testing.T) int {
				t.Helper()
				_, resp, err := client.Projects.List(t.Context(), nil)
				require.NoError(t, err)
				return resp.Count
			}
			return a
		},
	}
}

// counting counts the annotations that were not there before: an import replaces them all.
func (a *importCase) counting(t *testing.T, read func(*testing.T) *models.LabeledData) *importCase {
	t.Helper()
	before := map[int64]bool{}
	for _, shape := range read(t).Shapes {
		before[shape.ID] = true
	}
	require.NotEmpty(t, before)
	a.delta = 1
	a.count = func(t *testing.T) int {
		t.Helper()
		kept, came := 0, 0
		for _, shape := range read(t).Shapes {
			if before[shape.ID] {
				kept++
			} else {
				came++
			}
		}
		switch {
		case came == 0:
			assert.Equal(t, len(before), kept, "nothing is lost by an import that did not go through")
			return 0
		case kept > 0:
			return -1
		}
		return 1
	}
	return a
}

// eachImport runs a test with every workflow, in both dialects, on servers of their own.
func eachImport(t *testing.T, run func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase)) {
	t.Helper()
	for name, prepare := range importCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				a := prepare(t, srv, client)
				srv.Forget()
				run(t, srv, client, a)
			})
		})
	}
}

func newAnnotatedProject(t *testing.T, client *cvat.Client) (project, task int64) {
	t.Helper()
	p, _, err := client.Projects.Create(t.Context(), models.ProjectCreate{Name: "town", Labels: labels()})
	require.NoError(t, err)
	created, _, err := client.Tasks.Create(t.Context(), models.TaskCreate{Name: "street", ProjectID: p.ID, Subset: "Train", SegmentSize: 2})
	require.NoError(t, err)
	require.NoError(t, client.Tasks.Upload(t.Context(), created.ID, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: wait}))
	stored, err := client.Tasks.Labels(t.Context(), created.ID)
	require.NoError(t, err)
	_, _, err = client.Tasks.ReplaceAnnotations(t.Context(), created.ID, annotations(t, stored))
	require.NoError(t, err)
	return p.ID, created.ID
}

func exportOf(t *testing.T, export func(context.Context, int64, string, io.Writer, *cvat.ExportOptions) (*cvat.ExportedFile, error), id int64) []byte {
	t.Helper()
	var buf bytes.Buffer
	_, err := export(t.Context(), id, exportFormat, &buf, &cvat.ExportOptions{Wait: wait})
	require.NoError(t, err)
	return buf.Bytes()
}

func backupOf(t *testing.T, backup func(context.Context, int64, io.Writer, *cvat.ExportOptions) (*cvat.ExportedFile, error), id int64) []byte {
	t.Helper()
	var buf bytes.Buffer
	file, err := backup(t.Context(), id, &buf, &cvat.ExportOptions{Wait: wait})
	require.NoError(t, err)
	assert.Contains(t, file.Name, "_backup_")
	return buf.Bytes()
}

// isImportStart recognises the request that starts an import.
func isImportStart(r *http.Request) bool {
	return r.Header.Get("Upload-Finish") != "" || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
}

// isImportLook recognises a question how an import goes, in both protocols.
func isImportLook(r *http.Request) bool {
	switch {
	case strings.Contains(r.URL.Path, "/api/requests/"):
		return true
	case r.Method == http.MethodPut:
		return r.ContentLength == 0
	case r.Method == http.MethodPost:
		return strings.Contains(r.URL.Path, "/backup") && r.Header.Get("Content-Type") == "application/json"
	}
	return r.URL.Query().Get("action") == "import_status"
}

// started counts the requests of a journal that started an import.
func started(srv *testserver.Server) int {
	n := 0
	for _, r := range srv.Requests() {
		if r.Header.Get("Upload-Finish") != "" || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			n++
		}
	}
	return n
}

// TestImportSurvives lets things go wrong that an import must come through, exactly once.
func TestImportSurvives(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]testserver.Fault{
		"nothing":                       {Operation: "none"},
		"ten looks fail":                {Match: isImportLook, Times: 40, Status: http.StatusBadGateway}, // each is repeated
		"connection cut before looking": {Kind: testserver.CutBefore, Match: isImportLook, Times: 3},
		"start must wait":               {Match: isImportStart, Times: 1, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}},
		"the last chunk is lost":        {Kind: testserver.CutAfter, Match: func(r *http.Request) bool { return r.Method == http.MethodPatch && r.ContentLength < 256 }, Times: 1},
		"a chunk is lost":               {Kind: testserver.CutBefore, Match: func(r *http.Request) bool { return r.Method == http.MethodPatch }, Skip: 1, Times: 1},
	} {
		for _, chunk := range []int64{0, 256} {
			t.Run(fmt.Sprintf("%s, chunks of %d", name, chunk), func(t *testing.T) {
				t.Parallel()
				eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
					t.Helper()
					before := a.count(t)
					fault := fault
					if fault.Times == 40 {
						fault.Skip = looksBefore(srv, a)
					}
					srv.Fail(fault)
					require.NoError(t, a.run(t.Context(), client, a.good, chunk))
					srv.Heal()
					assert.Equal(t, before+a.delta, a.count(t))
				})
			})
		}
	}
}

// looksBefore is how many looks come before those that ask for the end: one for what may be in the way.
func looksBefore(srv *testserver.Server, a *importCase) int {
	if srv.Dialect() == testserver.V2_3 && !strings.Contains(a.starts, "backup") {
		return 1
	}
	return 0
}

// TestImportLosesItsEnd loses the answer that says how an import ended. Servers like 2.3 say it once; the object itself shows
// whether it has gone through.
func TestImportLosesItsEnd(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]string{"done": "", "failed": "ValueError: planned"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
				t.Helper()
				before := a.count(t)
				srv.Plan(testserver.Work{Operation: a.starts, Duration: 1, Failure: failure})
				srv.Fail(testserver.Fault{Kind: testserver.CutAfter, Match: isImportLook, Skip: looksBefore(srv, a), Times: 1})
				err := a.run(t.Context(), client, a.good, 0)
				srv.Heal()
				assert.Equal(t, 1, started(srv), "never a second start")
				switch {
				case failure == "":
					require.NoError(t, err)
					assert.Equal(t, before+a.delta, a.count(t))
				case srv.Dialect() == testserver.V2_3:
					require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
					require.ErrorContains(t, err, "nothing shows that it has gone through")
					assert.Equal(t, before, a.count(t))
				default:
					require.ErrorAs(t, err, new(*cvat.BackgroundError), "newer servers say it as often as they are asked")
				}
			})
		})
	}
}

// TestImportEndOfAnotherProcess waits in another process, which loses the last answer.
func TestImportEndOfAnotherProcess(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		before := a.count(t)
		work, err := a.start(t.Context(), client, a.good)
		require.NoError(t, err)
		assert.Equal(t, srv.Dialect() == testserver.V2_73 || strings.Contains(a.starts, "backup"), work.RequestID != "")
		other := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
		for range 2 {
			// The second time a server like 2.3 has forgotten it: what was imported shows it.
			result, err := other.Wait(t.Context(), throughJSON(t, work), &wait)
			require.NoError(t, err)
			assert.Positive(t, result.ID)
		}
		assert.Equal(t, before+a.delta, a.count(t))
		work.Before, work.RequestID = nil, strings.Replace(work.RequestID, "import", "none", 1)
		srv.Allow(testserver.UnknownRoute)
		_, err = other.Wait(t.Context(), work, &wait)
		require.Error(t, err, "nothing tells how it ended")
		assert.Equal(t, 1, started(srv))
	})
}

// TestImportFails lets things go wrong that an import cannot come through.
func TestImportFails(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		before := a.count(t)
		fails := func(archive []byte, chunk int64) error {
			t.Helper()
			err := a.run(t.Context(), client, archive, chunk)
			require.Error(t, err)
			srv.Heal()
			assert.Equal(t, before, a.count(t))
			return err
		}
		failed := new(cvat.BackgroundError)

		srv.Plan(testserver.Work{Operation: a.starts, Times: 1, Failure: "ValueError: planned"})
		require.ErrorAs(t, fails(a.good, 0), &failed)
		assert.Equal(t, "ValueError: planned", strings.TrimSpace(failed.Message))
		require.NotErrorIs(t, failed, cvat.ErrOutcomeUnknown)

		srv.Plan(testserver.Work{Operation: a.starts, Times: 1, Failure: "cvat.apps.dataset_manager.bindings.CvatImportError: no such label"})
		require.ErrorAs(t, fails(a.good, 0), &failed)
		assert.Contains(t, failed.Message, "no such label")

		wrong := []byte("no archive")
		if strings.Contains(a.starts, "backup") { // which is looked into before it is sent
			wrong = wrongArchive(t)
		}
		err := fails(wrong, 0)
		require.ErrorAs(t, err, &failed)
		assert.NotEmpty(t, failed.Message)

		srv.Fail(testserver.Fault{Match: isImportStart, Status: http.StatusRequestEntityTooLarge})
		require.ErrorIs(t, fails(a.good, 0), cvat.ErrTooLarge)
		srv.Fail(testserver.Fault{Match: func(r *http.Request) bool { return r.Header.Get("Upload-Length") != "" }, Status: http.StatusRequestEntityTooLarge})
		require.ErrorIs(t, fails(a.good, 256), cvat.ErrTooLarge)
		srv.Fail(testserver.Fault{Match: isImportStart, Status: http.StatusForbidden})
		require.ErrorIs(t, fails(a.good, 256), cvat.ErrForbidden)

		srv.Forget()
		srv.Fail(testserver.Fault{Kind: testserver.CutBefore, Match: isImportStart})
		require.ErrorIs(t, fails(a.good, 0), cvat.ErrOutcomeUnknown)
		assert.Equal(t, 1, started(srv), "never a second start")
	})
}

// TestImportStartLost loses the answer to a start that the server has carried out.
func TestImportStartLost(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		before := a.count(t)
		srv.Fail(testserver.Fault{Kind: testserver.CutAfter, Match: isImportStart})
		require.ErrorIs(t, a.run(t.Context(), client, a.good, 256), cvat.ErrOutcomeUnknown)
		srv.Heal()
		assert.Equal(t, 1, started(srv), "never a second start")
		require.Eventually(t, func() bool { return a.count(t) == before+a.delta }, 10*time.Second, 5*time.Millisecond)
	})
}

// wrongArchive passes for a backup of anything, and for nothing else.
func wrongArchive(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, name := range []string{"task.json", "project.json", "task_0/task.json"} {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(`{"name":"nothing"}`))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return buf.Bytes()
}

// TestImportCancelled cancels at each stage. Before the start nothing has happened; after it, the import may go on.
func TestImportCancelled(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]struct {
		match  func(*http.Request) bool
		before bool
	}{
		"question for the release": {func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/about") }, true},
		"creation of the upload":   {func(r *http.Request) bool { return r.Header.Get("Upload-Length") != "" }, true},
		"chunk":                    {func(r *http.Request) bool { return r.Method == http.MethodPatch }, true},
		"start":                    {isImportStart, false},
		"look":                     {isImportLook, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachImport(t, func(t *testing.T, srv *testserver.Server, _ *cvat.Client, a *importCase) {
				t.Helper()
				cause := errors.New("the user has left")
				ctx, cancel := context.WithCancelCause(t.Context())
				t.Cleanup(func() { cancel(nil) })
				skip := 0
				if name == "look" {
					skip = looksBefore(srv, a)
				}
				srv.Fail(testserver.Fault{Kind: testserver.Slow, Delay: time.Hour, Match: func(r *http.Request) bool {
					struck := stage.match(r)
					if struck && skip == 0 {
						cancel(cause)
					}
					if struck {
						skip--
					}
					return struck && skip < 0
				}})
				fresh := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
				err := a.run(ctx, fresh, a.good, 256)
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
				assert.Equal(t, stage.before, !errors.Is(err, cvat.ErrOutcomeUnknown), "%v", err)
			})
		})
	}
}

// TestImportsOneByOne: a server has one import for each object. On one like 2.3 a second file would be dropped.
func TestImportsOneByOne(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		before := a.count(t)
		var running sync.WaitGroup
		for range 3 {
			running.Go(func() { assert.NoError(t, a.run(t.Context(), client, a.good, 0)) })
		}
		running.Wait()
		if strings.Contains(a.starts, "annotations") {
			assert.Equal(t, before+1, a.count(t))
		} else {
			assert.Equal(t, before+3, a.count(t))
		}
	})
}

// TestImportInTheWay: another program imports into the same object, or has never asked how its import ended.
func TestImportInTheWay(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		if strings.Contains(a.starts, "backup") {
			return // restores do not get into each other's way
		}
		srv.Plan(testserver.Work{Operation: a.starts, Times: 1, Duration: 2 * time.Second})
		other := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
		work, err := a.start(t.Context(), other, a.good)
		require.NoError(t, err)
		err = a.run(t.Context(), client, a.good, 0)
		require.ErrorIs(t, err, cvat.ErrConflict)
		require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
		_, err = other.Wait(t.Context(), work, &wait)
		require.NoError(t, err, "the other is not disturbed")

		for _, failure := range []string{"", "ValueError: planned"} {
			srv.Plan(testserver.Work{Operation: a.starts, Times: 1, Duration: 1, Failure: failure})
			_, err = a.start(t.Context(), other, a.good)
			require.NoError(t, err)
			before := a.count(t)
			require.NoError(t, a.run(t.Context(), client, a.good, 0), "what has ended is taken away")
			if a.starts == "projects_create_dataset" {
				assert.Equal(t, before+1, a.count(t))
			}
		}
	})
}

// TestImportWaitsItsTurn until the context ends.
func TestImportWaitsItsTurn(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		archive := exportOf(t, client.Tasks.ExportAnnotations, id)
		srv.Plan(testserver.Work{Hang: true})
		ctx, cancel := context.WithCancelCause(t.Context())
		looking := make(chan struct{}, 1)
		var first sync.WaitGroup
		first.Go(func() {
			err := client.Tasks.ImportAnnotations(ctx, id, importFormat, cvat.Bytes("a.zip", archive), &cvat.ImportOptions{Wait: cvat.WaitOptions{
				MaxInterval: wait.MaxInterval,
				OnStatus: func(cvat.WorkStatus) {
					select {
					case looking <- struct{}{}:
					default:
					}
				},
			}})
			assert.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
		})
		<-looking
		short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer stop()
		srv.Forget()
		err := client.Tasks.ImportAnnotations(short, id, importFormat, cvat.Bytes("a.zip", archive), nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
		assert.Zero(t, started(srv))
		cancel(errors.New("enough"))
		first.Wait()
	})
}

// TestImportOptions that a server lacks are refused, and never dropped.
func TestImportOptions(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		data, _, err := client.Tasks.GetAnnotations(t.Context(), id)
		require.NoError(t, err)
		archive := cvat.Bytes("a.zip", exportOf(t, client.Tasks.ExportAnnotations, id))
		srv.Forget()
		appending := &cvat.ImportOptions{Mode: models.ImportModeAppend, Wait: wait}
		masks := &cvat.ImportOptions{ConvMaskToPoly: new(false), ChunkSize: 256, Wait: wait}
		if srv.Dialect() == testserver.V2_3 {
			for name, opts := range map[string]*cvat.ImportOptions{"import_mode": appending, "conv_mask_to_poly": masks} {
				err := client.Tasks.ImportAnnotations(t.Context(), id, importFormat, archive, opts)
				require.ErrorIs(t, err, cvat.ErrUnsupported)
				require.ErrorContains(t, err, name)
				require.ErrorContains(t, err, "version 2.3")
			}
			assert.Zero(t, started(srv))
			return
		}
		require.NoError(t, client.Tasks.ImportAnnotations(t.Context(), id, importFormat, archive, appending))
		after, _, err := client.Tasks.GetAnnotations(t.Context(), id)
		require.NoError(t, err)
		assert.Greater(t, len(after.Shapes), len(data.Shapes))
		require.NoError(t, client.Tasks.ImportAnnotations(t.Context(), id, importFormat, archive, masks))
		requests := srv.Requests()
		told := false
		for _, r := range requests {
			told = told || r.Query.Get("conv_mask_to_poly") == "false" && r.Query.Get("location") == "local"
		}
		assert.True(t, told)
	})
}

// TestUselessImports are refused before anything is sent.
func TestUselessImports(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		ctx, folder := t.Context(), writePictures(t, 2)
		archive := cvat.Bytes("a.zip", wrongArchive(t))
		for name, err := range map[string]error{
			"no id":        client.Tasks.ImportAnnotations(ctx, 0, importFormat, archive, nil),
			"no format":    client.Jobs.ImportAnnotations(ctx, 1, "", archive, nil),
			"two files":    client.Tasks.ImportAnnotations(ctx, 1, importFormat, cvat.Dir(folder), nil),
			"no source":    client.Tasks.ImportAnnotations(ctx, 1, importFormat, cvat.Source{}, nil),
			"big chunks":   client.Tasks.ImportAnnotations(ctx, 1, importFormat, archive, &cvat.ImportOptions{ChunkSize: 1 << 40}),
			"a mode":       client.Projects.ImportDataset(ctx, 1, importFormat, archive, &cvat.ImportOptions{Mode: models.ImportModeAppend}),
			"no zip":       second(client.Tasks.RestoreBackup(ctx, cvat.Bytes("a.zip", []byte("no zip")), nil)),
			"of a project": second(client.Tasks.RestoreBackup(ctx, cvat.Bytes("a.zip", emptyZip(t)), nil)),
			"nowhere":      second(client.Tasks.Migrate(ctx, 1, nil, nil)),
			"no backup id": second(client.Projects.StartBackup(ctx, 0, nil)),
			"a start":      second(client.Projects.StartImportDataset(ctx, 1, importFormat, archive, &cvat.ImportOptions{Mode: models.ImportModeAppend})),
		} {
			argument := new(cvat.ArgumentError)
			require.ErrorAs(t, err, &argument, name)
			assert.NotEmpty(t, argument.Reason)
		}
		assert.Empty(t, srv.Requests())
		for _, work := range []cvat.Background{
			{Kind: cvat.BackgroundImportAnnotations, Target: "project", ID: 1, Format: importFormat},
			{Kind: cvat.BackgroundImportDataset, Target: "project", Format: importFormat},
			{Kind: cvat.BackgroundImportAnnotations, Target: "job", ID: 1},
		} {
			_, err := client.Wait(ctx, &work, nil)
			require.ErrorAs(t, err, new(*cvat.ArgumentError))
		}
	})
}

func second[T any](_ T, err error) error { return err }

func emptyZip(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, zip.NewWriter(&buf).Close())
	return buf.Bytes()
}

// TestImportSources imports what is not on the disk: streams, and files that the server fetches from a cloud storage.
func TestImportSources(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		ctx := t.Context()
		task := newAnnotatedTask(t, client)
		backup := backupOf(t, client.Tasks.Backup, task)
		document := exportOf(t, client.Tasks.ExportAnnotations, task)
		for _, size := range []int64{-1, int64(len(backup))} {
			for _, chunk := range []int64{0, 256} {
				id, err := client.Tasks.RestoreBackup(ctx, cvat.Reader("a.zip", bytes.NewReader(backup), size), &cvat.RestoreOptions{ChunkSize: chunk, Wait: wait})
				require.NoError(t, err)
				checkCopy(t, client, client, task, id)
			}
		}
		for _, short := range []int64{int64(len(backup)) + 1, 256} {
			_, err := client.Tasks.RestoreBackup(ctx, cvat.Reader("a.zip", bytes.NewReader(backup[:100]), short), &cvat.RestoreOptions{Wait: wait})
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
		}
		_, err := client.Tasks.RestoreBackup(ctx, cvat.Reader("a.zip", strings.NewReader("no zip"), -1), nil)
		require.ErrorAs(t, err, new(*cvat.ArgumentError))

		srv.AddBucket("archives", map[string][]byte{"old/street.zip": backup, "new/annotations.zip": document})
		attached := s3Storage("archives")
		attached.Manifests = nil
		storage, _, err := client.CloudStorages.Create(ctx, attached)
		require.NoError(t, err)
		id, err := client.Tasks.RestoreBackup(ctx, cvat.FromCloud(storage.ID, "", "old/street.zip"), &cvat.RestoreOptions{Wait: wait})
		require.NoError(t, err)
		checkCopy(t, client, client, task, id)
		_, err = client.Tasks.ClearAnnotations(ctx, id)
		require.NoError(t, err)
		require.NoError(t, client.Tasks.ImportAnnotations(ctx, id, importFormat, cvat.FromCloud(storage.ID, "", "new/annotations.zip"), &cvat.ImportOptions{Wait: wait}))
		data, _, err := client.Tasks.GetAnnotations(ctx, id)
		require.NoError(t, err)
		assert.NotEmpty(t, data.Shapes)

		for _, source := range []cvat.Source{
			cvat.FromCloud(storage.ID, "", "old/street.zip", "new/annotations.zip"), cvat.Share("a.zip"), cvat.FromCloud(0, "", "a.zip"),
		} {
			require.ErrorAs(t, client.Tasks.ImportAnnotations(ctx, id, importFormat, source, nil), new(*cvat.ArgumentError))
		}
	})
}
