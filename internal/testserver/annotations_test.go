package testserver_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// document is what the tests look at in annotations.
type document struct {
	Tags   []annotation `json:"tags"`
	Shapes []annotation `json:"shapes"`
	Tracks []annotation `json:"tracks"`
}

type annotation struct {
	ID         int64  `json:"id"`
	Frame      int64  `json:"frame"`
	Group      *int64 `json:"group"`
	Source     string `json:"source"`
	Attributes []struct {
		SpecID int64  `json:"spec_id"`
		Value  string `json:"value"`
	} `json:"attributes"`
}

func (c *client) document(path string) document {
	c.t.Helper()
	r := c.get(path)
	require.Equal(c.t, 200, r.status, "%s", r.body)
	var doc document
	require.NoError(c.t, json.Unmarshal(r.body, &doc))
	return doc
}

// street is a task of three frames in jobs of two, with a label of two attributes: 1 is mutable, 2 is not.
func street(t *testing.T, r testserver.Reporter, d testserver.Dialect) (*client, string) {
	t.Helper()
	c := start(t, r, testserver.WithDialect(d))
	created := c.do(http.MethodPost, "/api/tasks", `{"name":"Street","segment_size":2,"labels":[{"name":"car","attributes":[
		{"name":"parked","mutable":true,"input_type":"checkbox","default_value":"false","values":["false"]},
		{"name":"make","mutable":false,"input_type":"select","default_value":"vw","values":["vw","bmw"]}]}]}`)
	require.Equal(t, 201, created.status, "%s", created.body)
	id, _ := created.json(t)["id"].(float64)
	task := "/api/tasks/" + strconv.Itoa(int(id))
	files := map[string][]byte{"a.png": picture(t, 8, 6), "b.png": picture(t, 8, 6), "c.png": picture(t, 8, 6)}
	require.Equal(t, 202, c.upload(task+"/data", "client_files[#]", files, "a.png", "b.png", "c.png").status)
	require.Equal(t, "Finished", c.settled(task)["state"])
	return c, task
}

const box = `{"type":"rectangle","frame":0,"label_id":1,"points":[1,2,3,4],"attributes":[{"spec_id":2,"value":"bmw"}]}`

func TestAnnotationsAreKeptByJob(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, task := street(t, t, d)
		r := c.do(http.MethodPut, task+"/annotations", `{"version":7,"tags":[{"frame":2,"label_id":1}],"shapes":[`+box+`],
			"tracks":[{"frame":1,"label_id":1,"shapes":[{"type":"rectangle","frame":1,"points":[0,0,1,1]}]}]}`)
		require.Equal(t, 200, r.status, "%s", r.body)
		assert.InDelta(t, 0, r.json(t)["version"], 0)
		whole := c.document(task + "/annotations")
		require.Len(t, whole.Shapes, 1)
		assert.Equal(t, "manual", whole.Shapes[0].Source)
		assert.Equal(t, d == testserver.V2_3, whole.Shapes[0].Group == nil)
		require.Len(t, whole.Shapes[0].Attributes, 2, "a read fills in the defaults")
		assert.Equal(t, "false", whole.Shapes[0].Attributes[0].Value)
		first, second := c.document("/api/jobs/1/annotations"), c.document("/api/jobs/2/annotations")
		assert.Len(t, first.Shapes, 1)
		assert.Len(t, first.Tracks, 1)
		assert.Empty(t, first.Tags)
		assert.Len(t, second.Tags, 1)
		assert.Equal(t, 204, c.do(http.MethodDelete, task+"/annotations", nil).status)
		assert.Empty(t, c.document(task+"/annotations").Tags)
	})
}

func TestNullIsNoAnnotation(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, task := street(t, t, d)
		for _, list := range []string{"tags", "shapes", "tracks"} {
			r := c.do(http.MethodPut, task+"/annotations", `{"`+list+`":[null]}`)
			require.Equal(t, 400, r.status, "%s", r.body)
			assert.Contains(t, r.json(t), list)
		}
	})
}
