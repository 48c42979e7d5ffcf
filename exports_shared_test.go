package cvat_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// TestExportsOfOneObject run one after the other on servers like 2.3, where they share one result, also for clients that
// are derived from each other.
func TestExportsOfOneObject(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		derived, err := client.With(cvat.WithUserAgent("other/1"))
		require.NoError(t, err)
		var running sync.WaitGroup
		var archives [6]bytes.Buffer
		var failures [6]error
		for i := range archives {
			running.Go(func() {
				service := []*cvat.TasksService{client.Tasks, derived.Tasks}[i%2]
				if i < 3 {
					_, failures[i] = service.ExportDataset(t.Context(), id, exportFormat, &archives[i], toFile)
				} else {
					_, failures[i] = service.ExportAnnotations(t.Context(), id, exportFormat, &archives[i], toFile)
				}
			})
		}
		running.Wait()
		for i := range archives {
			require.NoError(t, failures[i])
			_, images := openExport(t, archives[i].Bytes())
			assert.Equal(t, i < 3, images > 0, "the pictures are in datasets only")
		}
	})
}

// TestExportSurvivesACutLeftover: what somebody else has left is not wanted, whole or not.
func TestExportSurvivesACutLeftover(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		work, err := client.Tasks.StartExportAnnotations(t.Context(), id, exportFormat, toFile)
		require.NoError(t, err)
		_, err = client.Wait(t.Context(), work, &wait)
		require.NoError(t, err)
		_, download := exports(srv.Dialect())
		srv.Fail(testserver.Fault{Kind: testserver.TruncateBody, Operation: download, Match: isDownload, Times: 1, Share: 0.6})
		file, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, t.TempDir(), toFile)
		require.NoError(t, err)
		checkDataset(t, file.Path)
	})
}

// TestExportWaitsForItsTurn as long as the context lasts.
func TestExportWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3))
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	id := newAnnotatedTask(t, client)
	reached, leave := make(chan struct{}), make(chan struct{})
	var first sync.WaitGroup
	var once sync.Once
	first.Go(func() {
		_, err := client.Tasks.ExportDataset(t.Context(), id, exportFormat, writerFunc(func(p []byte) (int, error) {
			once.Do(func() { close(reached) })
			<-leave
			return len(p), nil
		}), toFile)
		assert.NoError(t, err)
	})
	<-reached
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := client.Tasks.ExportAnnotations(ctx, id, exportFormat, io.Discard, toFile)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "another export of the same object and format")
	_, err = client.Tasks.StartExportAnnotations(ctx, id, exportFormat, toFile)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(leave)
	first.Wait()
	_, err = client.Tasks.ExportAnnotations(t.Context(), id, exportFormat, io.Discard, toFile)
	require.NoError(t, err)
}

// intruder makes the annotations of a task ready, on a server like 2.3, between the moment in which an export has looked
// for leftovers and the one in which it starts.
func intruder(t *testing.T, other *cvat.Client, task int64, times int32) cvat.Option {
	t.Helper()
	ask := func(ctx context.Context, action string) int {
		annotations := cvat.Operation{ID: "tasks_retrieve_annotations", Method: http.MethodGet, Path: "/api/tasks/{id}/annotations/", Replay: cvat.Repeatable}
		query := url.Values{"format": {exportFormat}, "use_default_location": {"false"}, "location": {"local"}, "action": {action}}
		resp, err := other.Do(ctx, annotations, cvat.Args{Path: []any{task}, Query: query}, nil, io.Discard)
		assert.NoError(t, err)
		return resp.StatusCode
	}
	var looks, done atomic.Int32
	return before(func(r *http.Request) {
		if op, _ := cvat.OperationFromContext(r.Context()); op.ID != "tasks_retrieve_dataset" || isDownload(r) {
			return
		}
		// The looks: one for leftovers, which starts the export; the server makes it, and the intruder takes it away.
		if looks.Add(1)%2 == 1 || done.Add(1) > times {
			return
		}
		ctx := context.WithoutCancel(r.Context()) // another program
		ready := func() {
			for ask(ctx, "") != http.StatusCreated {
				time.Sleep(time.Millisecond)
			}
		}
		ready()
		ask(ctx, "download")
		ready()
	})
}

// TestDatasetWithoutPictures: up to 2.3, annotations that another program exports at the same time can be taken for a
// dataset, if nobody looks.
func TestDatasetWithoutPictures(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3))
	t.Cleanup(srv.Close)
	other := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	for name, test := range map[string]struct {
		times  int32
		export func(t *testing.T, client *cvat.Client, id int64, folder string) error
		fails  bool
	}{
		"to a file, once": {1, func(t *testing.T, client *cvat.Client, id int64, folder string) error {
			t.Helper()
			file, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, folder, toFile)
			if err == nil {
				checkDataset(t, file.Path)
			}
			return err
		}, false},
		"to a file, always": {1 << 20, func(t *testing.T, client *cvat.Client, id int64, folder string) error {
			t.Helper()
			_, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, folder, toFile)
			assert.Empty(t, filesIn(t, folder))
			return err
		}, true},
		"to a writer": {1, func(t *testing.T, client *cvat.Client, id int64, _ string) error {
			t.Helper()
			_, err := client.Tasks.ExportDataset(t.Context(), id, exportFormat, io.Discard, toFile)
			return err
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := newAnnotatedTask(t, other)
			client, err := other.With(intruder(t, other, id, test.times))
			require.NoError(t, err)
			err = test.export(t, client, id, t.TempDir())
			if !test.fails {
				require.NoError(t, err)
				return
			}
			require.ErrorAs(t, err, new(*cvat.IncompleteError))
			require.ErrorContains(t, err, "holds no pictures")
		})
	}
}

// TestExportOfServersBetween: from 2.16 to 2.31 exports are background requests whose result is given away once.
func TestExportOfServersBetween(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		remade bool // another archive each time
		stolen int  // how often somebody else takes it first
		late   int  // how often after it was seen to be there
		fails  error
	}{
		"cut":                       {},
		"cut, and made anew":        {remade: true},
		"taken by somebody else":    {stolen: 2},
		"always taken by others":    {stolen: 100, fails: cvat.ErrNotFound},
		"cut and taken in between":  {stolen: 1},
		"made anew and taken twice": {remade: true, stolen: 2},
		"taken at the last moment":  {late: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &between{remade: test.remade, stolen: test.stolen, late: test.late, archive: func(n int) []byte { return archiveOf(t, 20+n, "content") }}
			client := servePipe(t, server.serve).client(t, cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: time.Microsecond, MaxWait: time.Microsecond}))
			folder := t.TempDir()
			file, err := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, folder, toFile)
			if test.fails != nil {
				require.ErrorIs(t, err, test.fails)
				assert.Empty(t, filesIn(t, folder))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, map[string][]byte{filepath.Base(file.Path): server.made}, filesIn(t, folder))
		})
	}
}

// between is a server like 2.20 that cuts its first download.
type between struct {
	remade  bool
	stolen  int
	late    int
	archive func(n int) []byte

	mu            sync.Mutex
	started, sent int
	there         bool // a result is there
	made          []byte
}

func (s *between) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/about"):
		replyJSON(200, `{"version":"2.20.0"}`)(w, r)
	case r.Method == http.MethodPost:
		if s.made == nil || s.remade {
			s.made = s.archive(s.started)
		}
		s.started++
		s.there = true
		replyJSON(202, `{"rq_id":"export:task-7"}`)(w, r)
	case strings.Contains(r.URL.Path, "/requests/"):
		if s.there && s.stolen > 0 {
			s.stolen--
			s.there = false
		}
		if !s.there {
			reply(404, "text/plain", "There is no request with specified id")(w, r)
			return
		}
		replyJSON(200, `{"status":"finished","id":"x","result_url":"http://x/api/tasks/7/dataset?action=download&format=x"}`)(w, r)
	case !s.there || s.late > 0:
		s.late--
		s.there = false
		reply(400, "text/plain", "The export process is not finished")(w, r)
	default:
		s.there = false
		w.Header().Set("Content-Type", "application/zip")
		if s.sent++; s.sent == 1 {
			w.Header().Set("Last-Modified", "Mon, 23 Nov 2026 14:47:00 GMT")
			cutAt(w, s.made, len(s.made)*6/10)
		}
		http.ServeContent(w, r, "", time.Date(2026, 11, 23, 14, 47, 0, 0, time.UTC), bytes.NewReader(s.made))
	}
}

// TestMasksAreNoPictures: up to 2.3, archives of annotations with masks are not taken for datasets.
func TestMasksAreNoPictures(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"JPEGImages/a.jpg": true, "a.PNG": true, "velodyne_points/data/a.bin": true, "default/a.pcd": true, "images/default/a.webp": true,
		"SegmentationClass/a.png": false, "SegmentationObject/a.png": false, "default/Masks/a_mask_2.png": false, "defaultannot/a.png": false,
		"default/instance/a.png": false, "gtFine/default/a.png": false, "annotations.xml": false, "default/instances/a.png": false,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var archive bytes.Buffer
			w := zip.NewWriter(&archive)
			_, err := w.Create(name)
			require.NoError(t, err)
			require.NoError(t, w.Close())
			ready := false
			client := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/about"):
					replyJSON(200, `{"version":"2.3"}`)(w, r)
				case strings.HasSuffix(r.URL.Path, "/meta"):
					replyJSON(200, `{"size":1,"start_frame":0,"stop_frame":0,"frame_filter":"","frames":[{"name":"a.png"}],"deleted_frames":[]}`)(w, r)
				case isDownload(r):
					reply(200, "application/zip", archive.String())(w, r)
				case !ready:
					ready = true
					w.WriteHeader(http.StatusAccepted)
				default:
					w.WriteHeader(http.StatusCreated)
				}
			}).client(t)
			_, err = client.Tasks.ExportDataset(t.Context(), 7, exportFormat, io.Discard, toFile)
			if want {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "holds no pictures")
		})
	}
}
