package cvat_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
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

// eachDialect runs a test against a fresh fake server in both dialects.
func eachDialect(t *testing.T, run func(t *testing.T, srv *testserver.Server, client *cvat.Client)) {
	t.Helper()
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			srv := testserver.Start(t, testserver.WithDialect(dialect), testserver.WithAnonymousLimit(0))
			t.Cleanup(srv.Close)
			run(t, srv, newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password")))
		})
	}
}

func newEmptyTask(t *testing.T, client *cvat.Client) int64 {
	t.Helper()
	task, _, err := client.Tasks.Create(t.Context(), models.TaskCreate{Name: "street", Labels: labels()})
	require.NoError(t, err)
	return task.ID
}

const (
	opData  = "tasks_create_data"
	opChunk = "tasks_partial_update_data_file"
)

// uploadsOf picks the requests of tasks_create_data that carry a header.
func uploadsOf(header string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Header.Get(header) != "" }
}

// TestUploadSurvives lets things go wrong that an upload must come through with every byte in its place.
func TestUploadSurvives(t *testing.T) {
	t.Parallel()
	bad := http.StatusBadGateway
	for name, fault := range map[string]testserver.Fault{
		"502 on chunk 3":                              {Operation: opChunk, Skip: 2, Times: 1, Status: bad},
		"connection cut before chunk 2 is taken":      {Kind: testserver.CutBefore, Operation: opChunk, Skip: 1, Times: 1},
		"connection cut after chunk 2 is taken":       {Kind: testserver.CutAfter, Operation: opChunk, Skip: 1, Times: 1},
		"502 after chunk 2 is taken":                  {Operation: opChunk, Skip: 1, Times: 1, Status: bad, Acts: true},
		"connection cut after the last chunk":         {Kind: testserver.CutAfter, Operation: opChunk, Match: lastChunk, Times: 1},
		"502 after the last chunk":                    {Operation: opChunk, Match: lastChunk, Times: 1, Status: bad, Acts: true},
		"start is lost":                               {Kind: testserver.CutAfter, Operation: opData, Match: uploadsOf("Upload-Start"), Times: 1},
		"creation must wait":                          {Operation: opData, Match: uploadsOf("Upload-Length"), Times: 1, Status: 429, Header: http.Header{"Retry-After": {"0"}}},
		"finish must wait":                            {Operation: opData, Match: uploadsOf("Upload-Finish"), Times: 1, Status: 503, Header: http.Header{"Retry-After": {"0"}}},
		"status is answered 502 ten times":            {Operation: "tasks_retrieve_status", Times: 40, Status: bad}, // each is repeated
		"requests are answered 502 ten times":         {Operation: "requests_retrieve", Times: 40, Status: bad},
		"the server's address for the upload is lost": {Operation: opChunk, Times: 1, Kind: testserver.Slow, Delay: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newEmptyTask(t, client)
				srv.Fail(fault)
				err := client.Tasks.Upload(t.Context(), id, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{ChunkSize: 64, Wait: wait})
				require.NoError(t, err)
				assert.Equal(t, srv.Count(fault.Operation) > 0, slices.ContainsFunc(srv.Requests(), func(r testserver.Request) bool { return r.Fault != "" }),
					"the fault struck, if this server has the operation")
				srv.Heal()
				checkFrames(t, &target{admin: client}, id)
			})
		})
	}
}

// lastChunk recognises the chunk that completes a picture of writePictures: all others have 64 bytes.
func lastChunk(r *http.Request) bool { return r.ContentLength < 64 }

// TestUploadFails lets things go wrong that an upload cannot come through. The error says what happened and what stands on
// the server.
func TestUploadFails(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]struct {
		fault testserver.Fault
		is    error
		says  string
	}{
		"creation is lost":    {testserver.Fault{Kind: testserver.CutAfter, Operation: opData, Match: uploadsOf("Upload-Length")}, cvat.ErrOutcomeUnknown, "delete it before trying again"},
		"409 at creation":     {testserver.Fault{Operation: opData, Match: uploadsOf("Upload-Length"), Status: http.StatusConflict, Body: `"File with same name already exists"`, ContentType: "application/vnd.cvat+json"}, cvat.ErrConflict, "File with same name already exists"},
		"413 at creation":     {testserver.Fault{Operation: opData, Match: uploadsOf("Upload-Length"), Status: http.StatusRequestEntityTooLarge}, cvat.ErrTooLarge, "frame0.png"},
		"chunk refused":       {testserver.Fault{Operation: opChunk, Status: http.StatusForbidden, Body: `{"detail":"not yours"}`, ContentType: "application/vnd.cvat+json"}, cvat.ErrForbidden, "not yours"},
		"conflict on a chunk": {testserver.Fault{Operation: opChunk, Status: http.StatusConflict}, cvat.ErrConflict, "frame0.png"},
		"always 502":          {testserver.Fault{Operation: opChunk, Status: http.StatusBadGateway}, cvat.ErrServer, "delete it before trying again"},
		"start refused":       {testserver.Fault{Operation: opData, Status: http.StatusForbidden}, cvat.ErrForbidden, ""},
		"finish refused":      {testserver.Fault{Operation: opData, Match: uploadsOf("Upload-Finish"), Status: http.StatusBadRequest, Body: `["planned"]`, ContentType: "application/vnd.cvat+json"}, cvat.ErrInvalid, "planned"},
		"no address":          {testserver.Fault{Operation: opData, Match: uploadsOf("Upload-Length"), Status: http.StatusCreated}, nil, "named no address"},
		"wrong offset":        {testserver.Fault{Operation: opChunk, Status: http.StatusNoContent, Header: http.Header{"Upload-Offset": {"1"}}}, nil, `offset "1"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newEmptyTask(t, client)
				srv.Fail(trouble.fault)
				err := client.Tasks.Upload(t.Context(), id, cvat.Dir(writePictures(t, 1)), &cvat.UploadOptions{ChunkSize: 64, Wait: wait})
				require.Error(t, err)
				require.ErrorContains(t, err, trouble.says)
				if trouble.is != nil {
					require.ErrorIs(t, err, trouble.is)
				}
				srv.Heal()
				task, _, err := client.Tasks.Get(t.Context(), id)
				require.NoError(t, err)
				assert.Zero(t, task.Size)
			})
		})
	}
}

// TestUploadLostFinish loses the answer to the request that starts the processing.
func TestUploadLostFinish(t *testing.T) {
	t.Parallel()
	for _, method := range []cvat.UploadMethod{cvat.UploadTUS, cvat.UploadMultipart} {
		for kind, acted := range map[testserver.FaultKind]bool{testserver.CutBefore: false, testserver.CutAfter: true} {
			t.Run(kind.String(), func(t *testing.T) {
				t.Parallel()
				eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
					t.Helper()
					id := newEmptyTask(t, client)
					match := uploadsOf("Upload-Finish")
					if method == cvat.UploadMultipart {
						match = func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") }
					}
					srv.Fail(testserver.Fault{Kind: kind, Operation: opData, Match: match})
					err := client.Tasks.Upload(t.Context(), id, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Method: method, Wait: wait})
					require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
					starts := 0
					for _, r := range srv.Requests() {
						if r.Fault != "" {
							starts++
						}
					}
					assert.Equal(t, 1, starts, "never started twice")
					if acted {
						_, err = client.Tasks.WaitForData(t.Context(), id, &wait)
						require.NoError(t, err, "which tells how it ended")
						checkFrames(t, &target{admin: client}, id)
					}
				})
			})
		}
	}
}

// TestUploadLosesItsEnd loses an answer to a look, which may be the one that says how the processing ended.
func TestUploadLosesItsEnd(t *testing.T) {
	t.Parallel()
	isLook := func(r *http.Request) bool {
		return strings.Contains(r.URL.Path, "/api/requests/") || strings.HasSuffix(r.URL.Path, "/status")
	}
	for _, failure := range []string{"", "ValueError: planned"} {
		for lost := range 3 {
			t.Run(failure+strconv.Itoa(lost), func(t *testing.T) {
				t.Parallel()
				eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
					t.Helper()
					id := newEmptyTask(t, client)
					srv.Plan(testserver.Work{Operation: opData, Duration: 1, Failure: failure})
					srv.Fail(testserver.Fault{Kind: testserver.CutAfter, Match: isLook, Skip: lost, Times: 1})
					err := client.Tasks.Upload(t.Context(), id, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: wait})
					srv.Heal()
					assert.Equal(t, 1, finishes(srv), "never started twice")
					if failure == "" {
						require.NoError(t, err)
						checkFrames(t, &target{admin: client}, id)
						return
					}
					var failed *cvat.BackgroundError
					require.ErrorAs(t, err, &failed)
					assert.Contains(t, failed.Message, "planned")
				})
			})
		}
	}
}

// TestUploadUnreadableFinish: the server has begun, and a proxy has made a page of its answer.
func TestUploadUnreadableFinish(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newEmptyTask(t, client)
		srv.Fail(testserver.Fault{Kind: testserver.HTMLPage, Status: http.StatusAccepted, Acts: true, Operation: opData, Match: uploadsOf("Upload-Finish")})
		err := client.Tasks.Upload(t.Context(), id, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: wait})
		require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
		var failed *cvat.UploadError
		require.ErrorAs(t, err, &failed)
		assert.True(t, failed.Started)
		require.ErrorContains(t, err, "may get its frames all the same")
		_, err = client.Tasks.WaitForData(t.Context(), id, &wait)
		require.NoError(t, err)
		checkFrames(t, &target{admin: client}, id)
	})
}

func TestUploadSendsToItsOwnServer(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newEmptyTask(t, client)
		client, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return transport(func(r *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(r)
				if err == nil && resp.Header.Get("Location") != "" {
					resp.Header.Set("Location", strings.Replace(resp.Header.Get("Location"), srv.URL, "https://elsewhere.example.com/proxy", 1))
				}
				return resp, err
			})
		}))
		require.NoError(t, err)
		require.NoError(t, client.Tasks.Upload(t.Context(), id, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: wait}))
		checkFrames(t, &target{admin: client}, id)
	})
}

func TestUploadCancelled(t *testing.T) {
	t.Parallel()
	for name, operation := range map[string]string{"chunk": opChunk, "start": opData, "status": "tasks_retrieve_status", "request": "requests_retrieve"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newEmptyTask(t, client)
				cause := errors.New("the user has left")
				ctx, cancel := context.WithCancelCause(t.Context())
				srv.Fail(testserver.Fault{Kind: testserver.Slow, Operation: operation, Delay: time.Hour, Match: func(*http.Request) bool {
					cancel(cause)
					return true
				}})
				err := client.Tasks.Upload(ctx, id, cvat.Dir(writePictures(t, 1)), &cvat.UploadOptions{Wait: wait})
				if srv.Count(operation) == 0 {
					require.NoError(t, err, "this server is not asked for that")
					return
				}
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
			})
		})
	}
}

// TestUploadBodyClosedEarly closes the body of an upload while it is read, as HTTP/2 does when a call is cancelled: no file
// is opened after that, since nothing would close it.
func TestUploadBodyClosedEarly(t *testing.T) {
	t.Parallel()
	folder := writePictures(t, 3)
	gone := errors.New("the connection is gone")
	for _, read := range []int{0, 200, 800} {
		client := newClient(t, pipeURL, cvat.WithHTTPClient(&http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			_, err := io.CopyN(io.Discard, r.Body, int64(read))
			require.NoError(t, err)
			var reading sync.WaitGroup
			reading.Go(func() { _, _ = io.CopyN(io.Discard, r.Body, 10) })
			require.NoError(t, r.Body.Close())
			reading.Wait()
			_, err = io.Copy(io.Discard, r.Body)
			require.ErrorIs(t, err, os.ErrClosed)
			return nil, gone
		})}))
		err := client.Tasks.Upload(t.Context(), 7, cvat.Dir(folder), &cvat.UploadOptions{Method: cvat.UploadMultipart})
		require.ErrorIs(t, err, gone)
	}
}

func TestUploadProcessingFails(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newEmptyTask(t, client)
		err := client.Tasks.Upload(t.Context(), id, cvat.Bytes("broken.png", []byte("no picture")), &cvat.UploadOptions{Wait: wait})
		var failed *cvat.BackgroundError
		require.ErrorAs(t, err, &failed)
		assert.NotEmpty(t, failed.Message)
		require.ErrorContains(t, err, strings.TrimSpace(failed.Message))
	})
}

// TestUploadStateLost: the server never got the last chunk, and forgets the upload or stands elsewhere; nothing tells that
// the file is complete.
func TestUploadStateLost(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusInternalServerError, http.StatusNotFound, http.StatusConflict} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newEmptyTask(t, client)
				srv.Fail(testserver.Fault{Kind: testserver.CutBefore, Operation: opChunk, Match: lastChunk, Times: 1})
				srv.Fail(testserver.Fault{Operation: opChunk, Match: lastChunk, Status: status})
				err := client.Tasks.Upload(t.Context(), id, cvat.Dir(writePictures(t, 1)), &cvat.UploadOptions{ChunkSize: 64, Wait: wait})
				require.ErrorContains(t, err, strconv.Itoa(status))
				require.ErrorContains(t, err, "delete it before trying again")
				var failed *cvat.UploadError
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, id, failed.TaskID)
				assert.True(t, failed.Parts)
				assert.False(t, failed.Started)
				for _, r := range srv.Requests() {
					assert.Empty(t, r.Header.Get("Upload-Finish"), "an incomplete upload is not finished")
				}
			})
		})
	}
}

// TestUploadSaysWhatStands, also when it is the processing that failed or was not waited for.
func TestUploadSaysWhatStands(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plan testserver.Work
		says string
	}{
		"failed":     {testserver.Work{Operation: opData, Failure: "ValueError: planned"}, "has no frames: delete it before trying again"},
		"not waited": {testserver.Work{Operation: opData, Hang: true}, "may get its frames all the same: WaitForData tells"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachMethod(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, method cvat.UploadMethod) {
				t.Helper()
				cause := errors.New("the user has left")
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				options := &cvat.UploadOptions{Method: method, Wait: cvat.WaitOptions{MaxInterval: wait.MaxInterval}}
				if test.plan.Hang {
					options.Wait.OnStatus = func(cvat.WorkStatus) { cancel(cause) }
				}
				id := newEmptyTask(t, client)
				srv.Plan(test.plan)
				err := client.Tasks.Upload(ctx, id, cvat.Bytes("a.png", big(t, 0, 500)), options)
				failed := new(cvat.UploadError)
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, id, failed.TaskID)
				assert.True(t, failed.Started)
				require.ErrorContains(t, err, test.says)
				assert.Equal(t, test.plan.Hang, errors.Is(err, cause))
				assert.Equal(t, !test.plan.Hang, errors.As(err, new(*cvat.BackgroundError)))
			})
		})
	}
}
