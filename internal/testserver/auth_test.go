package testserver_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

func (c *client) login(body string) *reply {
	c.t.Helper()
	return c.anonymous().do(http.MethodPost, "/api/auth/login", body)
}

func TestLoginAndLogout(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, t, testserver.WithDialect(d))
		first := c.login(`{"username":"user1","password":"user-password"}`)
		require.Equal(t, 200, first.status)
		key, _ := first.json(t)["key"].(string)
		assert.Len(t, key, 40)
		assert.Len(t, first.header["Set-Cookie"], 2)
		assert.Equal(t, first.body, c.login(`{"username":"user1","password":"user-password"}`).body, "one key for ever")
		assert.Equal(t, 400, c.login(`{"username":"user1","password":"wrong"}`).status)

		byMail := map[testserver.Dialect]int{testserver.V2_3: 400, testserver.V2_73: 200}
		assert.Equal(t, byMail[d], c.login(`{"email":"user1@example.com","password":"user-password"}`).status)

		u := c.with("Authorization", "Token "+key)
		assert.Equal(t, "user1", u.get("/api/users/self").json(t)["username"])
		assert.Equal(t, 200, u.do(http.MethodPost, "/api/auth/logout", nil).status)
		gone := u.get("/api/users/self")
		assert.Equal(t, 401, gone.status)
		assert.JSONEq(t, `{"detail":"Invalid token."}`, string(gone.body))
		assert.Equal(t, "Token", gone.header.Get("WWW-Authenticate"))
	})
}

func TestSessionsNeedCSRFTokens(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, t, testserver.WithDialect(d))
		r := &http.Response{Header: c.login(`{"username":"admin","password":"admin-password"}`).header}
		jar := map[string]string{}
		for _, cookie := range r.Cookies() {
			jar[cookie.Name] = cookie.Value
		}
		header := "csrftoken=" + jar["csrftoken"] + "; sessionid=" + jar["sessionid"]
		s := c.anonymous().with("Cookie", header)
		assert.Equal(t, 200, s.get("/api/users/self").status)
		assert.Equal(t, 403, s.do(http.MethodPost, "/api/projects", `{"name":"p"}`).status)
		assert.Equal(t, 201, s.with("X-Csrftoken", jar["csrftoken"]).do(http.MethodPost, "/api/projects", `{"name":"p"}`).status)
		// A key beside the cookies needs no check.
		assert.Equal(t, 201, c.with("Cookie", header).do(http.MethodPost, "/api/projects", `{"name":"q"}`).status)
	})
}

func TestAccessTokens(t *testing.T) {
	t.Parallel()
	c := start(t, t)
	r := c.do(http.MethodPost, "/api/auth/access_tokens", `{"name":"ci"}`)
	require.Equal(t, 201, r.status)
	value, _ := r.json(t)["value"].(string)
	assert.Equal(t, true, r.json(t)["read_only"], "by default")
	bearer := c.with("Authorization", "Bearer "+value)
	assert.Equal(t, 200, bearer.get("/api/projects").status)
	assert.Equal(t, 403, bearer.do(http.MethodPost, "/api/projects", `{"name":"p"}`).status)
	assert.NotContains(t, string(bearer.get("/api/auth/access_tokens/self").body), value)
	assert.Equal(t, 204, c.do(http.MethodDelete, "/api/auth/access_tokens/1", nil).status)
	assert.Equal(t, 401, bearer.get("/api/projects").status)
	writer := c.with("Authorization", "Bearer "+c.srv.AddAccessToken("user1", false))
	assert.Equal(t, 201, writer.do(http.MethodPost, "/api/projects", `{"name":"p"}`).status)

	old := start(t, nil, testserver.WithDialect(testserver.V2_3))
	assert.JSONEq(t, `{"detail":"Authentication credentials were not provided."}`,
		string(old.with("Authorization", "Bearer x").get("/api/projects").body))
}

func TestAnonymousCallersAreThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := testserver.New(t, testserver.WithAnonymousLimit(2))
		ask := func() *recorder {
			w := &recorder{header: http.Header{}}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/base/api/server/about", http.NoBody)
			require.NoError(t, err)
			srv.Handler().ServeHTTP(w, req)
			return w
		}
		ask()
		time.Sleep(20 * time.Second)
		assert.Equal(t, 200, ask().status)
		w := ask()
		assert.Equal(t, 429, w.status)
		assert.Equal(t, "40", w.header.Get("Retry-After"))
		time.Sleep(40 * time.Second)
		assert.Equal(t, 200, ask().status)
	})
}

func TestNewUsersAndTokens(t *testing.T) {
	t.Parallel()
	c := start(t, t)
	assert.EqualValues(t, 3, c.srv.AddUser(testserver.User{Username: "carol", Password: "carol-password"}))
	carol := c.as("carol")
	assert.Equal(t, "carol", carol.get("/api/users/self").json(t)["username"])
	c.srv.RevokeToken("carol")
	assert.Equal(t, 401, carol.get("/api/users/self").status)
	assert.Empty(t, c.srv.Token("nobody"))
}
