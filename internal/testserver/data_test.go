package testserver_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// picture makes a PNG of a size.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.Bytes()
}

// task makes a task without data and returns its path.
func (c *client) task(fields string) string {
	c.t.Helper()
	r := c.do(http.MethodPost, "/api/tasks", `{"name":"t","labels":[{"name":"car"}]`+fields+`}`)
	require.Equal(c.t, 201, r.status, "%s", r.body)
	id, _ := r.json(c.t)["id"].(float64)
	return "/api/tasks/" + strconv.Itoa(int(id))
}

// upload sends files by multipart, under keys with an index.
func (c *client) upload(path, key string, files map[string][]byte, names ...string) *reply {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(c.t, w.WriteField("image_quality", "70"))
	for i, name := range names {
		part, err := w.CreateFormFile(strings.ReplaceAll(key, "#", strconv.Itoa(i)), name)
		require.NoError(c.t, err)
		_, err = part.Write(files[name])
		require.NoError(c.t, err)
	}
	require.NoError(c.t, w.Close())
	return c.with("Content-Type", w.FormDataContentType()).do(http.MethodPost, path, b.String())
}

// uploadAs sends one file by multipart.
func (c *client) uploadAs(method, path, key string, content []byte) *reply {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(key, "file.zip")
	require.NoError(c.t, err)
	_, err = part.Write(content)
	require.NoError(c.t, err)
	require.NoError(c.t, w.Close())
	return c.with("Content-Type", w.FormDataContentType()).do(method, path, b.String())
}

// settled waits until the creation of a task is over and returns its last status.
func (c *client) settled(task string) map[string]any {
	c.t.Helper()
	var status map[string]any
	require.Eventually(c.t, func() bool {
		status = c.get(task + "/status").json(c.t)
		return status["state"] == "Finished" || status["state"] == "Failed"
	}, 5*time.Second, time.Millisecond)
	return status
}

func TestMultipartUpload(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, t, testserver.WithDialect(d))
		files := map[string][]byte{"b.png": picture(t, 4, 3), "a.png": picture(t, 8, 6), "c.png": picture(t, 5, 5)}
		task := c.task(`,"segment_size":2`)
		assert.Equal(t, 202, c.upload(task+"/data", "client_files[#]", files, "b.png", "a.png", "c.png").status)
		assert.Equal(t, "Finished", c.settled(task)["state"])
		got := c.get(task).json(t)
		assert.InDelta(t, 3, got["size"], 0)
		assert.Equal(t, "annotation", got["mode"])

		meta := c.get(task + "/data/meta").json(t)
		frames, _ := meta["frames"].([]any)
		require.Len(t, frames, 3)
		first, _ := frames[0].(map[string]any)
		assert.Equal(t, "a.png", first["name"], "in lexicographical order")
		assert.InDelta(t, 8, first["width"], 0)

		original := c.get(task + "/data?type=frame&number=1&quality=original")
		assert.Equal(t, files["b.png"], original.body)
		assert.Equal(t, "image/png", original.header.Get("Content-Type"))
		assert.Equal(t, "image/jpeg", c.get(task+"/data?type=frame&number=1").header.Get("Content-Type"))
		chunk := c.get(task + "/data?type=chunk&number=0&quality=original")
		z, err := zip.NewReader(bytes.NewReader(chunk.body), int64(len(chunk.body)))
		require.NoError(t, err)
		assert.Len(t, z.File, 3)
		assert.Equal(t, "000000.png", z.File[0].Name)

		assert.Equal(t, 400, c.upload(task+"/data", "client_files[#]", files, "a.png").status, "once only")
		assert.Len(t, c.srv.Files(1), 3)
	})
}

func TestFilesWithoutAnIndexAreLost(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, t, testserver.WithDialect(d))
		task := c.task("")
		files := map[string][]byte{"a.png": picture(t, 8, 6)}
		assert.Equal(t, 202, c.upload(task+"/data", "client_files", files, "a.png").status)
		assert.Equal(t, "ValueError: No media data found", c.settled(task)["message"])
	})
}

// create opens a TUS upload and returns the path to send the pieces to.
func (c *client) create(task, name string, size int) string {
	c.t.Helper()
	r := c.with("Upload-Length", strconv.Itoa(size)).
		with("Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name))).
		do(http.MethodPost, task+"/data/", nil)
	require.Equal(c.t, 201, r.status)
	assert.Equal(c.t, name, r.header.Get("Upload-Filename"))
	location, found := strings.CutPrefix(r.header.Get("Location"), c.srv.URL)
	require.True(c.t, found, "an absolute URL of this server")
	return location
}

func (c *client) piece(location string, offset int, content []byte) *reply {
	c.t.Helper()
	return c.with("Content-Type", "application/offset+octet-stream").with("Upload-Offset", strconv.Itoa(offset)).
		do(http.MethodPatch, location, string(content))
}

func TestTUSUpload(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, t, testserver.WithDialect(d))
		task, content := c.task(""), picture(t, 8, 6)
		assert.Equal(t, 202, c.with("Upload-Start", "true").do(http.MethodPost, task+"/data", nil).status)
		location := c.create(task, "a.png", len(content))
		r := c.piece(location, 0, content[:10])
		assert.Equal(t, 204, r.status)
		assert.Equal(t, "10", r.header.Get("Upload-Offset"))
		assert.Equal(t, 409, c.piece(location, 0, content[:10]).status)
		head := c.do(http.MethodHead, location, nil)
		if d == testserver.V2_3 {
			assert.Equal(t, 405, head.status)
		} else {
			assert.Equal(t, "10", head.header.Get("Upload-Offset"))
		}
		assert.Equal(t, 204, c.piece(location, 10, content[10:]).status)
		gone := map[testserver.Dialect]int{testserver.V2_3: 500, testserver.V2_73: 404}
		assert.Equal(t, gone[d], c.piece(location, len(content), nil).status)
		assert.Equal(t, 202, c.with("Upload-Finish", "true").do(http.MethodPost, task+"/data", `{"image_quality":70}`).status)
		assert.Equal(t, "Finished", c.settled(task)["state"])
		assert.Equal(t, content, c.get(task+"/data?type=frame&number=0&quality=original").body)
		assert.Equal(t, 1, c.srv.Count("HEAD tasks_partial_update_data_file"))
		assert.Equal(t, 4, c.srv.Count("tasks_partial_update_data_file"))
	})
}

func TestWorkGoesAsPlanned(t *testing.T) {
	t.Parallel()
	c := start(t, t)
	files := map[string][]byte{"a.png": picture(t, 8, 6)}
	c.srv.Plan(testserver.Work{Operation: "tasks_create_data", Times: 1, Failure: "OSError: no space"})
	c.srv.Plan(testserver.Work{Hang: true})
	task := c.task("")
	c.upload(task+"/data", "client_files[#]", files, "a.png")
	assert.Equal(t, "OSError: no space", c.settled(task)["message"])
	hung := c.task("")
	r := c.upload(hung+"/data", "client_files[#]", files, "a.png")
	rq, _ := r.json(t)["rq_id"].(string)
	assert.Equal(t, 409, c.do(http.MethodPost, hung+"/data", "{}").status)
	time.Sleep(20 * time.Millisecond)
	assert.Equal(t, "started", c.get("/api/requests/" + rq).json(t)["status"])
	assert.Equal(t, 200, c.do(http.MethodPost, "/api/requests/"+rq+"/cancel", nil).status)
	assert.Equal(t, 404, c.get("/api/requests/"+rq).status)
}

func TestDiscardedUploadsAreOnlyCounted(t *testing.T) {
	t.Parallel()
	c := start(t, t, testserver.DiscardUploads())
	task := c.task("")
	location := c.create(task, "a.png", 5)
	c.piece(location, 0, []byte("hel"))
	c.piece(location, 3, []byte("lo"))
	assert.Equal(t, []testserver.File{{
		Name: "a.png", Size: 5, SHA256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
	}}, c.srv.Files(1))
}

func TestBodyThatBreaksOffIsNotCounted(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, t, testserver.WithDialect(d))
		location := c.create(c.task(""), "a.png", 100)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, c.srv.URL+location,
			&brokenBody{left: 50})
		require.NoError(t, err)
		req.ContentLength = 100
		req.Header = c.with("Content-Type", "application/offset+octet-stream").with("Upload-Offset", "0").header
		_, err = c.http.Do(req) //nolint:bodyclose // there is no answer
		require.Error(t, err)
		assert.Equal(t, 204, c.piece(location, 0, []byte("x")).status)
	})
}

// brokenBody fails after some bytes.
type brokenBody struct{ left int }

func (b *brokenBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errors.New("the line is dead")
	}
	n := min(len(p), b.left)
	b.left -= n
	return n, nil
}

func TestRefusedTUSUploads(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, nil, testserver.WithDialect(d))
		task := c.task("")
		create := func(name, length string) *reply {
			return c.with("Upload-Length", length).
				with("Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name))).
				do(http.MethodPost, task+"/data/", nil)
		}
		assert.Equal(t, 400, create("../evil.jpg", "1").status)
		assert.Equal(t, 413, create("a.jpg", "26843545601").status)
		assert.Equal(t, 500, create("a.jpg", "0").status)
		assert.Equal(t, 500, create("a.jpg", "x").status)
		location := c.create(task, "a.png", 3)
		assert.Equal(t, 204, c.piece(location, 0, []byte("abc")).status)
		assert.Equal(t, 409, create("a.png", "3").status, "there already")

		past := c.create(task, "b.png", 3)
		tooMuch := map[testserver.Dialect]int{testserver.V2_3: 204, testserver.V2_73: 413}
		assert.Equal(t, tooMuch[d], c.piece(past, 0, []byte("abcd")).status)
		foreign := map[testserver.Dialect]int{testserver.V2_3: 403, testserver.V2_73: 403}
		assert.Equal(t, foreign[d], c.as("user1").piece(past, 0, nil).status)
		assert.Equal(t, 404, c.piece(task+"/data/nouuid", 0, nil).status)
		assert.Equal(t, 415, c.with("Upload-Offset", "0").with("Content-Type", "application/octet-stream").
			do(http.MethodPatch, past, "x").status)
	})
}

func TestCreationWithoutSlash(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, nil, testserver.WithDialect(d))
		task := c.task("")
		r := c.with("Upload-Length", "3").with("Upload-Metadata", "filename YQ==").do(http.MethodPost, task+"/data", nil)
		require.Equal(t, 201, r.status)
		location := strings.TrimPrefix(r.header.Get("Location"), c.srv.URL)
		assert.Equal(t, d == testserver.V2_73, strings.HasPrefix(location, task+"/data/"), "2.3 glues the id to the path")
	})
}

func TestDeletedFrames(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, task := street(t, t, d)
		deleted := func(path string) any { return c.get(path + "/data/meta").json(t)["deleted_frames"] }
		require.Equal(t, 200, c.do(http.MethodPatch, task+"/data/meta", `{"deleted_frames":[0,2]}`).status)
		assert.Equal(t, []any{0.0}, deleted("/api/jobs/1"))
		require.Equal(t, 200, c.do(http.MethodPatch, "/api/jobs/1/data/meta", `{"deleted_frames":[1,2]}`).status)
		left := map[testserver.Dialect][]any{testserver.V2_3: {1.0}, testserver.V2_73: {1.0, 2.0}}
		assert.Equal(t, left[d], deleted(task), "2.3 loses those of the other jobs")
	})
}

func TestGroundTruth(t *testing.T) {
	t.Parallel()
	c, task := street(t, t, testserver.V2_73)
	body := `{"type":"ground_truth","task_id":1,"frame_selection_method":"manual","frames":[2]}`
	r := c.do(http.MethodPost, "/api/jobs", body)
	require.Equal(t, 201, r.status)
	assert.InDelta(t, 1, r.json(t)["frame_count"], 0)
	assert.Equal(t, 400, c.do(http.MethodPost, "/api/jobs", body).status, "one for each task")
	assert.Equal(t, []any{2.0}, c.get("/api/jobs/3/data/meta").json(t)["included_frames"])
	c.do(http.MethodPut, "/api/jobs/3/annotations", `{"tags":[{"frame":2,"label_id":1}]}`)
	assert.Empty(t, c.document(task+"/annotations").Tags, "no part of the task's annotations")
	assert.Equal(t, 400, c.do(http.MethodDelete, "/api/jobs/1", nil).status)
	assert.Equal(t, 204, c.do(http.MethodDelete, "/api/jobs/3", nil).status)
}
