package testserver_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

const cvatForImages = "CVAT for images 1.1"

// archive exports a task or a job and returns the files of the download.
func (c *client) archive(path, format string, images bool) map[string][]byte {
	c.t.Helper()
	content := c.exportOld
	if c.srv.Dialect() == testserver.V2_73 {
		content = c.exportNew
	}
	downloaded := content(path, url.QueryEscape(format), images)
	z, err := zip.NewReader(bytes.NewReader(downloaded), int64(len(downloaded)))
	require.NoError(c.t, err)
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(c.t, err)
		files[f.Name], err = io.ReadAll(r)
		require.NoError(c.t, err)
	}
	return files
}

func (c *client) exportOld(path, format string, images bool) []byte {
	c.t.Helper()
	path += map[bool]string{true: "/dataset", false: "/annotations"}[images] + "?format=" + format
	require.Eventually(c.t, func() bool { return c.get(path).status == 201 }, 5*time.Second, time.Millisecond)
	return c.get(path + "&action=download").body
}

func (c *client) exportNew(path, format string, images bool) []byte {
	c.t.Helper()
	r := c.do("POST", fmt.Sprintf("%s/dataset/export?format=%s&save_images=%t", path, format, images), nil)
	require.Equal(c.t, 202, r.status, "%s", r.body)
	rq, _ := r.json(c.t)["rq_id"].(string)
	var result string
	require.Eventually(c.t, func() bool {
		result, _ = c.get("/api/requests/" + url.PathEscape(rq)).json(c.t)["result_url"].(string)
		return result != ""
	}, 5*time.Second, time.Millisecond)
	return c.get(strings.TrimPrefix(result, c.srv.URL)).body
}

// recorded is a file that a real server made.
func recorded(t *testing.T, d testserver.Dialect, name string) []byte {
	t.Helper()
	version := map[testserver.Dialect]string{testserver.V2_3: "2.3", testserver.V2_73: "2.73"}[d]
	content, err := os.ReadFile(filepath.Join("testdata", "interpolation-"+version, name))
	require.NoError(t, err)
	return content
}

// interpolation makes a task like the recorded one, with the recorded annotations, and returns its path.
func (c *client) interpolation(d testserver.Dialect) string {
	c.t.Helper()
	var labels []map[string]any
	require.NoError(c.t, json.Unmarshal(recorded(c.t, d, "labels.json"), &labels))
	ids := numbers(labels)
	sent, err := json.Marshal(creatable(labels))
	require.NoError(c.t, err)
	r := c.do("POST", "/api/tasks", `{"name":"interpolation","labels":`+string(sent)+`}`)
	require.Equal(c.t, 201, r.status, "%s", r.body)
	task := fmt.Sprintf("/api/tasks/%v", r.json(c.t)["id"])

	files := map[string][]byte{}
	var names []string
	for n := range 12 {
		names = append(names, fmt.Sprintf("f%02d.jpg", n))
		files[names[n]] = picture(c.t, 640, 480)
	}
	require.Equal(c.t, 202, c.upload(task+"/data", "client_files[#]", files, names...).status)
	require.Equal(c.t, "Finished", c.settled(task)["state"])

	var document map[string]any
	require.NoError(c.t, json.Unmarshal(recorded(c.t, d, "annotations.json"), &document))
	translate(document, ids, numbers(c.labels(task)))
	r = c.do("PUT", task+"/annotations", document)
	require.Equal(c.t, 200, r.status, "%s", r.body)
	return task
}

// labels reads the labels of a task.
func (c *client) labels(task string) []map[string]any {
	c.t.Helper()
	r, member := c.get(task), "labels"
	if c.srv.Dialect() == testserver.V2_73 {
		r, member = c.get("/api/labels?page_size=all&task_id="+filepath.Base(task)), "results"
	}
	var labels []map[string]any
	for _, l := range r.json(c.t)[member].([]any) {
		labels = append(labels, l.(map[string]any))
	}
	return labels
}

// creatable makes labels as they are read into labels as they are created.
func creatable(labels []map[string]any) []map[string]any {
	var out []map[string]any
	for _, l := range labels {
		if l["has_parent"] == true {
			continue
		}
		svg, _ := l["svg"].(string)
		for _, sub := range l["sublabels"].([]any) {
			sub := sub.(map[string]any)
			svg = strings.ReplaceAll(svg, fmt.Sprintf(`data-label-id="%v"`, sub["id"]), fmt.Sprintf(`data-label-name="%v"`, sub["name"]))
		}
		made := map[string]any{"name": l["name"], "color": l["color"], "type": l["type"], "svg": svg}
		made["attributes"], made["sublabels"] = withoutIDs(l["attributes"]), withoutIDs(l["sublabels"])
		out = append(out, made)
	}
	return out
}

func withoutIDs(list any) []map[string]any {
	out := []map[string]any{}
	for _, item := range list.([]any) {
		o := item.(map[string]any)
		delete(o, "id")
		out = append(out, o)
	}
	return out
}

// numbers finds the ids of labels, sublabels and attributes by their names, in one space for both.
func numbers(labels []map[string]any) map[string]any {
	ids := map[string]any{}
	for _, l := range labels {
		ids[fmt.Sprint("label ", l["name"])] = l["id"]
		for _, a := range l["attributes"].([]any) {
			ids[fmt.Sprint("attribute ", a.(map[string]any)["name"])] = a.(map[string]any)["id"]
		}
		for _, s := range l["sublabels"].([]any) {
			ids[fmt.Sprint("label ", s.(map[string]any)["name"])] = s.(map[string]any)["id"]
		}
	}
	return ids
}

// translate puts the ids of other labels into a document, and takes out those of the annotations.
func translate(v any, from, to map[string]any) {
	swap := func(o map[string]any, member, kind string) {
		for name, id := range from {
			if old, found := o[member]; found && strings.HasPrefix(name, kind) && id == old {
				o[member] = to[name]
				return
			}
		}
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			translate(item, from, to)
		}
	case map[string]any:
		delete(v, "id")
		swap(v, "label_id", "label")
		swap(v, "spec_id", "attribute")
		for _, item := range v {
			translate(item, from, to)
		}
	}
}

func TestImagesXMLIsThatOfTheRealServer(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, t, testserver.WithDialect(d))
		got := c.archive(c.interpolation(d), cvatForImages, false)["annotations.xml"]
		want := recorded(t, d, "annotations.xml")
		head, images := split(t, want)
		gotHead, gotImages := split(t, got)
		varying := regexp.MustCompile(`<(id|created|updated|dumped|url)>.*</`)
		assert.Equal(t, varying.ReplaceAllString(head, "<$1></"), varying.ReplaceAllString(gotHead, "<$1></"))
		require.Len(t, gotImages, len(images))
		compared := 0
		for i, line := range images {
			if line == gotImages[i] {
				compared++
				continue
			}
			// Outlines whose number of points changes are not interpolated here, but they are where the real ones are.
			name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			require.Contains(t, []string{"<polygon", "<polyline"}, name, "line %d: %s\n%s", i, line, gotImages[i])
			points := regexp.MustCompile(` points="[^"]*"`)
			assert.Equal(t, points.ReplaceAllString(line, ""), points.ReplaceAllString(gotImages[i], ""))
		}
		assert.Equal(t, len(images)-9, compared, "all but the outlines that change their number of points")
	})
}

// split separates what comes before the images from the lines of the images.
func split(t *testing.T, document []byte) (head string, images []string) {
	t.Helper()
	head, rest, found := strings.Cut(string(document), "  <image ")
	require.True(t, found)
	return head, strings.Split(rest, "\n")
}
