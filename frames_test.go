package cvat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// newSharedTask makes a task of pictures on the server's share.
func newSharedTask(t *testing.T, srv *testserver.Server, client *cvat.Client, data models.DataRequest, names ...string) int64 {
	t.Helper()
	for i, name := range names {
		srv.Share(name, picture(t, i))
	}
	id := newEmptyTask(t, client)
	data.ImageQuality, data.ServerFiles = 70, names
	_, _, err := client.Tasks.CreateData(t.Context(), id, data)
	require.NoError(t, err)
	_, err = client.Tasks.WaitForData(t.Context(), id, &wait)
	require.NoError(t, err)
	return id
}

// collectFrames walks through frames to the end.
func collectFrames(t *testing.T, client *cvat.Client, task int64) []*cvat.Frame {
	t.Helper()
	frames, err := cvat.Collect(client.Tasks.Frames(t.Context(), task))
	require.NoError(t, err)
	return frames
}

// TestFramesOfASteppedTask: frames are counted in the task, and know where in the source they were. Servers like 2.3
// compare the number of a task's frame with the start frame, which is counted in the source.
func TestFramesOfASteppedTask(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newTaskOf(t, client, models.TaskCreate{Name: "stepped", Labels: labels(), SegmentSize: 2}, &cvat.UploadOptions{
			StartFrame: 3, FrameFilter: "step=2", Wait: wait,
		}, 10)
		_, _, err := client.Tasks.UpdateDataMeta(t.Context(), id, models.DataMetaPatch{DeletedFrames: []int{1}})
		require.NoError(t, err)

		frames := collectFrames(t, client, id)
		require.Len(t, frames, 4)
		for i, frame := range frames {
			source := 3 + 2*i
			assert.Equal(t, i, frame.Number)
			assert.Equal(t, source, frame.SourceFrame)
			assert.Equal(t, "frame"+strconv.Itoa(source)+".png", frame.Name)
			assert.Equal(t, 64+source, frame.Width)
			assert.Equal(t, 48, frame.Height)
			assert.Equal(t, i == 1, frame.Deleted)
			content, err := frame.Open(t.Context(), cvat.QualityOriginal)
			require.NoError(t, err)
			assert.Equal(t, picture(t, source), readAll(t, content), "byte for byte")
		}

		jobs, err := client.Tasks.Jobs(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, jobs, 2)
		numbers := []int{}
		for frame, err := range client.Jobs.Frames(t.Context(), jobs[1].ID) {
			require.NoError(t, err)
			numbers = append(numbers, frame.Number, frame.SourceFrame)
			content, err := frame.Open(t.Context(), cvat.QualityOriginal)
			require.NoError(t, err)
			assert.Equal(t, picture(t, frame.SourceFrame), readAll(t, content))
		}
		assert.Equal(t, []int{2, 7, 3, 9}, numbers, "frames of a job are counted in the task")
		for _, err := range client.Jobs.Frames(t.Context(), jobs[1].ID) {
			require.NoError(t, err)
			break
		}
	})
}

// newTaskOf makes a task of n pictures.
func newTaskOf(t *testing.T, client *cvat.Client, create models.TaskCreate, opts *cvat.UploadOptions, n int) int64 {
	t.Helper()
	task, _, err := client.Tasks.Create(t.Context(), create)
	require.NoError(t, err)
	require.NoError(t, client.Tasks.Upload(t.Context(), task.ID, cvat.Dir(writePictures(t, n)), opts))
	return task.ID
}

// TestFramesOfAGroundTruthJob are chosen ones.
func TestFramesOfAGroundTruthJob(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	id := newTaskOf(t, client, models.TaskCreate{Name: "street", Labels: labels()}, &cvat.UploadOptions{Wait: wait}, 5)
	job, _, err := client.Jobs.Create(t.Context(), models.JobCreate{
		TaskID: id, Type: models.JobTypeGroundTruth, FrameSelectionMethod: models.FrameSelectionManual, Frames: []int{1, 4},
	})
	require.NoError(t, err)
	frames, err := cvat.Collect(client.Jobs.Frames(t.Context(), job.ID))
	require.NoError(t, err)
	require.Len(t, frames, 2)
	assert.Equal(t, []any{1, "frame1.png", 4, "frame4.png"}, []any{frames[0].Number, frames[0].Name, frames[1].Number, frames[1].Name})
	folder := t.TempDir()
	done, err := client.Jobs.DownloadFrames(t.Context(), job.ID, folder, nil)
	require.NoError(t, err)
	assert.Len(t, done, 2)
	assert.Equal(t, map[string][]byte{"frame1.png": picture(t, 1), "frame4.png": picture(t, 4)}, filesIn(t, folder))
}

// TestFramesAsServersDescribeThem: a video is described once, and between 2.4.7 and 2.20 the frames that a job leaves out
// are described as well.
func TestFramesAsServersDescribeThem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		job, meta string
		want      []string
		fails     string
	}{
		"video": {
			`{"id":7,"start_frame":4,"stop_frame":6}`,
			`{"size":20,"start_frame":14,"stop_frame":18,"frame_filter":"step=2","frames":[{"name":"v.mp4","width":64,"height":48}],"deleted_frames":[5]}`,
			[]string{"4 v.mp4 14 false", "5 v.mp4 16 true", "6 v.mp4 18 false"},
			"",
		},
		"placeholders": {
			`{"id":7,"start_frame":0,"stop_frame":3}`,
			`{"size":2,"start_frame":0,"stop_frame":3,"frame_filter":"","frames":[{"name":"placeholder.jpg"},{"name":"b.jpg"},{"name":"placeholder.jpg"},{"name":"d.jpg"}],"deleted_frames":[],"included_frames":[1,3]}`,
			[]string{"1 b.jpg 1 false", "3 d.jpg 3 false"},
			"",
		},
		"chosen": {
			`{"id":7,"start_frame":0,"stop_frame":3}`,
			`{"size":2,"start_frame":0,"stop_frame":3,"frame_filter":"nonsense","frames":[{"name":"b.jpg"},{"name":"d.jpg"}],"deleted_frames":[],"included_frames":[1,3]}`,
			[]string{"1 b.jpg 1 false", "3 d.jpg 3 false"},
			"",
		},
		"too few": {
			`{"id":7,"start_frame":0,"stop_frame":3}`,
			`{"size":4,"start_frame":0,"stop_frame":3,"frame_filter":"","frames":[{"name":"b.jpg"},{"name":"d.jpg"}],"deleted_frames":[]}`,
			nil, "frames of job 7: the server describes 2, and there are 4",
		},
		"none": {
			`{"id":7,"start_frame":0,"stop_frame":0}`,
			`{"size":0,"start_frame":0,"stop_frame":0,"frame_filter":"","frames":[],"deleted_frames":[]}`,
			nil, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/meta") {
					replyJSON(200, test.meta)(w, r)
					return
				}
				replyJSON(200, test.job)(w, r)
			}).client(t)
			frames, err := cvat.Collect(client.Jobs.Frames(t.Context(), 7))
			if test.fails != "" {
				require.ErrorContains(t, err, test.fails)
				_, err = client.Jobs.DownloadFrames(t.Context(), 7, t.TempDir(), nil)
				require.ErrorContains(t, err, test.fails)
				return
			}
			require.NoError(t, err)
			var got []string
			for _, f := range frames {
				got = append(got, strings.Join([]string{strconv.Itoa(f.Number), f.Name, strconv.Itoa(f.SourceFrame), strconv.FormatBool(f.Deleted)}, " "))
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// TestFramesRefused fail before or instead of a walk.
func TestFramesRefused(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		jobs, err := client.Tasks.Jobs(t.Context(), id)
		require.NoError(t, err)
		var argument *cvat.ArgumentError
		_, err = new(cvat.Frame).Open(t.Context(), cvat.QualityOriginal)
		require.ErrorAs(t, err, &argument)
		_, err = client.Tasks.DownloadFrames(t.Context(), id, "", nil)
		require.ErrorAs(t, err, &argument)
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		_, err = client.Tasks.DownloadFrames(t.Context(), id, file, nil)
		require.ErrorAs(t, err, &argument)
		_, err = cvat.Collect(client.Tasks.Frames(t.Context(), -1))
		require.ErrorAs(t, err, &argument)
		_, err = cvat.Collect(client.Jobs.Frames(t.Context(), -1))
		require.ErrorAs(t, err, &argument)
		srv.Fail(testserver.Fault{Operation: "jobs_retrieve_data_meta", Status: http.StatusForbidden})
		_, err = client.Jobs.DownloadFrames(t.Context(), jobs[0].ID, t.TempDir(), nil)
		require.ErrorIs(t, err, cvat.ErrForbidden)
	})
}

// filesIn reads every file below a folder.
func filesIn(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		require.NoError(t, err)
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	}))
	return files
}

func TestDownloadFrames(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newSharedTask(t, srv, client, models.DataRequest{}, "a/1.png", "a/2.png", "b/1.png", "top.png")
		_, _, err := client.Tasks.UpdateDataMeta(t.Context(), id, models.DataMetaPatch{DeletedFrames: []int{1}})
		require.NoError(t, err)
		folder := filepath.Join(t.TempDir(), "new", "folder")
		seen := 0
		done, err := client.Tasks.DownloadFrames(t.Context(), id, folder, &cvat.DownloadFramesOptions{OnFrame: func(f cvat.DownloadedFrame) {
			seen++
			assert.False(t, f.Skipped)
		}})
		require.NoError(t, err)
		assert.Equal(t, 3, seen)
		assert.Equal(t, map[string][]byte{"a/1.png": picture(t, 0), "b/1.png": picture(t, 2), "top.png": picture(t, 3)}, filesIn(t, folder))
		require.Len(t, done, 3)
		for i, number := range []int{0, 2, 3} {
			assert.Equal(t, number, done[i].Frame.Number)
			assert.Equal(t, filepath.Join(folder, filepath.FromSlash(done[i].Frame.Name)), done[i].Path)
			assert.Equal(t, int64(len(picture(t, number))), done[i].Size)
		}

		// Again, with the deleted one: only what is missing travels.
		require.NoError(t, os.Remove(filepath.Join(folder, "top.png")))
		srv.Forget()
		done, err = client.Tasks.DownloadFrames(t.Context(), id, folder, &cvat.DownloadFramesOptions{Deleted: true, Parallel: 1})
		require.NoError(t, err)
		assert.Equal(t, 2, srv.Count("tasks_retrieve_data"))
		skipped := []bool{}
		for _, d := range done {
			skipped = append(skipped, d.Skipped)
		}
		assert.Equal(t, []bool{true, false, true, false}, skipped)
		assert.Len(t, filesIn(t, folder), 4)

		// Overwrite trusts nothing.
		require.NoError(t, os.WriteFile(filepath.Join(folder, "top.png"), []byte("something else"), 0o600))
		done, err = client.Tasks.DownloadFrames(t.Context(), id, folder, &cvat.DownloadFramesOptions{Overwrite: true})
		require.NoError(t, err)
		assert.Len(t, done, 3)
		assert.Equal(t, picture(t, 3), filesIn(t, folder)["top.png"])

		compressed := t.TempDir()
		_, err = client.Tasks.DownloadFrames(t.Context(), id, compressed, &cvat.DownloadFramesOptions{Quality: cvat.QualityCompressed})
		require.NoError(t, err)
		for name, data := range filesIn(t, compressed) {
			assert.True(t, strings.HasSuffix(name, ".png.jpg"), name)
			assert.True(t, bytes.HasPrefix(data, []byte("\xff\xd8")), name)
		}
	})
}

// TestDownloadFramesNeverLeavesTheFolder whatever the names that a server gives.
func TestDownloadFramesNeverLeavesTheFolder(t *testing.T) {
	t.Parallel()
	names := []string{
		"../../outside.png", "/etc/passwd", `..\..\windows.png`, "C:/x.png", "a/../../../b.png", "con", "AUX.png", "nul .txt",
		"trailing. ", ".hidden", "", "..", "same.png", "SAME.png", "same_000013.png", "dir/./x.png", "tab\tnew\nline.png",
		"bidi\u202egnp.exe", strings.Repeat("ä", 300) + ".png", "video.png?x=1", "x.png:stream", "link/x.png",
	}
	frames := make([]string, len(names))
	for i, name := range names {
		frames[i] = `{"name":` + strconv.QuoteToASCII(name) + `,"width":1,"height":1}`
	}
	client := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/meta") {
			replyJSON(200, `{"size":`+strconv.Itoa(len(names))+`,"start_frame":0,"stop_frame":0,"frame_filter":"","frames":[`+strings.Join(frames, ",")+`],"deleted_frames":[]}`)(w, r)
			return
		}
		reply(200, "image/png", r.URL.Query().Get("number"))(w, r)
	}).client(t)
	outer := t.TempDir()
	folder := filepath.Join(outer, "1", "2", "3")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.Symlink(outer, filepath.Join(folder, "link")))
	_, err := client.Tasks.DownloadFrames(t.Context(), 7, folder, nil)
	require.ErrorContains(t, err, "frame 21 of task 7", "links lead nowhere")
	require.NoError(t, os.Remove(filepath.Join(folder, "link")))
	done, err := client.Tasks.DownloadFrames(t.Context(), 7, folder, nil)
	require.NoError(t, err)
	require.Len(t, done, len(names))
	files := filesIn(t, outer)
	assert.Len(t, files, len(names), "each frame has a file of its own")
	plain := func(element string) bool {
		base, _, _ := strings.Cut(strings.ToLower(element), ".")
		return element != "" && len(element) < 256 && element[0] != '.' && !strings.HasSuffix(element, ".") && !strings.HasSuffix(element, " ") &&
			!strings.ContainsAny(element, "<>:\"\\|?*\n\t\u202e") && !slices.Contains([]string{"con", "aux", "nul", "nul "}, base)
	}
	for name := range files {
		inside, ok := strings.CutPrefix(name, "1/2/3/")
		assert.True(t, ok, name)
		for element := range strings.SplitSeq(inside, "/") {
			assert.True(t, plain(element), "%q", name)
		}
	}
	for i, d := range done {
		data, err := os.ReadFile(d.Path)
		require.NoError(t, err)
		assert.Equal(t, strconv.Itoa(i), string(data), "%q", d.Path)
	}
	assert.Contains(t, files, "1/2/3/same_000013_000014.png", "or it would be the file of frame 13")
}

// TestDownloadFramesOfAVideo names the frames by number: they have no names of their own.
func TestDownloadFramesOfAVideo(t *testing.T) {
	t.Parallel()
	client := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/meta") {
			replyJSON(200, `{"size":3,"start_frame":0,"stop_frame":2,"frame_filter":"","frames":[{"name":"v.MP4","width":1,"height":1}],"deleted_frames":[1]}`)(w, r)
			return
		}
		reply(200, "image/png", r.URL.Query().Get("number"))(w, r)
	}).client(t)
	folder := t.TempDir()
	_, err := client.Tasks.DownloadFrames(t.Context(), 7, folder, &cvat.DownloadFramesOptions{Deleted: true})
	require.NoError(t, err)
	_, err = client.Tasks.DownloadFrames(t.Context(), 7, folder, &cvat.DownloadFramesOptions{Quality: cvat.QualityCompressed})
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{
		"frame_000000.png": []byte("0"), "frame_000001.png": []byte("1"), "frame_000002.png": []byte("2"),
		"frame_000000.jpg": []byte("0"), "frame_000002.jpg": []byte("2"),
	}, filesIn(t, folder))
}

// TestDownloadFramesFaults: after each fault every file is whole, and what failed leaves nothing.
func TestDownloadFramesFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault testserver.Fault
		fails error
	}{
		"cut":              {testserver.Fault{Kind: testserver.TruncateBody, Times: 2, Share: 0.6}, nil},
		"cut in chunks":    {testserver.Fault{Kind: testserver.CutBody, Times: 2}, nil},
		"answer lost":      {testserver.Fault{Kind: testserver.CutAfter, Times: 2}, nil},
		"502":              {testserver.Fault{Status: http.StatusBadGateway, Times: 2}, nil},
		"must wait":        {testserver.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}, Times: 2}, nil},
		"cut for ever":     {testserver.Fault{Kind: testserver.TruncateBody, Skip: 2}, io.ErrUnexpectedEOF},
		"forbidden":        {testserver.Fault{Status: http.StatusForbidden, Skip: 2}, cvat.ErrForbidden},
		"a proxy's page":   {testserver.Fault{Kind: testserver.HTMLPage, Skip: 2}, errAnything},
		"500 of a picture": {testserver.Fault{Kind: testserver.HTMLPage, Status: http.StatusInternalServerError, Skip: 2}, cvat.ErrServer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newTaskOf(t, client, models.TaskCreate{Name: "street", Labels: labels()}, &cvat.UploadOptions{Wait: wait}, 6)
				fault := test.fault
				fault.Operation = "tasks_retrieve_data"
				srv.Fail(fault)
				folder := t.TempDir()
				done, err := client.Tasks.DownloadFrames(t.Context(), id, folder, &cvat.DownloadFramesOptions{Parallel: 2})
				files := filesIn(t, folder)
				for name, data := range files {
					n, convErr := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "frame"), ".png"))
					require.NoError(t, convErr, "%q is no temporary file", name)
					assert.Equal(t, picture(t, n), data, name)
				}
				if test.fails == nil {
					require.NoError(t, err)
					assert.Len(t, files, 6)
					assert.Len(t, done, 6)
					return
				}
				require.Error(t, err)
				if !errors.Is(test.fails, errAnything) {
					require.ErrorIs(t, err, test.fails)
				}
				require.ErrorContains(t, err, "of 6 are in the folder")
				assert.Less(t, len(files), 6)

				srv.Heal()
				_, err = client.Tasks.DownloadFrames(t.Context(), id, folder, nil)
				require.NoError(t, err)
				assert.Len(t, filesIn(t, folder), 6, "the second call fetches the rest")
			})
		})
	}
}

var errAnything = errors.New("anything")

// TestDownloadFramesServerRestarts: the server goes away half-way and comes back.
func TestDownloadFramesServerRestarts(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newTaskOf(t, client, models.TaskCreate{Name: "street", Labels: labels()}, &cvat.UploadOptions{Wait: wait}, 6)
		client, restarted := restartedAt(t, srv, client, func(r *http.Request) bool { return r.URL.Query().Get("type") == "frame" }, 3)
		folder := t.TempDir()
		_, err := client.Tasks.DownloadFrames(t.Context(), id, folder, &cvat.DownloadFramesOptions{Parallel: 2})
		<-restarted
		require.NoError(t, err)
		files := filesIn(t, folder)
		assert.Len(t, files, 6)
		for n := range 6 {
			assert.Equal(t, picture(t, n), files[fmt.Sprintf("frame%d.png", n)])
		}
	})
}

func TestDownloadFramesCancelled(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newTaskOf(t, client, models.TaskCreate{Name: "street", Labels: labels()}, &cvat.UploadOptions{Wait: wait}, 6)
		cause := errors.New("the user has left")
		ctx, cancel := context.WithCancelCause(t.Context())
		t.Cleanup(func() { cancel(nil) })
		var n atomic.Int32
		folder := t.TempDir()
		_, err := client.Tasks.DownloadFrames(ctx, id, folder, &cvat.DownloadFramesOptions{Parallel: 1, OnFrame: func(cvat.DownloadedFrame) {
			if n.Add(1) == 3 {
				cancel(cause)
			}
		}})
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		for name := range filesIn(t, folder) {
			assert.True(t, strings.HasSuffix(name, ".png"), name)
		}
	})
}
