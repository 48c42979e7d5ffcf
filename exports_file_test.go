package cvat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

var toFile = &cvat.ExportOptions{Wait: wait}

// before calls a function before each request of a client.
func before(call func(r *http.Request)) cvat.Option {
	return cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			call(r)
			return next.RoundTrip(r)
		})
	})
}

// ranged counts the downloads of a client that ask for a part.
func ranged(t *testing.T, client *cvat.Client) (counting *cvat.Client, count *atomic.Int32) {
	t.Helper()
	count = new(atomic.Int32)
	counting, err := client.With(before(func(r *http.Request) {
		if r.Header.Get("Range") != "" {
			count.Add(1)
			assert.Empty(t, r.Header.Get("If-Range"))
			assert.Empty(t, r.Header.Get("If-Match"))
		}
	}))
	require.NoError(t, err)
	return counting, count
}

// checkDataset looks at the archive that was made of a task of newAnnotatedTask.
func checkDataset(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	document, images := openExport(t, data)
	assert.Equal(t, 3, images)
	assert.Contains(t, document, "<polygon")
}

func TestExportToFile(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		ctx, id := t.Context(), newAnnotatedTask(t, client)
		folder := t.TempDir()

		// To a file.
		path := filepath.Join(folder, "mine.zip")
		file, err := client.Tasks.ExportDatasetToFile(ctx, id, exportFormat, path, toFile)
		require.NoError(t, err)
		assert.Equal(t, path, file.Path)
		assert.True(t, strings.HasSuffix(file.Name, ".zip"), file.Name)
		checkDataset(t, path)
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, info.Size(), file.Size)

		// One that is there is found before anything is sent.
		srv.Forget()
		_, err = client.Tasks.ExportDatasetToFile(ctx, id, exportFormat, path, toFile)
		require.ErrorIs(t, err, fs.ErrExist)
		require.ErrorAs(t, err, new(*cvat.ArgumentError))
		assert.Empty(t, srv.Requests())
		require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
		_, err = client.Tasks.ExportDatasetToFile(ctx, id, exportFormat, path, &cvat.ExportOptions{Wait: wait, Overwrite: true})
		require.NoError(t, err)
		checkDataset(t, path)

		// To a folder, under the server's name.
		file, err = client.Tasks.ExportAnnotationsToFile(ctx, id, exportFormat, folder+string(filepath.Separator), toFile)
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(folder, file.Name), file.Path)
		_, err = client.Tasks.ExportAnnotationsToFile(ctx, id, exportFormat, folder, toFile)
		require.ErrorIs(t, err, fs.ErrExist, "as soon as the name is known")
		require.ErrorContains(t, err, file.Name)
		require.NotErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Len(t, filesIn(t, folder), 2, "nothing else is left")

		jobs, err := client.Tasks.Jobs(ctx, id)
		require.NoError(t, err)
		_, err = client.Jobs.ExportDatasetToFile(ctx, jobs[0].ID, exportFormat, filepath.Join(folder, "job.zip"), toFile)
		require.NoError(t, err)
		checkDataset(t, filepath.Join(folder, "job.zip"))
		_, err = client.Jobs.ExportAnnotationsToFile(ctx, jobs[0].ID, exportFormat, filepath.Join(folder, "job2.zip"), toFile)
		require.NoError(t, err)
	})
}

func TestExportOfAProjectToFile(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		project, _, err := client.Projects.Create(t.Context(), models.ProjectCreate{Name: "city", Labels: labels()})
		require.NoError(t, err)
		folder := t.TempDir()
		_, err = client.Projects.ExportDatasetToFile(t.Context(), project.ID, exportFormat, filepath.Join(folder, "empty.zip"), toFile)
		require.NoError(t, err, "a dataset without pictures, for there are none")
		newTaskOf(t, client, models.TaskCreate{Name: "street", ProjectID: project.ID}, &cvat.UploadOptions{Wait: wait}, 2)
		_, err = client.Projects.ExportDatasetToFile(t.Context(), project.ID, exportFormat, filepath.Join(folder, "dataset.zip"), toFile)
		require.NoError(t, err)
		_, images := openExport(t, filesIn(t, folder)["dataset.zip"])
		assert.Equal(t, 2, images)
		_, err = client.Projects.ExportAnnotationsToFile(t.Context(), project.ID, exportFormat, filepath.Join(folder, "annotations.zip"), toFile)
		require.NoError(t, err)
		assert.Len(t, filesIn(t, folder), 3)
	})
}

// TestExportToFileRefused finds what cannot be written to before anything is sent.
func TestExportToFileRefused(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		for _, path := range []string{"", filepath.Join(t.TempDir(), "no", "folder.zip"), filepath.Join(t.TempDir(), "no") + "/", "/dev/null"} {
			_, err := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, path, nil)
			require.ErrorAs(t, err, new(*cvat.ArgumentError), "%q", path)
			_, err = client.DownloadToFile(t.Context(), &cvat.Background{Kind: cvat.BackgroundExportDataset, Target: "task", ID: 7, Format: exportFormat}, path, nil)
			require.ErrorAs(t, err, new(*cvat.ArgumentError), "%q", path)
		}
		_, err := client.DownloadToFile(t.Context(), nil, t.TempDir(), nil)
		require.ErrorAs(t, err, new(*cvat.ArgumentError))
		assert.Empty(t, srv.Requests())
	})
}

// TestExportToFileSurvives lets things go wrong after which the file must be there, bit for bit.
func TestExportToFileSurvives(t *testing.T) {
	t.Parallel()
	type plan func(poll, download string) testserver.Fault
	for name, test := range map[string]struct {
		plan   plan
		ranges int // how many parts are asked for at least
	}{
		"archive cut at 60 %": {func(_, download string) testserver.Fault {
			return testserver.Fault{Kind: testserver.TruncateBody, Operation: download, Match: isDownload, Times: 1, Share: 0.6}
		}, 1},
		"archive cut six times": {func(_, download string) testserver.Fault {
			return testserver.Fault{Kind: testserver.TruncateBody, Operation: download, Match: isDownload, Times: 6, Share: 0.4}
		}, 6},
		"archive of unknown length cut": {func(_, download string) testserver.Fault {
			return testserver.Fault{Kind: testserver.CutBody, Operation: download, Match: isDownload, Times: 2}
		}, 0},
		"archive cut at once, twice": {func(_, download string) testserver.Fault {
			return testserver.Fault{Kind: testserver.TruncateBody, Operation: download, Match: isDownload, Times: 2, Share: 1e-9}
		}, 0},
		"wrong Content-Length": {func(_, download string) testserver.Fault {
			return testserver.Fault{Kind: testserver.ShortLength, Operation: download, Match: isDownload, Times: 1}
		}, 0},
		"poll answered 502 ten times": {func(poll, _ string) testserver.Fault {
			return testserver.Fault{Operation: poll, Match: isPoll, Times: 10, Status: http.StatusBadGateway}
		}, 0},
		"202 on download": {func(_, download string) testserver.Fault {
			return testserver.Fault{Operation: download, Match: isDownload, Times: 1, Status: http.StatusAccepted}
		}, 0},
		"502 on download": {func(_, download string) testserver.Fault {
			return testserver.Fault{Operation: download, Match: isDownload, Times: 2, Status: http.StatusBadGateway}
		}, 0},
		"504 after the download was given away": {func(_, download string) testserver.Fault {
			return testserver.Fault{Operation: download, Match: isDownload, Times: 2, Status: http.StatusGatewayTimeout, Acts: true}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				if srv.Dialect() == testserver.V2_73 && name == "202 on download" {
					return // the newer download is no poll: a 202 there is an error
				}
				id := newAnnotatedTask(t, client)
				client, ranges := ranged(t, client)
				srv.Fail(test.plan(exports(srv.Dialect())))
				folder := t.TempDir()
				file, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, folder, toFile)
				require.NoError(t, err)
				assert.GreaterOrEqual(t, int(ranges.Load()), test.ranges)
				assert.Equal(t, test.ranges > 0, ranges.Load() > 0)
				checkDataset(t, file.Path)
				assert.Len(t, filesIn(t, folder), 1)

				got, err := os.ReadFile(file.Path)
				require.NoError(t, err)
				assert.True(t, bytes.Equal(onServer(t, srv, client, id), got), "bit for bit")
			})
		})
	}
}

// onServer fetches the archive of a task's dataset that the server has made last.
func onServer(t *testing.T, srv *testserver.Server, client *cvat.Client, task int64) []byte {
	t.Helper()
	srv.Heal()
	var whole bytes.Buffer
	if srv.Dialect() == testserver.V2_3 {
		_, err := client.Tasks.ExportDataset(t.Context(), task, exportFormat, &whole, toFile)
		require.NoError(t, err)
		return whole.Bytes()
	}
	_, err := client.Download(t.Context(), &cvat.Background{
		Kind: cvat.BackgroundExportDataset, Target: "task", ID: task, Format: exportFormat,
		RequestID: fmt.Sprintf("action=export&target=task&target_id=%d&user_id=1&format=CVAT_for_images_1~1&subresource=dataset", task),
	}, &whole)
	require.NoError(t, err)
	return whole.Bytes()
}

// TestExportToFileAfterAChange: the archive that is there after a cut is another one.
func TestExportToFileAfterAChange(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3))
	t.Cleanup(srv.Close)
	other := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	id := newAnnotatedTask(t, other)
	var once sync.Once
	client, err := other.With(before(func(r *http.Request) {
		if r.Header.Get("Range") != "" {
			once.Do(func() {
				_, err := other.Tasks.ClearAnnotations(t.Context(), id)
				require.NoError(t, err)
			})
		}
	}))
	require.NoError(t, err)
	srv.Fail(testserver.Fault{Kind: testserver.TruncateBody, Operation: "tasks_retrieve_dataset", Match: isDownload, Times: 1, Share: 0.4})
	file, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, t.TempDir(), toFile)
	require.NoError(t, err)
	data, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	document, images := openExport(t, data)
	assert.Equal(t, 3, images)
	assert.NotContains(t, document, "<polygon", "all of it is the new one")
}

// TestExportToFileNeverMixesArchives whatever a server says of two that it gives under one address.
func TestExportToFileNeverMixesArchives(t *testing.T) {
	t.Parallel()
	old, young, longer := archiveOf(t, 20, "old"), archiveOf(t, 20, "new"), archiveOf(t, 21, "new")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		then  []byte
		later time.Duration
		serve http.HandlerFunc // nil: as web servers do
	}{
		"another time":                  {young, time.Second, nil},
		"another length":                {longer, 0, nil},
		"the same, within a second":     {young, 0, nil},
		"shorter than what has arrived": {archiveOf(t, 1, "new"), 0, nil},
		"the whole, though a part was asked for": {young, 0, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(young)
		}},
		"a part from elsewhere": {young, 0, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				r.Header.Set("Range", "bytes=7-")
			}
			http.ServeContent(w, r, "", at, bytes.NewReader(young))
		}},
		"another time, of no archive": {young, time.Second, nil},
		"a part from elsewhere, of no archive": {young, 0, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				r.Header.Set("Range", "bytes=7-")
			}
			http.ServeContent(w, r, "", at, bytes.NewReader(young))
		}},
		"a part that does not say which": {young, 0, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(young[10:])
				return
			}
			_, _ = w.Write(young)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var first atomic.Bool
			client := serveArchive(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/zip")
				if strings.HasSuffix(name, "of no archive") { // nothing in it tells that it is mixed
					w.Header().Set("Content-Type", "application/octet-stream")
				}
				w.Header().Set("ETag", `"660f20a2d70e7"`)
				if !first.Swap(true) {
					w.Header().Set("Last-Modified", at.Format(http.TimeFormat))
					cutAt(w, old, len(old)*6/10)
				}
				if test.serve != nil {
					test.serve(w, r)
					return
				}
				http.ServeContent(w, r, "", at.Add(test.later), bytes.NewReader(test.then))
			})
			folder := t.TempDir()
			file, err := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, filepath.Join(folder, "a.zip"), toFile)
			require.NoError(t, err)
			assert.Equal(t, map[string][]byte{"a.zip": test.then}, filesIn(t, folder))
			assert.Equal(t, int64(len(test.then)), file.Size)
		})
	}
}

// TestExportToFileFails: the error says what is known, and nothing is left.
func TestExportToFileFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plan  func(poll, download string) testserver.Fault
		check func(t *testing.T, dialect testserver.Dialect, err error)
	}{
		"cut for ever": {
			func(_, download string) testserver.Fault {
				return testserver.Fault{Kind: testserver.TruncateBody, Operation: download, Match: isDownload, Share: 1e-9}
			},
			func(t *testing.T, _ testserver.Dialect, err error) {
				t.Helper()
				var incomplete *cvat.IncompleteError
				require.ErrorAs(t, err, &incomplete)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				require.ErrorContains(t, err, "dataset of task")
			},
		},
		"cut for ever, without a length": {
			func(_, download string) testserver.Fault {
				return testserver.Fault{Kind: testserver.CutBody, Operation: download, Match: isDownload}
			},
			func(t *testing.T, _ testserver.Dialect, err error) {
				t.Helper()
				require.ErrorAs(t, err, new(*cvat.IncompleteError))
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			},
		},
		"wrong Content-Length for ever": {
			func(_, download string) testserver.Fault {
				return testserver.Fault{Kind: testserver.ShortLength, Operation: download, Match: isDownload}
			},
			func(t *testing.T, _ testserver.Dialect, err error) {
				t.Helper()
				var incomplete *cvat.IncompleteError
				require.ErrorAs(t, err, &incomplete)
				require.ErrorContains(t, err, "does not end as a zip file does")
				assert.Positive(t, incomplete.Written)
			},
		},
		"forbidden download": {
			func(_, download string) testserver.Fault {
				return testserver.Fault{Operation: download, Match: isDownload, Status: http.StatusForbidden}
			},
			func(t *testing.T, _ testserver.Dialect, err error) {
				t.Helper()
				require.ErrorIs(t, err, cvat.ErrForbidden)
				require.NotErrorIs(t, err, io.ErrUnexpectedEOF)
			},
		},
		"202 on download for ever": {
			func(_, download string) testserver.Fault {
				return testserver.Fault{Operation: download, Match: isDownload, Status: http.StatusAccepted}
			},
			func(t *testing.T, dialect testserver.Dialect, err error) {
				t.Helper()
				answered := new(cvat.Error)
				require.ErrorAs(t, err, &answered)
				assert.Equal(t, http.StatusAccepted, answered.StatusCode)
				assert.Equal(t, dialect == testserver.V2_3, errors.Is(err, cvat.ErrNotFound))
			},
		},
		"HTML on download": {
			func(_, download string) testserver.Fault {
				return testserver.Fault{Kind: testserver.HTMLPage, Operation: download, Match: isDownload}
			},
			func(t *testing.T, _ testserver.Dialect, err error) {
				t.Helper()
				require.ErrorContains(t, err, "not a file")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newAnnotatedTask(t, client)
				srv.Fail(test.plan(exports(srv.Dialect())))
				folder := t.TempDir()
				_, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, folder, toFile)
				require.Error(t, err)
				test.check(t, srv.Dialect(), err)
				assert.Empty(t, filesIn(t, folder))
			})
		})
	}
}

// TestFailedExport: the server's words, once, and no second start.
func TestFailedExport(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		start := "tasks_create_dataset_export"
		if srv.Dialect() == testserver.V2_3 {
			start = "tasks_retrieve_dataset"
		}
		srv.Plan(testserver.Work{Operation: start, Times: 1, Duration: 50 * time.Millisecond, Failure: "ValueError: no such thing"})
		folder := t.TempDir()
		_, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, folder, toFile)
		var failed *cvat.BackgroundError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "ValueError: no such thing", strings.TrimSpace(failed.Message))
		assert.Empty(t, filesIn(t, folder))
		requests := srv.Requests()
		last := requests[len(requests)-1]
		assert.Equal(t, srv.Dialect() == testserver.V2_3, last.Status == http.StatusInternalServerError, "a failure is final: nothing is asked after it")
	})
}

// TestExportToFileCancelled cancels at every request of an export, and in the middle of the download.
func TestExportToFileCancelled(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		id, folder := newAnnotatedTask(t, client), t.TempDir()
		cause := errors.New("the user has left")
		export := func(nth int32) error {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			var n atomic.Int32
			client, err := client.With(before(func(*http.Request) {
				if n.Add(1) == nth {
					cancel(cause)
				}
			}))
			require.NoError(t, err)
			_, err = client.Tasks.ExportDatasetToFile(ctx, id, exportFormat, folder, toFile)
			return err
		}
		stages := int32(0)
		for nth := int32(1); ; nth++ {
			err := export(nth)
			if err == nil {
				break
			}
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause)
			assert.Empty(t, filesIn(t, folder), "request %d", nth)
			stages++
		}
		assert.GreaterOrEqual(t, stages, int32(3))
		require.NotEmpty(t, filesIn(t, folder))
	})
}

// endsAfterRead is a body that ends something when some of it has been read.
type endsAfterRead struct {
	io.ReadCloser

	end func()
}

func (b *endsAfterRead) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.end()
	return n, err
}

// TestExportToFileCancelledHalfWay cancels while the archive arrives, and while waiting to go on after a cut.
func TestExportToFileCancelledHalfWay(t *testing.T) {
	t.Parallel()
	data := archiveOf(t, 20, "old")
	for name, hang := range map[string]bool{"while it arrives": true, "after a cut": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cause := errors.New("the user has left")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			client := serveArchive(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/zip")
				if !hang {
					time.AfterFunc(10*time.Millisecond, func() { cancel(cause) })
					cutAt(w, data, 100)
				}
				w.Header().Set("Content-Length", strconv.Itoa(len(data)))
				_, _ = w.Write(data[:100])
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			})
			client = withDownload(t, client, func(resp *http.Response) {
				if hang {
					resp.Body = &endsAfterRead{ReadCloser: resp.Body, end: func() { cancel(cause) }}
				}
			})
			if !hang {
				var err error
				client, err = client.With(cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: time.Hour, MaxWait: time.Hour}))
				require.NoError(t, err)
			}
			folder := t.TempDir()
			_, err := client.Tasks.ExportDatasetToFile(ctx, 7, exportFormat, folder, toFile)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause)
			require.ErrorAs(t, err, new(*cvat.IncompleteError))
			assert.Empty(t, filesIn(t, folder))
		})
	}
}

// TestExportToFilePanics: a function of the caller's that panics leaves no file.
func TestExportToFilePanics(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		id, folder := newAnnotatedTask(t, client), t.TempDir()
		require.Panics(t, func() {
			_, _ = client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, folder, &cvat.ExportOptions{Wait: cvat.WaitOptions{
				MaxInterval: wait.MaxInterval, OnStatus: func(cvat.WorkStatus) { panic("planned") },
			}})
		})
		assert.Empty(t, filesIn(t, folder))
		_, err := client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, folder, toFile)
		require.NoError(t, err, "and keeps nobody from exporting")
	})
}

// TestExportNames makes the names that servers give safe.
func TestExportNames(t *testing.T) {
	t.Parallel()
	for disposition, want := range map[string]string{
		`attachment; filename="task_7.zip"`:                                  "task_7.zip",
		`attachment; filename="../../.ssh/authorized_keys"`:                  "authorized_keys",
		`attachment; filename=".bashrc"`:                                     "_.bashrc",
		`attachment; filename="task_a: b?.zip"`:                              "task_a_ b_.zip",
		`attachment; filename="NUL.zip"`:                                     "_NUL.zip",
		`attachment; filename*=UTF-8''%D1%83%D0%BB%D0%B8%D1%86%D0%B0.zip`:    "улица.zip",
		`attachment; filename="` + strings.Repeat("a", 300) + `.zip"`:        strings.Repeat("a", 196) + ".zip",
		`attachment; filename="` + "a." + strings.Repeat("x", 300) + `"`:     "a." + strings.Repeat("x", 198),
		`attachment; filename=".."`:                                          "dataset_of_task_7.zip",
		`attachment`:                                                         "dataset_of_task_7.zip",
		`attachment; filename="task_4_dataset_2026_11_23_coco 1.0 .zip .. "`: "task_4_dataset_2026_11_23_coco 1.0 .zip",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			client := serveArchive(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/octet-stream")
				w.Header().Set("Content-Disposition", disposition)
				_, _ = w.Write([]byte("anything"))
			})
			folder := t.TempDir()
			file, err := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, folder, toFile)
			require.NoError(t, err)
			assert.Equal(t, filepath.Join(folder, want), file.Path)
			assert.Equal(t, map[string][]byte{want: []byte("anything")}, filesIn(t, folder))
		})
	}
}

// TestExportToFileWhoseNameIsTakenMeanwhile does not replace what has come to be there.
func TestExportToFileWhoseNameIsTakenMeanwhile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "a.zip")
	data := archiveOf(t, 1, "old")
	client := serveArchive(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data[:10])
		_ = http.NewResponseController(w).Flush()
		time.Sleep(20 * time.Millisecond)
		assert.NoError(t, os.WriteFile(path, []byte("somebody's"), 0o600))
		_, _ = w.Write(data[10:])
	})
	_, err := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, path, toFile)
	require.ErrorIs(t, err, fs.ErrExist)
	assert.Equal(t, map[string][]byte{"a.zip": []byte("somebody's")}, filesIn(t, folder))
}

// TestDownloadToFile fetches what was started before, and goes on after a cut.
func TestDownloadToFile(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		work, err := client.Tasks.StartExportDataset(t.Context(), id, exportFormat, toFile)
		require.NoError(t, err)
		_, err = client.Wait(t.Context(), work, &wait)
		require.NoError(t, err)
		client, ranges := ranged(t, client)
		_, download := exports(srv.Dialect())
		srv.Fail(testserver.Fault{Kind: testserver.TruncateBody, Operation: download, Match: isDownload, Times: 2, Share: 0.6})
		file, err := client.DownloadToFile(t.Context(), work, t.TempDir(), toFile)
		require.NoError(t, err)
		checkDataset(t, file.Path)
		assert.Equal(t, int32(2), ranges.Load())
		_, err = client.DownloadToFile(t.Context(), work, file.Path, &cvat.ExportOptions{Overwrite: true})
		if srv.Dialect() == testserver.V2_3 {
			require.ErrorIs(t, err, cvat.ErrNotFound, "it was given away")
		} else {
			require.NoError(t, err)
		}
		checkDataset(t, file.Path)
	})
}

// TestExportKeepsToTheServer asks the older servers for the archive itself, never for the cloud storage that the object may
// have as default.
func TestExportKeepsToTheServer(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		exporting := regexp.MustCompile(`/(dataset|annotations)(/export)?/?$`)
		asked := 0
		client, err := client.With(before(func(r *http.Request) {
			if exporting.MatchString(r.URL.Path) {
				asked++
				assert.Equal(t, "local", r.URL.Query().Get("location"))
				if r.Method == http.MethodGet {
					assert.Equal(t, "false", r.URL.Query().Get("use_default_location"))
				}
			}
		}))
		require.NoError(t, err)
		_, err = client.Tasks.ExportDatasetToFile(t.Context(), id, exportFormat, t.TempDir(), toFile)
		require.NoError(t, err)
		assert.Positive(t, asked)
	})
}

// TestExportToFileInShortParts: a part may be shorter than what was asked for, also of what does not show its end.
func TestExportToFileInShortParts(t *testing.T) {
	t.Parallel()
	zipped, plain := archiveOf(t, 20, "content"), bytes.Repeat([]byte("0123456789"), 300)
	for kind, data := range map[string][]byte{"application/zip": zipped, "application/octet-stream": plain} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			downloads := 0
			client := serveArchive(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", kind)
				w.Header().Set("Last-Modified", "Mon, 23 Nov 2026 14:47:00 GMT")
				if downloads++; downloads == 1 {
					cutAt(w, data, 100)
				}
				var from int
				_, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
				assert.NoError(t, err)
				to := min(from+500, len(data))
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(data)))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(data[from:to])
			})
			folder := t.TempDir()
			file, err := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, filepath.Join(folder, "a.zip"), toFile)
			require.NoError(t, err)
			assert.Equal(t, int64(len(data)), file.Size)
			assert.Equal(t, map[string][]byte{"a.zip": data}, filesIn(t, folder))
		})
	}
}
