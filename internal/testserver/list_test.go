package testserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// names lists what a path of projects answers with.
func (c *client) names(query string) string {
	c.t.Helper()
	r := c.get("/api/projects?" + query)
	require.Equal(c.t, 200, r.status, "%s", r.body)
	var page struct {
		Results []struct {
			Name string `json:"name"`
		} `json:"results"`
	}
	require.NoError(c.t, json.Unmarshal(r.body, &page))
	var out []string
	for _, p := range page.Results {
		out = append(out, p.Name)
	}
	return strings.Join(out, " ")
}

func library(t *testing.T, d testserver.Dialect) *client {
	t.Helper()
	c := start(t, t, testserver.WithDialect(d))
	for _, body := range []string{`{"name":"ant"}`, `{"name":"bee","assignee_id":2}`, `{"name":"beetle"}`} {
		require.Equal(t, 201, c.do(http.MethodPost, "/api/projects", body).status)
	}
	require.Equal(t, 201, c.as("user1").do(http.MethodPost, "/api/projects", `{"name":"cat"}`).status)
	return c
}

func TestFilters(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := library(t, d)
		for filter, want := range map[string]string{
			`{"==":[{"var":"name"},"bee"]}`:           "bee",
			`{"in":["bee",{"var":"name"}]}`:           "beetle bee",
			`{"in":[{"var":"id"},[1,4]]}`:             "cat ant",
			`{"in":[{"var":"id"},["1"]]}`:             "ant",
			`{"<":[{"var":"id"},3]}`:                  "bee ant",
			`{"<=":[{"var":"id"},2]}`:                 "bee ant",
			`{">":[{"var":"id"},3]}`:                  "cat",
			`{">=":[{"var":"id"},3]}`:                 "cat beetle",
			`{"<=":[2,{"var":"id"},3]}`:               "beetle bee",
			`{"!":{"==":[{"var":"owner"},"admin"]}}`:  "cat",
			`{"!!":{"==":[{"var":"owner"},"user1"]}}`: "cat",
			`{"==":[{"var":"assignee"},null]}`:        "cat beetle ant",
			`{"var":"assignee"}`:                      "bee",
			`{"and":[{"in":["b",{"var":"name"}]},{"!":{"==":[{"var":"name"},"bee"]}}]}`:             "beetle",
			`{"or":[{"==":[{"var":"name"},"ant"]},{"==":[{"var":"name"},"cat"]}]}`:                  "cat ant",
			`{"and":[{"or":[{"==":[{"var":"id"},1]},{"==":[{"var":"id"},2]}]},{"var":"assignee"}]}`: "bee",
		} {
			assert.Equal(t, want, c.names("filter="+url.QueryEscape(filter)), filter)
		}
	})
}

func TestRefusedFilters(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := library(t, d)
		for filter, want := range map[string]string{
			`{}`:                                    `["filter shouldn't be empty"]`,
			`{"==":[{"var":"zz"},1]}`:               `["filter: 'zz' term is not supported"]`,
			`{"==":[1]}`:                            `["filter: == operation with [1] arguments is not implemented"]`,
			`{"and":[{"==":[{"var":"nope"},"x"]}]}`: `["filter: 'nope' term is not supported"]`,
		} {
			r := c.get("/api/projects?filter=" + url.QueryEscape(filter))
			assert.Equal(t, 400, r.status, filter)
			assert.JSONEq(t, want, string(r.body), filter)
		}
		assert.Equal(t, 400, c.get("/api/projects?filter=bad").status)
		assert.Equal(t, 500, c.get("/api/projects?filter="+url.QueryEscape(`[1]`)).status)
	})
}

func TestSearchSortAndPages(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := library(t, d)
		assert.Equal(t, "beetle bee", c.names("search=BEE"))
		assert.Equal(t, "cat beetle bee ant", c.names(""))
		assert.Equal(t, "ant bee beetle cat", c.names("sort=name"))
		assert.Equal(t, "cat ant bee beetle", c.names("sort=-owner,id"))
		assert.Equal(t, "cat beetle bee ant", c.names("sort=nonsense"))
		assert.Equal(t, "bee ant", c.names("page=2&page_size=2"))
		assert.Equal(t, "ant", c.names("page=last&page_size=3"))
		assert.Equal(t, "cat beetle bee ant", c.names("page_size=all"))
		assert.Equal(t, "cat beetle bee ant", c.names("page_size=0"))
		assert.Equal(t, 404, c.get("/api/projects?page=2").status)
		assert.Equal(t, 404, c.get("/api/projects?page=0").status)
		page := c.get("/api/projects?page=2&page_size=1&search=b").json(t)
		assert.Nil(t, page["next"])
		assert.Equal(t, c.srv.URL+"/api/projects?page_size=1&search=b", page["previous"])
		if d == testserver.V2_3 {
			assert.Equal(t, "cat beetle bee ant", c.names("name=bee"), "typed parameters are ignored")
		} else {
			assert.Equal(t, "bee", c.names("name=bee"))
			assert.Equal(t, 400, c.get("/api/tasks?project_id=x").status)
		}
	})
}
