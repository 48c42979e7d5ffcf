package cvat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// eachRoute runs a test between two servers, of all dialects.
func eachRoute(t *testing.T, run func(t *testing.T, from, to *testserver.Server, a, b *cvat.Client)) {
	t.Helper()
	for _, older := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		t.Run("from "+older.String(), func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, to *testserver.Server, b *cvat.Client) {
				t.Helper()
				from := testserver.Start(t, testserver.WithDialect(older), testserver.WithAnonymousLimit(0))
				t.Cleanup(from.Close)
				run(t, from, to, newClient(t, from.URL, cvat.WithBasicAuth("admin", "admin-password")), b)
			})
		})
	}
}

// withoutAnnotationIDs hides what comes anew with each copy, and what only some servers store.
func withoutAnnotationIDs(data *models.LabeledData) *models.LabeledData {
	data.Intervals = nil
	for i := range data.Tags {
		data.Tags[i].ID, data.Tags[i].LabelID = 0, 0
	}
	for i := range data.Shapes {
		shape := &data.Shapes[i]
		shape.ID, shape.LabelID, shape.Attributes, shape.Score = 0, 0, nil, nil
		for j := range shape.Elements {
			shape.Elements[j].ID, shape.Elements[j].LabelID, shape.Elements[j].Score = 0, 0, nil
		}
	}
	for i := range data.Tracks {
		track := &data.Tracks[i]
		track.ID, track.LabelID, track.Attributes = 0, 0, nil
		for j := range track.Shapes {
			track.Shapes[j].ID, track.Shapes[j].Attributes = 0, nil
		}
	}
	return data
}

// checkCopy compares a task with one that was made of it, perhaps on another server.
func checkCopy(t *testing.T, a, b *cvat.Client, original, replica int64) {
	t.Helper()
	ctx := t.Context()
	want, _, err := a.Tasks.Get(ctx, original)
	require.NoError(t, err)
	got, _, err := b.Tasks.Get(ctx, replica)
	require.NoError(t, err)
	assert.Equal(t, want.Name, got.Name)
	assert.Equal(t, want.Subset, got.Subset)
	assert.Equal(t, want.Size, got.Size)

	for _, pair := range []struct{ want, got any }{
		{labelNames(t, a, original), labelNames(t, b, replica)},
		{jobRanges(t, a, original), jobRanges(t, b, replica)},
		{frameNames(t, a, original), frameNames(t, b, replica)},
	} {
		assert.Equal(t, pair.want, pair.got)
	}
	wanted, _, err := a.Tasks.GetAnnotations(ctx, original)
	require.NoError(t, err)
	stored, _, err := b.Tasks.GetAnnotations(ctx, replica)
	require.NoError(t, err)
	assert.Equal(t, withoutAnnotationIDs(wanted), withoutAnnotationIDs(stored))
	first, _, err := a.Tasks.Frame(ctx, original, 0, &cvat.FrameOptions{Quality: cvat.QualityOriginal})
	require.NoError(t, err)
	second, _, err := b.Tasks.Frame(ctx, replica, 0, &cvat.FrameOptions{Quality: cvat.QualityOriginal})
	require.NoError(t, err)
	assert.Equal(t, readAll(t, first), readAll(t, second))
}

func labelNames(t *testing.T, c *cvat.Client, task int64) map[string]int {
	t.Helper()
	labels, err := c.Tasks.Labels(t.Context(), task)
	require.NoError(t, err)
	names := map[string]int{}
	for _, label := range labels {
		names[label.Name+" "+string(label.Type)] = len(label.Attributes) + len(label.Sublabels)
	}
	return names
}

func jobRanges(t *testing.T, c *cvat.Client, task int64) [][2]int {
	t.Helper()
	jobs, err := c.Tasks.Jobs(t.Context(), task)
	require.NoError(t, err)
	var ranges [][2]int
	for _, job := range jobs {
		ranges = append(ranges, [2]int{job.StartFrame, job.StopFrame})
	}
	return ranges
}

func frameNames(t *testing.T, c *cvat.Client, task int64) []string {
	t.Helper()
	meta, _, err := c.Tasks.DataMeta(t.Context(), task)
	require.NoError(t, err)
	var names []string
	for _, frame := range meta.Frames {
		names = append(names, frame.Name)
	}
	return names
}

// TestMigrate copies a task and a project from server to server: in memory, as a stream and, if the length is not known,
// through a temporary file.
func TestMigrate(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct {
		chunk   int64
		unknown bool
	}{
		"in one piece": {}, "as a stream": {chunk: 256}, "through a file": {unknown: true}, "through a file, in chunks": {chunk: 256, unknown: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachRoute(t, func(t *testing.T, _, _ *testserver.Server, a, b *cvat.Client) {
				t.Helper()
				project, task := newAnnotatedProject(t, a)
				if way.unknown {
					a = withDownload(t, a, func(resp *http.Response) { resp.ContentLength = -1 })
				}
				var last cvat.UploadProgress
				opts := &cvat.RestoreOptions{ChunkSize: way.chunk, Wait: wait, OnProgress: func(p cvat.UploadProgress) { last = p }}
				copied, err := a.Tasks.Migrate(t.Context(), task, b, opts)
				require.NoError(t, err)
				checkCopy(t, a, b, task, copied)
				assert.Positive(t, last.Total)
				assert.Equal(t, last.Total, last.Done)

				whole, err := a.Projects.Migrate(t.Context(), project, b, opts)
				require.NoError(t, err)
				tasks, _, err := b.Tasks.List(t.Context(), &cvat.TaskListOptions{ProjectID: whole})
				require.NoError(t, err)
				require.Len(t, tasks, 1)
				checkCopy(t, a, b, task, tasks[0].ID)
			})
		})
	}
}

// withDownload returns a client whose downloads are changed on the way.
func withDownload(t *testing.T, c *cvat.Client, change func(*http.Response)) *cvat.Client {
	t.Helper()
	c, err := c.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err == nil && isDownload(r) && resp.StatusCode == http.StatusOK {
				change(resp)
			}
			return resp, err
		})
	}))
	require.NoError(t, err)
	return c
}

// TestMigrateLeavesNoFile behind, whether it succeeds or not.
func TestMigrateLeavesNoFile(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	task := newAnnotatedTask(t, client)
	seen := 0
	unknown := withDownload(t, client, func(resp *http.Response) { resp.ContentLength = -1 })
	opts := &cvat.RestoreOptions{Wait: wait, OnProgress: func(cvat.UploadProgress) {
		files, _ := os.ReadDir(folder)
		seen += len(files)
	}}
	_, err := unknown.Tasks.Migrate(t.Context(), task, client, opts)
	require.NoError(t, err)
	assert.Positive(t, seen)
	srv.Plan(testserver.Work{Operation: "tasks_create_backup", Failure: "ValueError: planned"})
	_, err = unknown.Tasks.Migrate(t.Context(), task, client, opts)
	require.Error(t, err)
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, files)
}

// TestMigrateFails: what breaks on the way leaves nothing on the other server.
func TestMigrateFails(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, from, to *testserver.Server, a, b *cvat.Client) {
		t.Helper()
		task := newAnnotatedTask(t, a)
		count := func() int {
			_, resp, err := b.Tasks.List(t.Context(), nil)
			require.NoError(t, err)
			return resp.Count
		}
		for _, chunk := range []int64{0, 256} {
			for _, way := range []*cvat.Client{a, withDownload(t, a, func(resp *http.Response) { resp.ContentLength = -1 })} {
				from.Fail(testserver.Fault{Kind: testserver.TruncateBody, Match: isDownload})
				_, err := way.Tasks.Migrate(t.Context(), task, b, &cvat.RestoreOptions{ChunkSize: chunk, Wait: wait})
				incomplete := new(cvat.IncompleteError)
				require.ErrorAs(t, err, &incomplete, "the source dies half-way")
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
				assert.Positive(t, incomplete.Written)
				from.Heal()
				assert.Zero(t, count())
				assert.Zero(t, started(to), "what is incomplete is not restored")

				from.Fail(testserver.Fault{Kind: testserver.ShortLength, Match: isDownload, Share: 0.6})
				_, err = way.Tasks.Migrate(t.Context(), task, b, &cvat.RestoreOptions{ChunkSize: chunk, Wait: wait})
				require.ErrorAs(t, err, &incomplete, "HTTP takes it for the whole")
				require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
				from.Heal()
				assert.Zero(t, count())
				assert.Zero(t, started(to))
			}
		}

		for _, chunk := range []int64{0, 256} {
			from.Fail(testserver.Fault{Kind: testserver.ShortLength, Match: isDownload})
			_, err := a.Tasks.Migrate(t.Context(), task, b, &cvat.RestoreOptions{ChunkSize: chunk, Wait: wait})
			require.Error(t, err, "the source gives less than it has")
			from.Heal()
			assert.Zero(t, count())
		}

		forgotten, err := b.With(before(func(r *http.Request) {
			if isChunk(r) && r.Header.Get("Upload-Offset") == "512" {
				to.ForgetUploads()
			}
		}))
		require.NoError(t, err)
		_, err = a.Tasks.Migrate(t.Context(), task, forgotten, &cvat.RestoreOptions{ChunkSize: 256, Wait: wait})
		require.ErrorContains(t, err, "cannot go back", "what passes by is there once")
		require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
		assert.Zero(t, count())

		big := withDownload(t, a, func(resp *http.Response) { resp.ContentLength = 26 << 30 })
		_, err = big.Tasks.Migrate(t.Context(), task, b, &cvat.RestoreOptions{Wait: wait})
		require.ErrorContains(t, err, "25 GiB")

		failed := new(cvat.BackgroundError)
		to.Plan(testserver.Work{Operation: "tasks_create_backup", Times: 1, Failure: "ValueError: planned"})
		_, err = a.Tasks.Migrate(t.Context(), task, b, &cvat.RestoreOptions{Wait: wait})
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "restore of a task", failed.Work)

		from.Plan(testserver.Work{Failure: "ValueError: planned"})
		_, err = a.Tasks.Migrate(t.Context(), task, b, &cvat.RestoreOptions{Wait: wait})
		require.ErrorAs(t, err, &failed)
		assert.Contains(t, failed.Work, "backup of task")

		_, err = a.Tasks.Migrate(t.Context(), task, b, &cvat.RestoreOptions{ChunkSize: -1})
		require.ErrorAs(t, err, new(*cvat.ArgumentError))
		_, err = a.Projects.Migrate(t.Context(), 4711, b, nil)
		require.ErrorIs(t, err, cvat.ErrNotFound)
		assert.Zero(t, count())
	})
}

// TestMigrateLosesItsEnd loses the one answer that names the new task on servers like 2.3.
func TestMigrateLosesItsEnd(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, _, to *testserver.Server, a, b *cvat.Client) {
		t.Helper()
		task := newAnnotatedTask(t, a)
		to.Plan(testserver.Work{Operation: "tasks_create_backup", Duration: 1})
		to.Fail(testserver.Fault{Kind: testserver.CutAfter, Match: isImportLook, Times: 1})
		copied, err := a.Tasks.Migrate(t.Context(), task, b, &cvat.RestoreOptions{Wait: wait})
		require.NoError(t, err)
		checkCopy(t, a, b, task, copied)
	})
}

// TestRestoreNotTold: two of the name have come since, and nothing tells which is the restored one.
func TestRestoreNotTold(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3))
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	archive := cvat.Bytes("a.zip", backupOf(t, client.Tasks.Backup, newAnnotatedTask(t, client)))
	work, err := client.Tasks.StartRestoreBackup(t.Context(), archive, nil)
	require.NoError(t, err)
	_, err = client.Wait(t.Context(), work, &wait)
	require.NoError(t, err)
	newEmptyTask(t, client) // of the same name
	_, err = client.Wait(t.Context(), work, &wait)
	require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
}

// TestMigrateCancelled on both sides.
func TestMigrateCancelled(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(*http.Request) bool{
		"download": isDownload,
		"chunk":    func(r *http.Request) bool { return r.Method == http.MethodPatch },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachRoute(t, func(t *testing.T, from, to *testserver.Server, a, b *cvat.Client) {
				t.Helper()
				task := newAnnotatedTask(t, a)
				cause := errors.New("the user has left")
				ctx, cancel := context.WithCancelCause(t.Context())
				t.Cleanup(func() { cancel(nil) })
				for _, srv := range []*testserver.Server{from, to} {
					srv.Fail(testserver.Fault{Kind: testserver.Slow, Delay: time.Hour, Match: func(r *http.Request) bool {
						if match(r) {
							cancel(cause)
						}
						return match(r)
					}})
				}
				_, err := a.Tasks.Migrate(ctx, task, b, &cvat.RestoreOptions{ChunkSize: 256, Wait: wait})
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
				assert.Zero(t, started(to))
			})
		})
	}
}

// TestBackupIsFresh: up to 2.15 a backup that lies ready may be older than the tasks of the project.
func TestBackupIsFresh(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		project, task := newAnnotatedProject(t, client)
		abandoned, err := client.Projects.StartBackup(t.Context(), project, &cvat.ExportOptions{Wait: wait})
		require.NoError(t, err)
		_, err = client.Wait(t.Context(), abandoned, &wait)
		require.NoError(t, err)
		_, err = client.Tasks.ClearAnnotations(t.Context(), task)
		require.NoError(t, err)
		restored, err := client.Projects.RestoreBackup(t.Context(), cvat.Bytes("b.zip", backupOf(t, client.Projects.Backup, project)), &cvat.RestoreOptions{Wait: wait})
		require.NoError(t, err)
		tasks, _, err := client.Tasks.List(t.Context(), &cvat.TaskListOptions{ProjectID: restored})
		require.NoError(t, err)
		require.Len(t, tasks, 1)
		data, _, err := client.Tasks.GetAnnotations(t.Context(), tasks[0].ID)
		require.NoError(t, err)
		assert.Empty(t, data.Shapes)
	})
}

// TestBackupByHandle waits and fetches in another process; jobs have no backups.
func TestBackupByHandle(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		work, err := client.Tasks.StartBackup(t.Context(), newAnnotatedTask(t, client), nil)
		require.NoError(t, err)
		assert.Contains(t, work.String(), "backup of task")
		other := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
		_, err = other.Wait(t.Context(), throughJSON(t, work), &wait)
		require.NoError(t, err)
		var buf bytes.Buffer
		_, err = other.Download(t.Context(), throughJSON(t, work), &buf)
		require.NoError(t, err)
		_, images := openExport(t, buf.Bytes())
		assert.Equal(t, 3, images)

		work.Target = "job"
		_, err = other.Download(t.Context(), work, io.Discard)
		require.ErrorAs(t, err, new(*cvat.ArgumentError))
	})
}

// TestImportOnServersBetween speaks the protocols of releases between the two of the fake server.
func TestImportOnServersBetween(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]string{"2.10": "2.10.0", "2.20": "2.20.0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := name == "2.20"
			server := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
				query := r.URL.Query()
				switch {
				case strings.HasSuffix(r.URL.Path, "/about"):
					replyJSON(200, `{"version":"`+version+`"}`)(w, r)
				case strings.Contains(r.URL.Path, "/api/requests/"):
					replyJSON(200, `{"status":"finished","id":"x","result_id":7}`)(w, r)
				case query.Get("action") == "import_status" && query.Get("rq_id") == "":
					reply(400, "text/html", "The rq_id param should be specified in the query parameters")(w, r)
				case query.Get("rq_id") == "x":
					w.WriteHeader(http.StatusCreated)
				case r.Method == http.MethodPut && r.ContentLength == 0:
					replyJSON(400, `{"annotation_file":["No file was submitted."]}`)(w, r)
				case r.Method == http.MethodPut, r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/dataset"):
					replyJSON(202, `{"rq_id":"x"}`)(w, r)
				case strings.HasSuffix(r.URL.Path, "/tasks"):
					replyJSON(200, `{"count":0,"results":[]}`)(w, r)
				default:
					replyJSON(200, `{"version":0,"tags":[],"shapes":[],"tracks":[]}`)(w, r)
				}
			})
			client := server.client(t)
			archive := cvat.Bytes("a.zip", []byte("archive"))
			require.NoError(t, client.Jobs.ImportAnnotations(t.Context(), 7, importFormat, archive, nil))
			require.NoError(t, client.Projects.ImportDataset(t.Context(), 7, importFormat, archive, nil))
			followed := 0
			for _, r := range server.arrived() {
				if strings.Contains(r.URL.Path, "/api/requests/") {
					followed++
				}
			}
			assert.Equal(t, requests, followed == 2)
		})
	}
}

// TestImportWithoutRequest: a server that follows its work by requests must name one.
func TestImportWithoutRequest(t *testing.T) {
	t.Parallel()
	client := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/about") {
			replyJSON(200, `{"version":"2.73.1"}`)(w, r)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}).client(t)
	err := client.Projects.ImportDataset(t.Context(), 7, importFormat, cvat.Bytes("a.zip", []byte("archive")), nil)
	require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "import of a dataset of project 7")
}
