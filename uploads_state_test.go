package cvat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// program makes this test binary a program: the process that is killed, and the one that goes on. It holds the name of one of
// the programs.
const program = "CVAT_TEST_PROGRAM"

func TestMain(m *testing.M) {
	name := os.Getenv(program)
	if name == "" {
		os.Exit(m.Run())
	}
	client, err := cvat.NewClient(os.Args[1], cvat.WithBasicAuth("admin", "admin-password"), cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: time.Millisecond}))
	if err == nil {
		err = programs[name](context.Background(), client, os.Args[2:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// programs are what other processes run.
var programs = map[string]func(ctx context.Context, client *cvat.Client, args []string) error{
	"upload": runUploader, "export": runExporter, "import": runImporter, "frames": runFrames,
}

// process prepares a process that runs one of the programs.
func process(ctx context.Context, name, url string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{url}, args...)...)
	cmd.Env = append(os.Environ(), program+"="+name)
	cmd.Stderr = &bytes.Buffer{}
	return cmd
}

// killAt kills a process when a request of its arrives, which is then answered late, or not at all.
func killAt(srv *testserver.Server, match func(*http.Request) bool, skip int, acts bool, kill func()) {
	kind := testserver.CutBefore
	if acts {
		kind = testserver.Slow
	}
	srv.Fail(testserver.Fault{Kind: kind, Delay: 300 * time.Millisecond, Times: 1, Match: func(r *http.Request) bool {
		if !match(r) {
			return false
		}
		if skip--; skip >= 0 {
			return false
		}
		kill()
		return true
	}})
}

func runUploader(ctx context.Context, client *cvat.Client, args []string) error {
	_, err := client.Tasks.CreateFromData(ctx, models.TaskCreate{Name: "street", Labels: labels()}, cvat.Dir(args[0]), resumable(args[1]))
	return err
}

func resumable(state string) *cvat.UploadOptions {
	return &cvat.UploadOptions{ChunkSize: 128, Parallel: 2, StateFile: state, Wait: wait}
}

// writeBig writes three pictures of so many bytes and returns the folder, and what the server has to hold.
func writeBig(t *testing.T, size int) (folder string, files []testserver.File) {
	t.Helper()
	folder = t.TempDir()
	for i := range 3 {
		name, data := fmt.Sprintf("frame%d.png", i), big(t, i, size+i)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
		files = append(files, testserver.File{Name: name, Size: int64(len(data)), SHA256: sum(data)})
	}
	return folder, files
}

// TestUploadGoesOnInAnotherProcess kills a process at each stage of an upload. Another one goes on where it ended.
func TestUploadGoesOnInAnotherProcess(t *testing.T) {
	t.Parallel()
	for stage, match := range map[string]func(*http.Request) bool{
		"start":        uploadsOf("Upload-Start"),
		"announcement": uploadsOf("Upload-Length"),
		"first chunk":  func(r *http.Request) bool { return r.Header.Get("Upload-Offset") == "0" },
		"later chunk":  func(r *http.Request) bool { return r.Header.Get("Upload-Offset") == "512" },
		"last chunk":   func(r *http.Request) bool { return isChunk(r) && r.ContentLength != 128 },
		"finish":       uploadsOf("Upload-Finish"),
	} {
		for _, acts := range []bool{true, false} {
			if stage == "finish" && !acts {
				continue // see TestUploadStateOfUnknownFinish
			}
			t.Run(fmt.Sprintf("%s, acts %v", stage, acts), func(t *testing.T) {
				t.Parallel()
				eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
					t.Helper()
					folder, files := writeBig(t, 1000)
					state := filepath.Join(t.TempDir(), "state")
					ctx, kill := context.WithCancel(t.Context())
					defer kill()
					killAt(srv, match, 0, acts, kill)
					require.Error(t, process(ctx, "upload", srv.URL, folder, state).Run(), "it was killed")
					require.FileExists(t, state)
					second := process(t.Context(), "upload", srv.URL, folder, state)
					require.NoError(t, second.Run(), "%v", second.Stderr)
					ids := taskIDs(t, client)
					require.Len(t, ids, 1)
					assert.Equal(t, files, srv.Files(ids[0]))
					assert.NoFileExists(t, state)
				})
			})
		}
	}
}

// interruptedAt runs an upload that ends, without having been answered, at the nth request that matches.
func interruptedAt(t *testing.T, client *cvat.Client, match func(*http.Request) bool, nth int64, acts bool, run func(context.Context, *cvat.Client) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen atomic.Int64
	client, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			if !match(r) || seen.Add(1) != nth {
				return next.RoundTrip(r)
			}
			if acts {
				if resp, err := next.RoundTrip(r); err == nil {
					_ = resp.Body.Close()
				}
			}
			cancel()
			return nil, errors.New("gone")
		})
	}))
	require.NoError(t, err)
	require.ErrorIs(t, run(ctx, client), context.Canceled)
}

// TestUploadSendsNothingTwice: what has arrived before is not sent again.
func TestUploadSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, acts := range []bool{false, true} {
		eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
			t.Helper()
			folder, files := writeBig(t, 1000)
			id := newEmptyTask(t, client)
			options := resumable(filepath.Join(t.TempDir(), "state"))
			options.Parallel = 1
			upload := func(ctx context.Context, c *cvat.Client) error {
				return c.Tasks.Upload(ctx, id, cvat.Dir(folder), options)
			}
			interruptedAt(t, client, isChunk, 12, acts, upload)
			srv.Forget()
			require.NoError(t, upload(t.Context(), client))
			assert.Equal(t, files, srv.Files(id))
			var sent int64
			for _, r := range srv.Requests() {
				if r.Operation == opChunk && r.Status == http.StatusNoContent {
					sent += r.BodySize
				}
			}
			arrived := files[0].Size + 3*128 // the first file has eight chunks
			if acts {
				arrived += 128
			}
			assert.Equal(t, files[0].Size+files[1].Size+files[2].Size-arrived, sent)
		})
	}
}

// TestUploadStateBelongsToOneUpload: a state belongs to one upload to one server, and says so to others.
func TestUploadStateBelongsToOneUpload(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		folder, _ := writeBig(t, 1000)
		id := newEmptyTask(t, client)
		state := filepath.Join(t.TempDir(), "state")
		options := resumable(state)
		interruptedAt(t, client, isChunk, 3, false, func(ctx context.Context, c *cvat.Client) error {
			return c.Tasks.Upload(ctx, id, cvat.Dir(folder), options)
		})
		kept, err := os.ReadFile(state)
		require.NoError(t, err)
		assert.NotContains(t, string(kept), "admin-password")
		refused := func(id int64, source cvat.Source, options *cvat.UploadOptions, says string) {
			t.Helper()
			sent := 0 // by this client: the server may still be busy with what was interrupted
			counting, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
				return transport(func(r *http.Request) (*http.Response, error) { sent++; return next.RoundTrip(r) })
			}))
			require.NoError(t, err)
			err = counting.Tasks.Upload(t.Context(), id, source, options)
			require.ErrorAs(t, err, new(*cvat.ArgumentError))
			require.ErrorContains(t, err, says)
			assert.Zero(t, sent)
		}
		refused(id+1, cvat.Dir(folder), options, "another upload")
		other, _ := writeBig(t, 2000)
		refused(id, cvat.Dir(other), options, "another upload")
		changed := *options
		changed.ImageQuality = 5
		refused(id, cvat.Dir(folder), &changed, "another upload")
		refused(id, cvat.Reader("a.png", strings.NewReader("x"), 1), options, "Reader")
		refused(id, cvat.Dir(folder), &cvat.UploadOptions{StateFile: t.TempDir()}, "StateFile")
		both := *options
		both.RemoveOnFailure = true
		refused(id, cvat.Dir(folder), &both, "RemoveOnFailure")
		for _, strange := range []string{"no state\n", "{}\n", `{"version":9}` + "\n", `{"precious":true}`, "a secret without an end of line", "{\"version\":9}\nmore"} {
			path := filepath.Join(t.TempDir(), "strange")
			require.NoError(t, os.WriteFile(path, []byte(strange), 0o600))
			refused(id, cvat.Dir(folder), &cvat.UploadOptions{StateFile: path}, "StateFile")
			still, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, strange, string(still), "a file that is something else is left alone")
		}
	})
}

// TestUploadStateTornLine: a process that dies while it writes leaves half a line.
func TestUploadStateTornLine(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		folder, files := writeBig(t, 1000)
		id := newEmptyTask(t, client)
		options := resumable(filepath.Join(t.TempDir(), "state"))
		options.Parallel = 1 // no other file is being announced when it ends
		upload := func(ctx context.Context, c *cvat.Client) error {
			return c.Tasks.Upload(ctx, id, cvat.Dir(folder), options)
		}
		interruptedAt(t, client, isChunk, 3, true, upload)
		file, err := os.OpenFile(options.StateFile, os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		_, err = file.WriteString(`{"file":{"index":1,"beg`)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		require.NoError(t, upload(t.Context(), client))
		assert.Equal(t, files, srv.Files(id))
	})
}

// TestUploadStateTornFirstLine: a process that dies while it begins the file leaves a part of the first line, from which
// another goes on.
func TestUploadStateTornFirstLine(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		folder, files := writeBig(t, 1000)
		id := newEmptyTask(t, client)
		options := resumable(filepath.Join(t.TempDir(), "state"))
		upload := func(ctx context.Context, c *cvat.Client) error {
			return c.Tasks.Upload(ctx, id, cvat.Dir(folder), options)
		}
		interruptedAt(t, client, uploadsOf("Upload-Start"), 1, false, upload)
		data, err := os.ReadFile(options.StateFile)
		require.NoError(t, err)
		first, _, _ := bytes.Cut(data, []byte("\n"))
		require.NoError(t, os.WriteFile(options.StateFile, first[:20], 0o600))
		require.NoError(t, upload(t.Context(), client))
		assert.Equal(t, files, srv.Files(id))
		assert.NoFileExists(t, options.StateFile)
	})
}

// creating makes a task of a folder.
func creating(folder string, options *cvat.UploadOptions) func(context.Context, *cvat.Client) error {
	return func(ctx context.Context, c *cvat.Client) error {
		_, err := c.Tasks.CreateFromData(ctx, models.TaskCreate{Name: "street", Labels: labels()}, cvat.Dir(folder), options)
		return err
	}
}

// TestUploadStateOfADeletedTask: somebody has removed the task. No other is made by the way: it may only be out of sight.
func TestUploadStateOfADeletedTask(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		folder, files := writeBig(t, 1000)
		options := resumable(filepath.Join(t.TempDir(), "state"))
		create := creating(folder, options)
		interruptedAt(t, client, isChunk, 3, true, create)
		ids := taskIDs(t, client)
		require.Len(t, ids, 1)
		_, err := client.Tasks.Delete(t.Context(), ids[0])
		require.NoError(t, err)
		for range 2 {
			err := create(t.Context(), client)
			require.ErrorIs(t, err, cvat.ErrNotFound)
			require.ErrorContains(t, err, "remove the file named by StateFile")
			assert.Empty(t, taskIDs(t, client))
		}
		require.NoError(t, os.Remove(options.StateFile))
		require.NoError(t, create(t.Context(), client))
		ids = taskIDs(t, client)
		require.Len(t, ids, 1)
		assert.Equal(t, files, srv.Files(ids[0]))
	})
}

// TestUploadStateOfUnknownTask: the process died while it made the task.
func TestUploadStateOfUnknownTask(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		folder, _ := writeBig(t, 1000)
		options := resumable(filepath.Join(t.TempDir(), "state"))
		create := creating(folder, options)
		interruptedAt(t, client, func(r *http.Request) bool { return r.Method == http.MethodPost }, 1, true, create)
		err := create(t.Context(), client)
		require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
		require.ErrorContains(t, err, options.StateFile)
		assert.Len(t, taskIDs(t, client), 1, "none was made twice")
	})
}

// TestUploadStateOfUnknownFinish: the process died when it was about to start the processing. Whether it did shows in the
// task, after some time.
func TestUploadStateOfUnknownFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := testserver.New(t, testserver.WithBasePath("/base"))
		pipe := servePipe(t, srv.Handler().ServeHTTP)
		client, err := cvat.NewClient(pipeURL, cvat.WithBasicAuth("admin", "admin-password"), cvat.WithHTTPClient(&http.Client{Transport: pipe.transport}))
		require.NoError(t, err)
		id := newEmptyTask(t, client)
		options := resumable(filepath.Join(t.TempDir(), "state"))
		options.Wait = cvat.WaitOptions{} // time costs nothing here, looks do
		source := cvat.Bytes("a.png", big(t, 0, 500))
		upload := func(ctx context.Context, c *cvat.Client) error { return c.Tasks.Upload(ctx, id, source, options) }
		interruptedAt(t, client, uploadsOf("Upload-Finish"), 1, false, upload)
		require.ErrorIs(t, upload(t.Context(), client), cvat.ErrOutcomeUnknown)
		assert.Zero(t, finishes(srv), "nothing is started twice")
	})
}

// TestUploadStateOfLostPart: the server answers chunks by 500, as 2.3 does if it has forgotten the upload. What was given up
// then still counts in another process: the task can get no further upload, but be made anew.
func TestUploadStateOfLostPart(t *testing.T) {
	t.Parallel()
	fail := func(srv *testserver.Server) {
		srv.Fail(testserver.Fault{Operation: opChunk, Status: http.StatusInternalServerError, Skip: 3})
	}
	options := func(t *testing.T) *cvat.UploadOptions {
		t.Helper()
		return &cvat.UploadOptions{StateFile: filepath.Join(t.TempDir(), "state"), Parallel: 1, Wait: wait} // a chunk is a file
	}
	t.Run("CreateFromData", func(t *testing.T) {
		t.Parallel()
		eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
			t.Helper()
			folder, files := writeBig(t, 1000)
			files, options := append(files, writeMore(t, folder)...), options(t)
			create := func() (*models.Task, error) {
				return client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street", Labels: labels()}, cvat.Dir(folder), options)
			}
			fail(srv)
			for range 2 {
				_, err := create()
				require.ErrorIs(t, err, cvat.ErrServer)
				require.ErrorContains(t, err, "the same call with the same StateFile goes on")
			}
			srv.Heal()
			task, err := create()
			require.NoError(t, err)
			assert.Equal(t, files, srv.Files(task.ID))
			assert.Equal(t, len(files), task.Size)
			assert.Len(t, taskIDs(t, client), 1)
		})
	})
	t.Run("Upload", func(t *testing.T) {
		t.Parallel()
		eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
			t.Helper()
			folder, files := writeBig(t, 1000)
			files, options := append(files, writeMore(t, folder)...), options(t)
			id := newEmptyTask(t, client)
			upload := func() error { return client.Tasks.Upload(t.Context(), id, cvat.Dir(folder), options) }
			fail(srv)
			require.ErrorIs(t, upload(), cvat.ErrServer)
			srv.Heal()
			err := upload()
			if srv.Dialect() == testserver.V2_73 {
				require.NoError(t, err)
				assert.Equal(t, files, srv.Files(id))
				return
			}
			for range 2 {
				require.ErrorContains(t, err, "would take it for a picture")
				require.ErrorContains(t, err, "delete it before trying again")
				err = upload()
			}
			assert.Zero(t, finishes(srv))
		})
	})
}

// writeMore adds two pictures to what [writeBig] has written.
func writeMore(t *testing.T, folder string) (files []testserver.File) {
	t.Helper()
	for i := 3; i < 5; i++ {
		name, data := fmt.Sprintf("frame%d.png", i), big(t, i, 1000+i)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
		files = append(files, testserver.File{Name: name, Size: int64(len(data)), SHA256: sum(data)})
	}
	return files
}
