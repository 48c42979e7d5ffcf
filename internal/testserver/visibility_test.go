package testserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// team is an organization of user1 with a maintainer and two workers, and a project of one of the workers in it.
func team(t *testing.T, d testserver.Dialect) *client {
	t.Helper()
	c := start(t, t, testserver.WithDialect(d))
	for _, name := range []string{"mary", "will", "wanda", "stranger"} {
		c.srv.AddUser(testserver.User{Username: name, Password: "x", Email: name + "@example.com"})
	}
	id := c.srv.AddOrganization("acme", "user1")
	c.srv.AddMember(id, "mary", "maintainer")
	c.srv.AddMember(id, "will", "supervisor")
	c.srv.AddMember(id, "wanda", "worker")
	r := c.as("will").do(http.MethodPost, "/api/projects?org=acme", `{"name":"p"}`)
	require.Equal(t, 201, r.status, "%s", r.body)
	return c
}

func TestRolesInAnOrganization(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		for _, who := range []struct {
			name         string
			read, remove int
			listed       float64
		}{
			{"admin", 200, 204, 1},
			{"user1", 200, 204, 1},
			{"mary", 200, 204, 1},
			{"will", 200, 204, 1},
			{"wanda", 403, 403, 0},
		} {
			c := team(t, d).as(who.name)
			assert.InDelta(t, who.listed, c.get("/api/projects?org=acme").json(t)["count"], 0, who.name)
			assert.Equal(t, who.read, c.get("/api/projects/1?org=acme").status, who.name)
			assert.Equal(t, who.remove, c.do(http.MethodDelete, "/api/projects/1?org=acme", nil).status, who.name)
		}
		c := team(t, d)
		assert.Equal(t, 403, c.as("stranger").get("/api/projects/1").status)
		assert.Equal(t, 403, c.as("stranger").get("/api/projects?org=acme").status)
		assert.Equal(t, 403, c.as("wanda").do(http.MethodPost, "/api/projects?org=acme", `{"name":"q"}`).status)
	})
}

func TestContextOfSingleObjects(t *testing.T) {
	t.Parallel()
	mary := team(t, testserver.V2_73).as("mary")
	assert.Equal(t, 200, mary.get("/api/projects/1").status)
	assert.Equal(t, 200, mary.get("/api/projects/1?org=").status, "the context of a single object is its own")

	mary = team(t, testserver.V2_3).as("mary")
	assert.Equal(t, 403, mary.get("/api/projects/1").status, "without the context")
	assert.Equal(t, 404, mary.get("/api/projects/1?org=").status)
	assert.Equal(t, 200, mary.with("X-Organization", "acme").get("/api/projects/1").status)
}

func TestContradictingContexts(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := team(t, d)
		for path, status := range map[string]map[testserver.Dialect]int{
			"/api/projects?org=nope":            {testserver.V2_3: 400, testserver.V2_73: 404},
			"/api/projects?org_id=77":           {testserver.V2_3: 400, testserver.V2_73: 404},
			"/api/projects?org_id=x":            {testserver.V2_3: 500, testserver.V2_73: 500},
			"/api/projects?org=acme&org_id=1":   {testserver.V2_3: 400, testserver.V2_73: 400},
			"/api/projects?org=acme&org_id=1&x": {testserver.V2_3: 400, testserver.V2_73: 400},
		} {
			assert.Equal(t, status[d], c.get(path).status, path)
		}
		assert.Equal(t, 400, c.with("X-Organization", "other").get("/api/projects?org=acme").status)
		assert.InDelta(t, 0, c.with("X-Organization", "").get("/api/projects").json(t)["count"], 0, "personal things only")
		assert.InDelta(t, 1, c.get("/api/projects").json(t)["count"], 0)
	})
}

func TestOrdinaryUsersSeeOnlyThemselves(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := team(t, d)
		assert.InDelta(t, 6, c.get("/api/users").json(t)["count"], 0)
		mary := c.as("mary")
		assert.InDelta(t, 1, mary.get("/api/users").json(t)["count"], 0)
		assert.InDelta(t, 4, mary.get("/api/users?org=acme").json(t)["count"], 0)
		assert.Equal(t, 403, mary.get("/api/users/1").status)
	})
}

func TestAssigneesMayWorkButNotManage(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, task := street(t, t, d)
		u := c.as("user1")
		assert.Equal(t, 403, u.get("/api/jobs/1").status)
		assert.InDelta(t, 0, u.get("/api/jobs").json(t)["count"], 0)
		require.Equal(t, 200, c.do(http.MethodPatch, "/api/jobs/1", `{"assignee":2}`).status)
		assert.InDelta(t, 1, u.get("/api/jobs").json(t)["count"], 0)
		assert.Equal(t, 403, u.get("/api/jobs/2").status)
		assert.Equal(t, 403, u.get(task).status, "the job, not the task")
		assert.Equal(t, 200, u.do(http.MethodPut, "/api/jobs/1/annotations", `{"shapes":[`+box+`]}`).status)
		assert.Equal(t, 200, u.do(http.MethodPatch, "/api/jobs/1", `{"state":"completed"}`).status)
		assert.Equal(t, 403, u.do(http.MethodPatch, "/api/jobs/1", `{"stage":"acceptance"}`).status)
		assert.Equal(t, 403, u.do(http.MethodPatch, "/api/jobs/1", `{"assignee":null}`).status)

		require.Equal(t, 200, c.do(http.MethodPatch, task, `{"assignee_id":2}`).status)
		assert.Equal(t, 200, u.do(http.MethodPatch, task, `{"name":"mine"}`).status)
		assert.Equal(t, 200, u.do(http.MethodPatch, "/api/jobs/2", `{"stage":"validation"}`).status)
		assert.Equal(t, 403, u.do(http.MethodDelete, task, nil).status)
	})
}
