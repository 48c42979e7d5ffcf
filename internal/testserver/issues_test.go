package testserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

const remark = `{"job":1,"frame":0,"position":[1,2],"message":"wrong"}`

func TestWhoMayDoWhatWithIssues(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, _ := street(t, t, d)
		u := c.as("user1")
		assert.Equal(t, 403, u.do(http.MethodPost, "/api/issues", remark).status, "a stranger")
		require.Equal(t, 201, c.do(http.MethodPost, "/api/issues", remark).status)
		assert.Equal(t, 403, u.get("/api/issues/1").status)
		assert.Equal(t, 403, u.get("/api/comments/1").status)
		assert.Equal(t, 403, u.do(http.MethodPost, "/api/comments", `{"issue":1,"message":"why?"}`).status)
		assert.InDelta(t, 0, u.get("/api/issues").json(t)["count"], 0)
		assert.InDelta(t, 0, u.get("/api/comments").json(t)["count"], 0)

		require.Equal(t, 200, c.do(http.MethodPatch, "/api/issues/1", `{"assignee":2}`).status)
		assert.Equal(t, 200, u.get("/api/issues/1").status)
		assert.InDelta(t, 1, u.get("/api/issues").json(t)["count"], 0)
		assert.Equal(t, 403, u.do(http.MethodPatch, "/api/issues/1", `{"resolved":true}`).status, "an assignee may only answer")
		assert.Equal(t, 403, u.do(http.MethodDelete, "/api/issues/1", nil).status)
		assert.Equal(t, 201, u.do(http.MethodPost, "/api/comments", `{"issue":1,"message":"why?"}`).status)

		require.Equal(t, 200, c.do(http.MethodPatch, "/api/jobs/1", `{"assignee":2}`).status)
		require.Equal(t, 201, u.do(http.MethodPost, "/api/issues", remark).status)
		assert.Equal(t, 200, u.do(http.MethodPatch, "/api/issues/2", `{"assignee":2}`).status, "to himself")
		assert.Equal(t, 403, u.do(http.MethodPatch, "/api/issues/2", `{"assignee":1}`).status, "to somebody else")
		assert.Equal(t, 204, u.do(http.MethodDelete, "/api/issues/2", nil).status)
	})
}

func TestIssuesGoWithTheirTask(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, task := street(t, t, d)
		require.Equal(t, 201, c.do(http.MethodPost, "/api/issues", remark).status)
		require.Equal(t, 204, c.do(http.MethodDelete, task, nil).status)
		assert.Equal(t, 404, c.get("/api/issues/1").status)
		assert.Equal(t, 404, c.get("/api/comments/1").status)
	})
}
