package testserver_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

const images = "CVAT for images 1.1"

// until asks until the status is as wanted.
func (c *client) until(status int, method, path string) *reply {
	c.t.Helper()
	var r *reply
	require.Eventually(c.t, func() bool {
		r = c.do(method, path, nil)
		return r.status == status
	}, 5*time.Second, time.Millisecond, path)
	return r
}

func entries(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		var b bytes.Buffer
		_, err = b.ReadFrom(r)
		require.NoError(t, err)
		out[f.Name] = b.String()
	}
	return out
}

func TestExportOf2_3IsForgottenOnceDownloaded(t *testing.T) {
	t.Parallel()
	c, task := street(t, t, testserver.V2_3)
	c.do(http.MethodPut, task+"/annotations", `{"shapes":[`+box+`]}`)
	path := task + "/annotations?format=" + url.QueryEscape(images)
	assert.Equal(t, 202, c.get(path).status)
	c.until(201, http.MethodGet, path)
	assert.Equal(t, 201, c.get(task+"/dataset?format="+url.QueryEscape(images)).status, "the same export for both")
	r := c.get(task + "/dataset?action=download&format=" + url.QueryEscape(images))
	assert.Equal(t, 200, r.status)
	assert.Len(t, entries(t, r.body), 1, "without images")
	assert.Regexp(t, `^attachment; filename="task_street-\d{4}(_\d\d){5}-cvat for images 1\.1\.zip"$`,
		r.header.Get("Content-Disposition"))
	assert.Equal(t, 202, c.get(path+"&action=download").status, "forgotten")

	c.until(201, http.MethodGet, path)
	c.do(http.MethodPut, task+"/annotations", `{}`)
	assert.Equal(t, 202, c.get(path).status, "made anew after a change")

	c.srv.Plan(testserver.Work{Operation: "jobs_retrieve_dataset", Failure: "Exception: no"})
	failing := "/api/jobs/1/dataset?format=" + url.QueryEscape(images)
	r = c.until(500, http.MethodGet, failing)
	assert.JSONEq(t, `"Exception: no\n"`, string(r.body))
	assert.Equal(t, 202, c.get(failing).status, "failed once")
}

func TestRefusedExports(t *testing.T) {
	t.Parallel()
	c, task := street(t, t, testserver.V2_3)
	assert.Equal(t, 400, c.get(task+"/dataset").status)
	assert.JSONEq(t, `["Unknown format specified for the request"]`, string(c.get(task+"/dataset?format=nope").body))
	assert.Equal(t, 400, c.get(task+"/dataset?action=x&format=COCO+1.0").status)
	assert.Equal(t, 405, c.get(task+"/dataset?format=TFRecord+1.0").status)

	c, task = street(t, t, testserver.V2_73)
	assert.Equal(t, 410, c.get(task+"/dataset?format=COCO+1.0").status)
	assert.Equal(t, 410, c.get(task+"/annotations?format=COCO+1.0").status)
	assert.Equal(t, 400, c.do(http.MethodPost, task+"/dataset/export", nil).status)
	assert.Equal(t, 400, c.get(task+"/dataset/download").status)
	assert.Equal(t, 400, c.get(task+"/dataset/download?rq_id=x").status)
}

func TestExportOf2_73IsARequest(t *testing.T) {
	t.Parallel()
	c, task := street(t, t, testserver.V2_73)
	c.do(http.MethodPut, task+"/annotations", `{"shapes":[`+box+`]}`)
	c.srv.Plan(testserver.Work{Operation: "tasks_create_dataset_export", Times: 1, Duration: 200 * time.Millisecond})
	path := task + "/dataset/export?save_images=true&format=" + url.QueryEscape(images)
	r := c.do(http.MethodPost, path, nil)
	require.Equal(t, 202, r.status)
	rq := "action=export&target=task&target_id=1&user_id=1&format=CVAT_for_images_1~1&subresource=dataset"
	assert.Equal(t, rq, r.json(t)["rq_id"])
	assert.Equal(t, 409, c.do(http.MethodPost, path, nil).status)
	var state map[string]any
	require.Eventually(t, func() bool {
		state = c.get("/api/requests/" + rq).json(t)
		return state["status"] == "finished"
	}, 5*time.Second, time.Millisecond)
	result, _ := state["result_url"].(string)
	download, found := strings.CutPrefix(result, c.srv.URL)
	require.True(t, found)
	for range 2 {
		r = c.get(download)
		assert.Equal(t, 200, r.status)
		files := entries(t, r.body)
		assert.Len(t, files, 4)
		assert.Contains(t, files["annotations.xml"], `<box label="car" source="manual" occluded="0" xtl="1.00"`)
		assert.Equal(t, string(picture(t, 8, 6)), files["images/a.png"])
	}
	assert.Equal(t, 206, c.with("Range", "bytes=0-9").get(download).status)
	assert.Equal(t, 401, c.anonymous().get(download).status)
	assert.Equal(t, 403, c.as("user1").get(download).status)
	require.Equal(t, 200, c.do(http.MethodPatch, task, `{"assignee_id":2}`).status)
	assert.Equal(t, 403, c.as("user1").get(download).status, "somebody else's export of a task one may see")
	assert.InDelta(t, 0, c.as("user1").get("/api/requests").json(t)["count"], 0)
}

func TestImportBringsBackWhatWasExported(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, task := street(t, t, d)
		c.do(http.MethodPut, task+"/annotations", `{"tags":[{"frame":2,"label_id":1}],"shapes":[`+box+`,
			{"type":"polygon","frame":1,"label_id":1,"points":[0,0,4,0,4,4]},{"type":"ellipse","frame":2,"label_id":1,"points":[4,4,6,3]}]}`)
		archive := c.exported(t, task, d)
		c.do(http.MethodDelete, task+"/annotations", nil)
		method := map[testserver.Dialect]string{testserver.V2_3: http.MethodPut, testserver.V2_73: http.MethodPost}[d]
		path := task + "/annotations?format=CVAT+1.1"
		require.Equal(t, 202, c.uploadAs(method, path, "annotation_file", archive).status)
		if d == testserver.V2_3 {
			c.until(201, http.MethodPut, path)
		} else {
			require.Eventually(t, func() bool {
				state := c.get("/api/requests/action=import&target=task&target_id=1&subresource=annotations").json(t)
				return state["status"] == "finished"
			}, 5*time.Second, time.Millisecond)
		}
		doc := c.document(task + "/annotations")
		assert.Len(t, doc.Tags, 1)
		require.Len(t, doc.Shapes, 3)
		source := map[testserver.Dialect]string{testserver.V2_3: "manual", testserver.V2_73: "file"}
		assert.Equal(t, source[d], doc.Shapes[0].Source)
		assert.Equal(t, "bmw", doc.Shapes[0].Attributes[1].Value)
	})
}

// exported exports the annotations of a task in either way.
func (c *client) exported(t *testing.T, task string, d testserver.Dialect) []byte {
	t.Helper()
	format := "format=" + url.QueryEscape(images)
	if d == testserver.V2_3 {
		c.until(201, http.MethodGet, task+"/annotations?"+format)
		return c.get(task + "/annotations?action=download&" + format).body
	}
	r := c.do(http.MethodPost, task+"/dataset/export?"+format, nil)
	rq, _ := r.json(t)["rq_id"].(string)
	return c.until(200, http.MethodGet, task+"/dataset/download?rq_id="+url.QueryEscape(rq)).body
}
