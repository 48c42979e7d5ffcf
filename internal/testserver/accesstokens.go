package testserver

import (
	"net/http"
	"strings"
	"time"
)

// accessToken is a personal access token, sent as a Bearer.
type accessToken struct {
	id               int64
	name, value      string
	readOnly         bool
	created, updated time.Time
	expires          time.Time // zero: never
	lastUsed         time.Time
	owner            *user
}

// AddAccessToken makes a personal access token for a user and returns its value. Only [V2_73] knows them.
func (s *Server) AddAccessToken(username string, readOnly bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addAccessToken(s.userByName(username), "token", readOnly).value
}

func (s *Server) addAccessToken(owner *user, name string, readOnly bool) *accessToken {
	at := now()
	return s.state.accessTokens.add(func(id int64) *accessToken {
		return &accessToken{
			id: id, name: name, value: randomHex(4) + "." + randomHex(16), readOnly: readOnly,
			created: at, updated: at, owner: owner,
		}
	})
}

// byAccessToken believes a Bearer, which 2.3 does not know and so does not see.
func (s *Server) byAccessToken(c *call, scheme, credential string) *answer {
	if s.cfg.dialect == V2_3 || !strings.EqualFold(scheme, "Bearer") {
		return nil
	}
	for _, t := range s.state.accessTokens.all() {
		if t.value == credential && (t.expires.IsZero() || now().Before(t.expires)) {
			t.lastUsed = now()
			c.user, c.token = t.owner, t
			return nil
		}
	}
	return unauthorized("Invalid token.")
}

// checkToken refuses writes with a token that may only read.
func (s *Server) checkToken(c *call) *answer {
	if c.token != nil && c.token.readOnly && !safe(c.r.Method) {
		return forbidden()
	}
	return nil
}

func (t *accessToken) read(c *call) object {
	return object{
		{"id", t.id},
		{"name", t.name},
		{"created_date", stamp(t.created)},
		{"updated_date", stamp(t.updated)},
		{"expiry_date", stampOrNull(t.expires)},
		{"last_used_date", stampOrNull(t.lastUsed)},
		{"read_only", t.readOnly},
		{"owner", c.basicUser(t.owner)},
	}
}

func accessTokenRoutes() []route {
	const one = "auth/access_tokens/{id}"
	routes := []route{
		{op: "auth_list_access_tokens", method: http.MethodGet, path: "auth/access_tokens", handle: listAccessTokens},
		{op: "auth_create_access_tokens", method: http.MethodPost, path: "auth/access_tokens", handle: createAccessToken},
		{
			op: "auth_retrieve_access_tokens_self", method: http.MethodGet, path: "auth/access_tokens/self",
			handle: func(c *call) *answer {
				if c.token == nil {
					return unauthorized("Authentication credentials were not provided.").with("Www-Authenticate", "Bearer")
				}
				return ok(c.token.read(c))
			},
		},
		{op: "auth_retrieve_access_tokens", method: http.MethodGet, path: one, handle: onAccessToken(readAccessToken)},
		{
			op: "auth_partial_update_access_tokens", method: http.MethodPatch, path: one,
			handle: onAccessToken(updateAccessToken),
		},
		{
			op: "auth_destroy_access_tokens", method: http.MethodDelete, path: one,
			handle: onAccessToken(func(c *call, t *accessToken) *answer {
				delete(c.s.state.accessTokens.rows, t.id)
				return empty(http.StatusNoContent)
			}),
		},
	}
	for i := range routes {
		routes[i].in = only2_73
	}
	return routes
}

func onAccessToken(handle func(*call, *accessToken) *answer) handler {
	return func(c *call) *answer {
		id, isNumber := c.id()
		t := c.s.state.accessTokens.rows[id]
		if !isNumber || t == nil || t.owner != c.user {
			return c.s.cfg.dialect.missing("AccessToken")
		}
		return handle(c, t)
	}
}

func listAccessTokens(c *call) *answer {
	l := listing[accessToken]{
		rows:   c.s.state.accessTokens.all(),
		fields: map[string]func(*accessToken) any{"id": func(t *accessToken) any { return t.id }},
		read:   func(t *accessToken) any { return t.read(c) },
		sees:   func(t *accessToken) bool { return t.owner == c.user },
	}
	return l.page(c)
}

func readAccessToken(c *call, t *accessToken) *answer { return ok(t.read(c)) }

func accessTokenFields() []field {
	return []field{
		{name: "name", required: true, max: 50},
		{name: "expiry_date", null: true},
		{name: "read_only", kind: boolean},
	}
}

func createAccessToken(c *call) *answer {
	v, refusal := c.take(accessTokenFields(), false)
	if refusal != nil {
		return refusal
	}
	t := c.s.addAccessToken(c.user, v.text("name"), !v.has("read_only") || v.bool("read_only"))
	t.set(v)
	return reply(http.StatusCreated, append(t.read(c), member{"value", t.value}))
}

func updateAccessToken(c *call, t *accessToken) *answer {
	v, refusal := c.take(accessTokenFields(), true)
	if refusal != nil {
		return refusal
	}
	t.set(v)
	t.updated = now()
	return ok(t.read(c))
}

func (t *accessToken) set(v values) {
	if v.has("name") {
		t.name = v.text("name")
	}
	if v.has("read_only") {
		t.readOnly = v.bool("read_only")
	}
	if expires, err := time.Parse(time.RFC3339, v.text("expiry_date")); err == nil {
		t.expires = expires
	}
}
