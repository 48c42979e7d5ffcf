package testserver_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// projects counts what the server has.
func (c *client) projects() float64 {
	c.t.Helper()
	n, _ := c.get("/api/projects").json(c.t)["count"].(float64)
	return n
}

func TestFaultsActAsTheirKindSays(t *testing.T) {
	t.Parallel()
	for _, f := range []struct {
		fault  testserver.Fault
		acts   bool
		status int  // 0: no answer
		whole  bool // the body can be read to its end
	}{
		{testserver.Fault{Kind: testserver.Refuse}, false, 503, true},
		{testserver.Fault{Kind: testserver.Refuse, Status: 500, Acts: true}, true, 500, true},
		{testserver.Fault{Kind: testserver.Slow, Delay: time.Millisecond}, true, 201, true},
		{testserver.Fault{Kind: testserver.CutBefore}, false, 0, false},
		{testserver.Fault{Kind: testserver.CutAfter}, true, 0, false},
		{testserver.Fault{Kind: testserver.CutBody}, true, 201, false},
		{testserver.Fault{Kind: testserver.TruncateBody}, true, 201, false},
		{testserver.Fault{Kind: testserver.ShortLength}, true, 201, true},
		{testserver.Fault{Kind: testserver.HTMLPage}, false, 200, true},
		{testserver.Fault{Kind: testserver.Redirect, Location: "http://other.test"}, false, 302, true},
	} {
		t.Run(f.fault.Kind.String(), func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, d testserver.Dialect) {
				t.Helper()
				c := start(t, t, testserver.WithDialect(d))
				fault := f.fault
				fault.Operation, fault.Times = "projects_create", 1
				c.srv.Fail(fault)
				r, err := c.with("Content-Type", "application/json").post("/api/projects", `{"name":"p"}`)
				if f.status == 0 {
					require.Nil(t, r)
				} else {
					assert.Equal(t, f.status, r.status)
				}
				assert.Equal(t, f.whole, err == nil, "%v", err)
				want := 0.0
				if f.acts {
					want = 1
				}
				assert.InDelta(t, want, c.projects(), 0)
				assert.Equal(t, f.fault.Kind.String(), c.srv.Requests()[0].Fault)
				assert.Equal(t, 201, c.do(http.MethodPost, "/api/projects", `{"name":"q"}`).status, "struck once")
			})
		})
	}
}

func TestFaultDetails(t *testing.T) {
	t.Parallel()
	c := start(t, t)
	c.srv.Fail(testserver.Fault{
		Operation: "projects_list", Skip: 1, Times: 1, Status: 429, RetryAfter: 7 * time.Second,
		ContentType: "application/problem", Body: "wait", Header: http.Header{"X-Proxy": {"yes"}},
	})
	assert.Equal(t, 200, c.get("/api/projects").status)
	r := c.get("/api/projects")
	assert.Equal(t, 429, r.status)
	assert.Equal(t, "7", r.header.Get("Retry-After"))
	assert.Equal(t, "yes", r.header.Get("X-Proxy"))
	assert.Equal(t, "application/problem", r.header.Get("Content-Type"))
	assert.Equal(t, "wait", string(r.body))
	assert.Equal(t, 200, c.get("/api/projects").status)

	c.srv.Fail(testserver.Fault{Kind: testserver.Redirect, Status: 307, Match: func(r *http.Request) bool {
		return r.URL.Query().Has("move")
	}})
	assert.Equal(t, 200, c.get("/api/projects").status)
	r = c.get("/api/projects?move=1")
	assert.Equal(t, 307, r.status)
	assert.Equal(t, "/base/api/projects?move=1", r.header.Get("Location"))
	c.srv.Heal()
	assert.Equal(t, 200, c.get("/api/projects?move=1").status)
}

func TestRepeatedPage(t *testing.T) {
	t.Parallel()
	c := start(t, t)
	for _, name := range []string{"a", "b", "c"} {
		c.do(http.MethodPost, "/api/projects", map[string]string{"name": name})
	}
	second := string(c.get("/api/projects?page=2&page_size=1").body)
	c.srv.Fail(testserver.Fault{Kind: testserver.RepeatPage})
	assert.NotEqual(t, second, string(c.get("/api/projects?page=2&page_size=1").body))
	assert.Equal(t, string(c.get("/api/projects?page=2&page_size=1").body),
		string(c.get("/api/projects?page=1&page_size=1").body))
}
