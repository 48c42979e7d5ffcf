package cvat_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
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

// big returns a picture that the fake server decodes, with so many bytes: what follows the end of a PNG is ignored.
func big(t *testing.T, n, size int) []byte {
	t.Helper()
	data := picture(t, n)
	for i := len(data); i < size; i++ {
		data = append(data, byte(i*7+n))
	}
	return data
}

func sum(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}

// three is a source of three pictures of so many bytes, and what the server has to hold in the end.
func three(t *testing.T, size int) (cvat.Source, []testserver.File) {
	t.Helper()
	var sources []cvat.Source
	var files []testserver.File
	for i := range 3 {
		name, data := fmt.Sprintf("frame%d.png", i), big(t, i, size+i)
		sources = append(sources, cvat.Bytes(name, data))
		files = append(files, testserver.File{Name: name, Size: int64(len(data)), SHA256: sum(data)})
	}
	return cvat.Join(sources...), files
}

// cutChunkAt is a transport that closes the connection under the nth request that fits, when so many bytes of its body have been
// read.
func cutChunkAt(match func(*http.Request) bool, nth, bytes int) func(http.RoundTripper) http.RoundTripper {
	var seen atomic.Int64
	return func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			if !match(r) || int(seen.Add(1)) != nth {
				return next.RoundTrip(r)
			}
			r = r.Clone(r.Context())
			r.Body = &cutChunk{ReadCloser: r.Body, left: bytes}
			return next.RoundTrip(r)
		})
	}
}

type cutChunk struct {
	io.ReadCloser

	left int
}

func (b *cutChunk) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: errors.New("connection cut")}
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func isChunk(r *http.Request) bool { return r.Method == http.MethodPatch }

// TestUploadCutInEachChunk cuts the connection in the middle of each chunk in turn.
func TestUploadCutInEachChunk(t *testing.T) {
	t.Parallel()
	const size, chunk = 1000, 128 // eight chunks a file
	for nth := 1; nth <= 24; nth++ {
		t.Run(strconv.Itoa(nth), func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				source, files := three(t, size)
				client, err := client.With(cvat.WithMiddleware(cutChunkAt(isChunk, nth, chunk/2)))
				require.NoError(t, err)
				id := newEmptyTask(t, client)
				require.NoError(t, client.Tasks.Upload(t.Context(), id, source, &cvat.UploadOptions{ChunkSize: chunk, Wait: wait}))
				assert.Equal(t, files, srv.Files(id))
			})
		})
	}
}

// TestUploadFaultsAtChunks: faults at one chunk, early, late and last, for one file alone, so that which chunk that is does not
// depend on the others.
func TestUploadFaultsAtChunks(t *testing.T) {
	t.Parallel()
	const size, chunk = 1000, 128
	for name, fault := range map[string]testserver.Fault{
		"502 on it":          {Status: http.StatusBadGateway},
		"504 after it":       {Status: http.StatusGatewayTimeout, Acts: true},
		"cut before":         {Kind: testserver.CutBefore},
		"cut after":          {Kind: testserver.CutAfter},
		"429 on it":          {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}},
		"500 on it":          {Status: http.StatusInternalServerError},
		"413 on it":          {Status: http.StatusRequestEntityTooLarge},
		"409 that is wrong":  {Status: http.StatusConflict},
		"4 cuts after":       {Kind: testserver.CutAfter, Times: 4},
		"9 cuts before":      {Kind: testserver.CutBefore, Times: 9},
		"unknown, then 404":  {Status: http.StatusNotFound, Acts: true},
		"HTML and no effect": {Kind: testserver.HTMLPage, Status: http.StatusBadGateway},
	} {
		for _, nth := range []int{1, 7, 8} {
			t.Run(name+"/"+strconv.Itoa(nth), func(t *testing.T) {
				t.Parallel()
				eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
					t.Helper()
					data := big(t, 0, size)
					id := newEmptyTask(t, client)
					fault := fault
					fault.Operation, fault.Skip, fault.Times = opChunk, nth-1, max(1, fault.Times)
					srv.Fail(fault)
					err := client.Tasks.Upload(t.Context(), id, cvat.Bytes("a.png", data), &cvat.UploadOptions{ChunkSize: chunk, Wait: wait})
					srv.Heal()
					task, _, gone := client.Tasks.Get(t.Context(), id)
					require.NoError(t, gone)
					if err != nil {
						var failed *cvat.UploadError
						require.ErrorAs(t, err, &failed)
						assert.True(t, failed.Parts)
						assert.Zero(t, task.Size, "what is not whole is not finished")
						assert.False(t, survivable(srv.Dialect(), fault, nth == 8), "%v", err)
						return
					}
					assert.Equal(t, []testserver.File{{Name: "a.png", Size: size, SHA256: sum(data)}}, srv.Files(id))
					assert.Equal(t, 1, task.Size)
				})
			})
		}
	}
}

// survivable tells which of the faults an upload must come through. An answer that the server gives for certain, and that
// is wrong, need not be one of them where it cannot be asked.
func survivable(dialect testserver.Dialect, fault testserver.Fault, last bool) bool {
	switch fault.Status {
	case http.StatusRequestEntityTooLarge:
		return false // chunks of a fixed size do not shrink
	case http.StatusNotFound:
		return last || dialect == testserver.V2_73
	case http.StatusInternalServerError, http.StatusConflict:
		return dialect == testserver.V2_73
	}
	return true
}

// TestUploadPatienceIsRestored: each chunk uses up most of the patience, and gets through in the end. Failures without progress
// end the upload.
func TestUploadPatienceIsRestored(t *testing.T) {
	t.Parallel()
	for name, progress := range map[string]bool{"progress": true, "no progress": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				data, id := big(t, 0, 1000), newEmptyTask(t, client)
				var sent atomic.Int64
				srv.Fail(testserver.Fault{Kind: testserver.CutBefore, Operation: opChunk, Match: func(r *http.Request) bool {
					return isChunk(r) && (sent.Add(1)%9 != 0 || !progress && r.Header.Get("Upload-Offset") == "256") // eight are two rounds of attempts
				}})
				err := client.Tasks.Upload(t.Context(), id, cvat.Bytes("a.png", data), &cvat.UploadOptions{ChunkSize: 128, Wait: wait})
				if progress {
					require.NoError(t, err)
					assert.Equal(t, int64(8*9), sent.Load())
					assert.Equal(t, []testserver.File{{Name: "a.png", Size: 1000, SHA256: sum(data)}}, srv.Files(id))
					return
				}
				require.Error(t, err)
				assert.Zero(t, finishes(srv))
				assert.Equal(t, int64(2*9+4*4), sent.Load(), "four rounds of four attempts")
			})
		})
	}
}

// TestUploadForgotten: the server forgets the upload half-way, as 2.3 does after an hour.
func TestUploadForgotten(t *testing.T) {
	t.Parallel()
	forgetful := func(srv *testserver.Server, client *cvat.Client, nth int64) (*cvat.Client, error) {
		var chunks atomic.Int64
		return client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return transport(func(r *http.Request) (*http.Response, error) {
				if isChunk(r) && chunks.Add(1) == nth {
					srv.ForgetUploads()
				}
				return next.RoundTrip(r)
			})
		}))
	}
	t.Run("Upload", func(t *testing.T) {
		t.Parallel()
		eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
			t.Helper()
			client, err := forgetful(srv, client, 5)
			require.NoError(t, err)
			id := newEmptyTask(t, client)
			source, files := three(t, 1000)
			err = client.Tasks.Upload(t.Context(), id, source, &cvat.UploadOptions{ChunkSize: 128, Wait: wait})
			if srv.Dialect() == testserver.V2_73 {
				require.NoError(t, err)
				assert.Equal(t, files, srv.Files(id))
				return
			}
			require.ErrorContains(t, err, "would take it for a picture")
			assert.Zero(t, finishes(srv), "the lost part is not made a frame")
		})
	})
	t.Run("CreateFromData", func(t *testing.T) {
		t.Parallel()
		eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
			t.Helper()
			client, err := forgetful(srv, client, 5)
			require.NoError(t, err)
			source, files := three(t, 1000)
			task, err := client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street", Labels: labels()}, source,
				&cvat.UploadOptions{ChunkSize: 128, Wait: wait})
			require.NoError(t, err)
			assert.Equal(t, 3, task.Size)
			assert.Equal(t, files, srv.Files(task.ID))
			assert.Len(t, taskIDs(t, client), 1, "the task that was given up is gone")
		})
	})
	t.Run("again and again", func(t *testing.T) {
		t.Parallel()
		eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
			t.Helper()
			client, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
				return transport(func(r *http.Request) (*http.Response, error) {
					if isChunk(r) && r.Header.Get("Upload-Offset") == "256" {
						srv.ForgetUploads()
					}
					return next.RoundTrip(r)
				})
			}))
			require.NoError(t, err)
			source, _ := three(t, 1000)
			_, err = client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street", Labels: labels()}, source,
				&cvat.UploadOptions{ChunkSize: 128, Wait: wait, RemoveOnFailure: true})
			var failed *cvat.UploadError
			require.ErrorAs(t, err, &failed, "it ends")
			assert.True(t, failed.Removed)
			require.ErrorContains(t, err, "was removed")
			assert.Empty(t, taskIDs(t, client))
			assert.Zero(t, finishes(srv))
		})
	})
}

// TestUploadTakesNoOtherFileForItsOwn: the server forgets the upload half-way, and has another file of the name when it is
// announced again. Only an upload that has sent every byte may take that for its own.
func TestUploadTakesNoOtherFileForItsOwn(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newEmptyTask(t, client)
		var once sync.Once
		disturbed, err := client.With(before(func(r *http.Request) {
			if isChunk(r) && r.Header.Get("Upload-Offset") == "512" {
				once.Do(func() {
					srv.ForgetUploads()
					srv.Fail(testserver.Fault{
						Operation: opData, Match: uploadsOf("Upload-Length"), Status: http.StatusConflict,
						Body: `"File with same name already exists"`, ContentType: "application/vnd.cvat+json",
					})
				})
			}
		}))
		require.NoError(t, err)
		err = disturbed.Tasks.Upload(t.Context(), id, cvat.Bytes("a.png", big(t, 0, 1000)), &cvat.UploadOptions{ChunkSize: 128, Wait: wait})
		require.ErrorAs(t, err, new(*cvat.UploadError))
		assert.Zero(t, finishes(srv))
		if srv.Dialect() == testserver.V2_73 {
			require.ErrorIs(t, err, cvat.ErrConflict)
		}
	})
}

func finishes(srv *testserver.Server) int {
	n := 0
	for _, r := range srv.Requests() {
		if r.Header.Get("Upload-Finish") != "" {
			n++
		}
	}
	return n
}

func taskIDs(t *testing.T, client *cvat.Client) []int64 {
	t.Helper()
	tasks, err := cvat.Collect(client.Tasks.All(t.Context(), nil))
	require.NoError(t, err)
	ids := make([]int64, 0, len(tasks))
	for _, task := range tasks {
		ids = append(ids, task.ID)
	}
	return ids
}

// restartedAt returns a client whose nth request that matches lets the server go away and come back.
func restartedAt(t *testing.T, srv *testserver.Server, client *cvat.Client, match func(*http.Request) bool, nth int64) (*cvat.Client, <-chan struct{}) {
	t.Helper()
	var seen atomic.Int64
	restarted := make(chan struct{})
	client, err := client.With(cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: 20 * time.Millisecond, MaxAttempts: 8}), before(func(r *http.Request) {
		if match(r) && seen.Add(1) == nth {
			go func() {
				defer close(restarted)
				srv.Restart(50 * time.Millisecond)
			}()
		}
	}))
	require.NoError(t, err)
	return client, restarted
}

// TestUploadServerRestarts: the server goes away half-way and comes back.
func TestUploadServerRestarts(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		client, restarted := restartedAt(t, srv, client, isChunk, 10)
		source, files := three(t, 3000)
		task, err := client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street", Labels: labels()}, source,
			&cvat.UploadOptions{ChunkSize: 128, Wait: wait})
		<-restarted
		require.NoError(t, err)
		assert.Equal(t, files, srv.Files(task.ID))
		assert.Len(t, taskIDs(t, client), 1)
	})
}

// TestUploadLostCreation: the answer to the announcement of a file is lost. Where that leaves a file that would become a
// frame, the upload ends before the finish.
func TestUploadLostCreation(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		lose := testserver.Fault{Kind: testserver.CutAfter, Operation: opData, Match: uploadsOf("Upload-Length"), Times: 1}
		source, files := three(t, 500)
		id := newEmptyTask(t, client)
		srv.Fail(lose)
		err := client.Tasks.Upload(t.Context(), id, source, &cvat.UploadOptions{Wait: wait})
		if srv.Dialect() == testserver.V2_73 {
			require.NoError(t, err)
			assert.Equal(t, files, srv.Files(id))
		} else {
			require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
			require.ErrorContains(t, err, "delete it before trying again")
			assert.Zero(t, finishes(srv))
		}
		srv.Heal()
		srv.Fail(lose)
		task, err := client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street", Labels: labels()}, source, &cvat.UploadOptions{Wait: wait})
		require.NoError(t, err)
		assert.Equal(t, files, srv.Files(task.ID))
	})
}

// TestUploadWithoutRetries repeats nothing if the policy says so.
func TestUploadWithoutRetries(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		client, err := client.With(cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 1}))
		require.NoError(t, err)
		id := newEmptyTask(t, client)
		srv.Fail(testserver.Fault{Operation: opChunk, Status: http.StatusBadGateway})
		err = client.Tasks.Upload(t.Context(), id, cvat.Bytes("a.png", big(t, 0, 500)), &cvat.UploadOptions{Wait: wait})
		require.ErrorIs(t, err, cvat.ErrServer)
		assert.Equal(t, 1, srv.Count(opChunk))
	})
}

// TestUploadCancelledAtEveryStage ends the context under each kind of request in turn. What is not finished stays so.
func TestUploadCancelledAtEveryStage(t *testing.T) {
	t.Parallel()
	stages := map[string]func(*http.Request) bool{
		"create task": func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/api/tasks")
		},
		"start":       uploadsOf("Upload-Start"),
		"announce":    uploadsOf("Upload-Length"),
		"first chunk": func(r *http.Request) bool { return isChunk(r) && r.Header.Get("Upload-Offset") == "0" },
		"later chunk": func(r *http.Request) bool { return isChunk(r) && r.Header.Get("Upload-Offset") == "256" },
		"last chunk":  func(r *http.Request) bool { return isChunk(r) && r.ContentLength != 128 },
		"finish":      uploadsOf("Upload-Finish"),
		"multipart":   func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") },
		"wait": func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/status") || strings.Contains(r.URL.Path, "/api/requests/")
		},
	}
	for stage, match := range stages {
		method := cvat.UploadTUS
		if stage == "multipart" {
			method = cvat.UploadMultipart
		}
		for _, acts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, acts %v", stage, acts), func(t *testing.T) {
				t.Parallel()
				eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
					t.Helper()
					calm := client
					cause := errors.New("the user has left")
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					client, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
						return transport(func(r *http.Request) (*http.Response, error) {
							if !match(r) || ctx.Err() != nil {
								return next.RoundTrip(r)
							}
							if acts {
								if resp, err := next.RoundTrip(r); err == nil {
									_ = resp.Body.Close()
								}
							}
							cancel(cause)
							return nil, context.Canceled
						})
					}))
					require.NoError(t, err)
					source, files := three(t, 1000)
					_, err = client.Tasks.CreateFromData(ctx, models.TaskCreate{Name: "street", Labels: labels()}, source,
						&cvat.UploadOptions{ChunkSize: 128, Wait: wait, Method: method})
					require.ErrorIs(t, err, context.Canceled)
					require.ErrorIs(t, err, cause)
					var failed *cvat.UploadError
					for _, id := range taskIDs(t, calm) {
						task, _, err := calm.Tasks.Get(t.Context(), id)
						require.NoError(t, err)
						if task.Size > 0 {
							assert.Equal(t, files, srv.Files(id))
						}
					}
					if stage != "create task" {
						require.ErrorAs(t, err, &failed)
						assert.Equal(t, slices.Contains([]string{"finish", "multipart", "wait"}, stage), failed.Started)
						assert.Contains(t, taskIDs(t, calm), failed.TaskID)
					}
				})
			})
		}
	}
}

// TestUploadRemovesOnFailure removes the task even after the context has ended.
func TestUploadRemovesOnFailure(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		srv.Fail(testserver.Fault{Kind: testserver.Slow, Operation: opChunk, Delay: time.Hour, Match: func(*http.Request) bool {
			cancel()
			return true
		}})
		source, _ := three(t, 500)
		_, err := client.Tasks.CreateFromData(ctx, models.TaskCreate{Name: "street", Labels: labels()}, source,
			&cvat.UploadOptions{Wait: wait, RemoveOnFailure: true})
		require.ErrorIs(t, err, context.Canceled)
		var failed *cvat.UploadError
		require.ErrorAs(t, err, &failed)
		assert.True(t, failed.Removed)
		assert.Empty(t, taskIDs(t, client))

		srv.Heal()
		srv.Fail(testserver.Fault{Operation: opChunk, Status: http.StatusForbidden})
		srv.Fail(testserver.Fault{Operation: "tasks_destroy", Status: http.StatusForbidden})
		_, err = client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street", Labels: labels()}, source,
			&cvat.UploadOptions{Wait: wait, RemoveOnFailure: true})
		require.ErrorAs(t, err, &failed)
		assert.False(t, failed.Removed)
		assert.Equal(t, []int64{failed.TaskID}, taskIDs(t, client))
	})
}

// TestCreateFromDataRefusesFirst makes no task of what cannot be uploaded.
func TestCreateFromDataRefusesFirst(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		_, err := client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street"}, cvat.Join(cvat.Bytes("a.png", nil), cvat.Bytes("b/c.png", nil)), nil)
		require.ErrorAs(t, err, new(*cvat.ArgumentError))
		require.ErrorContains(t, err, `"a.png" is empty`)
		require.ErrorContains(t, err, `"b/c.png" has a name`)
		assert.Empty(t, srv.Requests())
	})
}

// TestUploadParallel: as many files travel at once as the option says, and no more.
func TestUploadParallel(t *testing.T) {
	t.Parallel()
	for _, lanes := range []int{1, 3} {
		eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
			t.Helper()
			var now, most atomic.Int64
			client, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
				return transport(func(r *http.Request) (*http.Response, error) {
					if isChunk(r) {
						for n := now.Add(1); ; {
							m := most.Load()
							if n <= m || most.CompareAndSwap(m, n) {
								break
							}
						}
						defer now.Add(-1)
						time.Sleep(20 * time.Millisecond)
					}
					return next.RoundTrip(r)
				})
			}))
			require.NoError(t, err)
			source, files := three(t, 500)
			id := newEmptyTask(t, client)
			require.NoError(t, client.Tasks.Upload(t.Context(), id, source, &cvat.UploadOptions{Parallel: lanes, Wait: wait}))
			assert.Equal(t, int64(lanes), most.Load())
			assert.Equal(t, files, srv.Files(id))
		})
	}
}

// TestUploadProgress: one callback at a time, on the caller's goroutine, from nothing to all.
func TestUploadProgress(t *testing.T) {
	t.Parallel()
	for _, method := range []cvat.UploadMethod{cvat.UploadTUS, cvat.UploadMultipart} {
		eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
			t.Helper()
			source, files := three(t, 1000)
			var seen []cvat.UploadProgress // without a lock: the race detector watches
			id := newEmptyTask(t, client)
			require.NoError(t, client.Tasks.Upload(t.Context(), id, source, &cvat.UploadOptions{
				Method: method, ChunkSize: 128, Wait: wait,
				OnProgress: func(p cvat.UploadProgress) { seen = append(seen, p) },
			}))
			total := files[0].Size + files[1].Size + files[2].Size
			assert.Zero(t, seen[0].Done)
			assert.Equal(t, total, seen[len(seen)-1].Done)
			assert.True(t, slices.IsSortedFunc(seen, func(a, b cvat.UploadProgress) int { return int(a.Done - b.Done) }))
			for _, p := range seen {
				assert.Equal(t, total, p.Total)
				assert.Contains(t, p.File, "frame")
			}
		})
	}
}
