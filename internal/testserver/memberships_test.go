package testserver_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// The members of a team have these memberships.
const (
	ofOwner      = "/api/memberships/1"
	ofMaintainer = "/api/memberships/2"
	ofSupervisor = "/api/memberships/3"
	ofWorker     = "/api/memberships/4"
)

func TestWhoGovernsMembers(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := team(t, d)
		for _, test := range []struct {
			who, membership string
			status          int
		}{
			{"user1", ofMaintainer, 200},
			{"user1", ofOwner, 403},
			{"mary", ofSupervisor, 200},
			{"mary", ofMaintainer, 403},
			{"mary", ofOwner, 403},
			{"will", ofWorker, 403},
			{"will", ofSupervisor, 403},
			{"admin", ofSupervisor, 200},
		} {
			role := fmt.Sprintf(`{"role":%q}`, c.get(test.membership).json(t)["role"])
			r := c.as(test.who).do(http.MethodPatch, test.membership+"?org=acme", role)
			assert.Equal(t, test.status, r.status, "%s changes %s", test.who, test.membership)
		}
	})
}

func TestMembersMayLeave(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := team(t, d)
		assert.Equal(t, 403, c.as("user1").do(http.MethodDelete, ofOwner, nil).status)
		assert.Equal(t, 204, c.as("wanda").do(http.MethodDelete, ofWorker, nil).status)
		assert.Equal(t, 403, c.as("wanda").get("/api/projects?org=acme").status, "wanda is out")
	})
	c := team(t, testserver.V2_3)
	assert.Equal(t, 403, c.as("wanda").do(http.MethodDelete, ofWorker+"?org=acme", nil).status, "only from outside")
}

func TestFieldsOfMemberships(t *testing.T) {
	t.Parallel()
	filter := func(field, value string) string {
		return `/api/memberships?org=acme&filter={"==":[{"var":"` + field + `"},` + value + `]}`
	}
	older, newer := team(t, testserver.V2_3), team(t, testserver.V2_73)
	assert.InDelta(t, 1, older.get(filter("user_name", `"mary"`)).json(t)["count"], 0)
	assert.InDelta(t, 0, older.get(filter("user", `"mary"`)).json(t)["count"], 0, "the user is a number")
	assert.InDelta(t, 1, newer.get(filter("user", `"mary"`)).json(t)["count"], 0)
	assert.Equal(t, 400, newer.get(filter("user_name", `"mary"`)).status)
}

func TestWhoInvites(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		for _, test := range []struct {
			who, role string
			status    int
		}{
			{"user1", "maintainer", 201},
			{"user1", "owner", 403},
			{"mary", "supervisor", 201},
			{"mary", "maintainer", 403},
			{"will", "worker", 403},
			{"admin", "worker", 201},
		} {
			c := team(t, d)
			body := fmt.Sprintf(`{"role":%q,"email":"stranger@example.com"}`, test.role)
			r := c.as(test.who).do(http.MethodPost, "/api/invitations?org=acme", body)
			assert.Equal(t, test.status, r.status, "%s invites a %s", test.who, test.role)
		}
	})
}

func TestWhoSeesAnInvitation(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := team(t, d)
		r := c.as("mary").do(http.MethodPost, "/api/invitations?org=acme", `{"role":"worker","email":"stranger@example.com"}`)
		require.Equal(t, 201, r.status, "%s", r.body)
		path := fmt.Sprintf("/api/invitations/%s?org=acme", r.json(t)["key"])
		for who, status := range map[string]int{"admin": 200, "user1": 200, "mary": 200, "stranger": 200, "will": 404} {
			assert.Equal(t, status, c.as(who).get(path).status, who)
		}
		for _, who := range []struct {
			name   string
			status int
		}{{"will", 404}, {"stranger", 403}, {"mary", 204}} {
			assert.Equal(t, who.status, c.as(who.name).do(http.MethodDelete, path, nil).status, who.name)
		}
	})
}

func TestUpdatesOfInvitationsChangeNothing(t *testing.T) {
	t.Parallel()
	c := team(t, testserver.V2_3).as("user1")
	r := c.do(http.MethodPost, "/api/invitations?org=acme", `{"role":"worker","email":"stranger@example.com"}`)
	require.Equal(t, 201, r.status, "%s", r.body)
	path := fmt.Sprintf("/api/invitations/%s?org=acme", r.json(t)["key"])
	r = c.do(http.MethodPatch, path, `{"role":"supervisor"}`)
	require.Equal(t, 200, r.status, "%s", r.body)
	assert.Equal(t, "worker", r.json(t)["role"])
	assert.Equal(t, 400, c.do(http.MethodPatch, path, `{"role":"emperor"}`).status)
}

func TestSlugsAreUnique(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := team(t, d)
		r := c.do(http.MethodPost, "/api/organizations", `{"slug":"other","name":""}`)
		require.Equal(t, 201, r.status, "%s", r.body)
		assert.Equal(t, "other", r.json(t)["name"])
		assert.Equal(t, 400, c.do(http.MethodPatch, "/api/organizations/2", `{"slug":"acme"}`).status)
		assert.Equal(t, 200, c.do(http.MethodPatch, "/api/organizations/2", `{"slug":"other"}`).status, "its own")
	})
}
