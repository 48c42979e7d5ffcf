package cvat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

const exportFormat = "CVAT for images 1.1"

// newAnnotatedTask makes a task of three pictures with annotations.
func newAnnotatedTask(t *testing.T, client *cvat.Client) int64 {
	t.Helper()
	id := newEmptyTask(t, client)
	require.NoError(t, client.Tasks.Upload(t.Context(), id, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: wait}))
	stored, err := client.Tasks.Labels(t.Context(), id)
	require.NoError(t, err)
	_, _, err = client.Tasks.ReplaceAnnotations(t.Context(), id, annotations(t, stored))
	require.NoError(t, err)
	return id
}

// isDownload recognises the request that fetches the archive, in both protocols.
func isDownload(r *http.Request) bool {
	return r.URL.Query().Get("action") == "download" || strings.HasSuffix(r.URL.Path, "/download")
}

func isPoll(r *http.Request) bool { return r.Method == http.MethodGet && !isDownload(r) }

// exports are the operations that an export of a task's dataset uses.
func exports(dialect testserver.Dialect) (poll, download string) {
	if dialect == testserver.V2_3 {
		return "tasks_retrieve_dataset", "tasks_retrieve_dataset"
	}
	return "requests_retrieve", "tasks_retrieve_dataset_download"
}

// TestExportSurvives lets things go wrong that an export must come through with a whole archive.
func TestExportSurvives(t *testing.T) {
	t.Parallel()
	type plan func(poll, download string) testserver.Fault
	for name, plan := range map[string]plan{
		"looks fail nine times": func(poll, _ string) testserver.Fault {
			return testserver.Fault{Operation: poll, Match: isPoll, Times: 9, Status: http.StatusBadGateway}
		},
		"connection cut while looking": func(poll, _ string) testserver.Fault {
			return testserver.Fault{Kind: testserver.CutAfter, Operation: poll, Match: isPoll, Times: 1}
		},
		"202 on download": func(_, download string) testserver.Fault {
			return testserver.Fault{Operation: download, Match: isDownload, Times: 1, Status: http.StatusAccepted}
		},
		"answer to the download lost": func(_, download string) testserver.Fault {
			return testserver.Fault{Kind: testserver.CutAfter, Operation: download, Match: isDownload, Times: 1}
		},
		"download must wait": func(_, download string) testserver.Fault {
			return testserver.Fault{Operation: download, Match: isDownload, Times: 1, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}}
		},
		"answer to the start lost": func(string, string) testserver.Fault {
			return testserver.Fault{Kind: testserver.CutAfter, Operation: "tasks_create_dataset_export", Times: 1}
		},
		"start always busy at first": func(string, string) testserver.Fault {
			return testserver.Fault{Operation: "tasks_create_dataset_export", Times: 2, Status: http.StatusConflict, Body: `"Export request is being processed"`, ContentType: "application/vnd.cvat+json"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				poll, download := exports(srv.Dialect())
				if srv.Dialect() == testserver.V2_73 && name == "202 on download" {
					return // the newer download is no poll: a 202 there is an error
				}
				id := newAnnotatedTask(t, client)
				srv.Fail(plan(poll, download))
				var buf bytes.Buffer
				file, err := client.Tasks.ExportDataset(t.Context(), id, exportFormat, &buf, &cvat.ExportOptions{Wait: wait})
				require.NoError(t, err)
				assert.Equal(t, int64(buf.Len()), file.Size)
				document, images := openExport(t, buf.Bytes())
				assert.Equal(t, 3, images)
				assert.Contains(t, document, "<polygon")
			})
		})
	}
}

// TestExportFails lets things go wrong that an export cannot come through.
func TestExportFails(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		poll, download := exports(srv.Dialect())
		id := newAnnotatedTask(t, client)
		export := func(w io.Writer) error {
			_, err := client.Tasks.ExportDataset(t.Context(), id, exportFormat, w, &cvat.ExportOptions{Wait: wait})
			srv.Heal()
			return err
		}

		for _, kind := range []testserver.FaultKind{testserver.CutBody, testserver.TruncateBody} {
			srv.Fail(testserver.Fault{Kind: kind, Operation: download, Match: isDownload})
			var buf bytes.Buffer
			err := export(&buf)
			var incomplete *cvat.IncompleteError
			require.ErrorAs(t, err, &incomplete)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.Equal(t, int64(buf.Len()), incomplete.Written)
			require.ErrorContains(t, err, "dataset of task")
			require.ErrorContains(t, err, "incomplete")
		}

		srv.Fail(testserver.Fault{Operation: download, Match: isDownload, Status: http.StatusForbidden})
		require.ErrorIs(t, export(io.Discard), cvat.ErrForbidden)

		srv.Fail(testserver.Fault{Kind: testserver.HTMLPage, Operation: download, Match: isDownload})
		var answered *cvat.Error
		require.ErrorAs(t, export(io.Discard), &answered, "a page is no archive")

		srv.Fail(testserver.Fault{Operation: poll, Match: isPoll, Status: http.StatusInternalServerError, Body: `"zipfile.BadZipFile: planned\n"`, ContentType: "application/vnd.cvat+json"})
		err := export(io.Discard)
		if srv.Dialect() == testserver.V2_3 {
			var failed *cvat.BackgroundError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, "zipfile.BadZipFile: planned", failed.Message)
		}
		require.ErrorContains(t, err, "planned")

		srv.Fail(testserver.Fault{Kind: testserver.HTMLPage, Operation: poll, Match: isPoll, Status: http.StatusInternalServerError})
		require.ErrorIs(t, export(io.Discard), cvat.ErrServer)

		diskFull := errors.New("disk full")
		err = export(writerFunc(func([]byte) (int, error) { return 0, diskFull }))
		require.ErrorIs(t, err, diskFull)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestExportCancelled(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		poll, download := exports(srv.Dialect())
		for _, match := range []func(*http.Request) bool{isPoll, isDownload} {
			cause := errors.New("the user has left")
			ctx, cancel := context.WithCancelCause(t.Context())
			t.Cleanup(func() { cancel(nil) })
			for _, op := range []string{poll, download} {
				srv.Fail(testserver.Fault{Kind: testserver.Slow, Operation: op, Delay: time.Hour, Match: func(r *http.Request) bool {
					if match(r) {
						cancel(cause)
					}
					return match(r)
				}})
			}
			_, err := client.Tasks.ExportDataset(ctx, id, exportFormat, io.Discard, &cvat.ExportOptions{Wait: wait})
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause)
			srv.Heal()
		}
	})
}

// TestExportTakesNoLeftover: up to 2.3 a dataset and the annotations of an object share one result, for all users.
func TestExportTakesNoLeftover(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3))
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	id := newAnnotatedTask(t, client)

	// Somebody exports the annotations and never fetches them.
	start := cvat.Operation{ID: "tasks_retrieve_annotations", Method: http.MethodGet, Path: "/api/tasks/{id}/annotations/", Replay: cvat.Repeatable}
	query := url.Values{"format": {exportFormat}, "use_default_location": {"false"}, "location": {"local"}}
	require.Eventually(t, func() bool {
		resp, err := client.Do(t.Context(), start, cvat.Args{Path: []any{id}, Query: query}, nil, nil)
		return err == nil && resp.StatusCode == http.StatusCreated
	}, 10*time.Second, time.Millisecond)

	var buf bytes.Buffer
	_, err := client.Tasks.ExportDataset(t.Context(), id, exportFormat, &buf, &cvat.ExportOptions{Wait: wait})
	require.NoError(t, err)
	_, images := openExport(t, buf.Bytes())
	assert.Equal(t, 3, images, "a dataset, although an archive without images was ready")
}

// TestExportResultAddress: the host of the address that the server gives may be wrong, and never gets the credentials.
func TestExportResultAddress(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"), cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if op, _ := cvat.OperationFromContext(r.Context()); err == nil && op.ID == "requests_retrieve" {
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					return nil, err
				}
				body = bytes.ReplaceAll(body, []byte(srv.URL), []byte("https://elsewhere.example.com"))
				resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			}
			return resp, err
		})
	}))
	id := newAnnotatedTask(t, client)
	var buf bytes.Buffer
	_, err := client.Tasks.ExportDataset(t.Context(), id, exportFormat, &buf, &cvat.ExportOptions{Wait: wait})
	require.NoError(t, err)
	_, images := openExport(t, buf.Bytes())
	assert.Equal(t, 3, images)
}

// TestExportWithoutAddress: a finished request that names no result (it went to a cloud storage, say) is no success.
func TestExportWithoutAddress(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"null":  `{"status":"finished","id":"x","result_url":null}`,
		"wrong": `{"status":"finished","id":"x","result_url":"://"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/about"):
					replyJSON(200, `{"version":"2.73.1"}`)(w, r)
				case r.Method == http.MethodPost:
					replyJSON(202, `{"rq_id":"x"}`)(w, r)
				default:
					replyJSON(200, request)(w, r)
				}
			}).client(t)
			_, err := client.Jobs.ExportDataset(t.Context(), 7, exportFormat, io.Discard, nil)
			require.ErrorContains(t, err, "dataset of job 7: the server gave no usable address for the result")
		})
	}
}
