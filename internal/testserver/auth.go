package testserver

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// session is what a sessionid cookie stands for.
type session struct {
	user *user
	csrf string
}

func unauthorized(text string) *answer {
	return detail(http.StatusUnauthorized, text).with("Www-Authenticate", "Token")
}

// authenticate finds out who calls: by key, by access token, by session or by password, in this order. A failing
// credential refuses the call, except for what the dialect does not know, which is nothing at all.
func (s *Server) authenticate(c *call) *answer {
	if len(c.view) > 0 && c.view[0].public {
		return nil
	}
	scheme, credential, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	for _, method := range []func(*call, string, string) *answer{
		s.byKey, s.byAccessToken, s.bySignature, s.bySession, s.byPassword,
	} {
		if refusal := method(c, scheme, credential); refusal != nil {
			return refusal
		}
		if c.user != nil {
			return s.checkToken(c)
		}
	}
	open := len(c.view) > 0 && c.view[0].open || c.route != nil && c.route.open
	if !open && c.r.Method != http.MethodOptions {
		return unauthorized("Authentication credentials were not provided.")
	}
	return nil
}

func (s *Server) byKey(c *call, scheme, credential string) *answer {
	if !strings.EqualFold(scheme, "Token") {
		return nil
	}
	switch {
	case credential == "":
		return unauthorized("Invalid token header. No credentials provided.")
	case strings.Contains(credential, " "):
		return unauthorized("Invalid token header. Token string should not contain spaces.")
	}
	c.user = s.state.tokens[credential]
	if c.user == nil || !c.user.active {
		return unauthorized("Invalid token.")
	}
	if s.cfg.dialect == V2_3 && !s.hasSession(c) {
		s.openSession(c, c.user) // a token request logs its user in
	}
	return nil
}

// bySignature refuses signed URLs: no server ever made a good one.
func (s *Server) bySignature(c *call, _, _ string) *answer {
	if s.cfg.dialect == V2_3 && c.query.Has("sign") {
		return unauthorized("Invalid signature.")
	}
	return nil
}

func (s *Server) hasSession(c *call) bool {
	cookie, err := c.r.Cookie("sessionid")
	return err == nil && s.state.sessions[cookie.Value].user != nil
}

// bySession believes a session cookie, but asks unsafe requests for the CSRF token.
func (s *Server) bySession(c *call, _, _ string) *answer {
	if !s.hasSession(c) {
		return nil
	}
	cookie, _ := c.r.Cookie("sessionid")
	if reason := s.csrfFailure(c); reason != "" {
		return detail(http.StatusForbidden, "CSRF Failed: "+reason)
	}
	c.user = s.state.sessions[cookie.Value].user
	return nil
}

// csrfFailure says what is wrong with an unsafe request of a session, and nothing if all is well.
func (s *Server) csrfFailure(c *call) string {
	if safe(c.r.Method) {
		return ""
	}
	if origin, err := url.Parse(c.r.Header.Get("Origin")); s.cfg.dialect == V2_73 && err == nil &&
		origin.Host != "" && origin.Host != c.r.Host {
		return fmt.Sprintf("Origin checking failed - %s does not match any trusted origins.", origin)
	}
	cookie, err := c.r.Cookie("csrftoken")
	switch {
	case err != nil:
		return "CSRF cookie not set."
	case c.r.Header.Get("X-Csrftoken") == cookie.Value:
		return ""
	case s.cfg.dialect == V2_3:
		return "CSRF token missing or incorrect."
	case c.r.Header.Get("X-Csrftoken") == "":
		return "CSRF token missing."
	}
	return "CSRF token from the 'X-Csrftoken' HTTP header incorrect."
}

func safe(method string) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, method)
}

func (s *Server) byPassword(c *call, scheme, credential string) *answer {
	if !strings.EqualFold(scheme, "Basic") {
		return nil
	}
	pair, err := base64.StdEncoding.DecodeString(credential)
	name, password, found := strings.Cut(string(pair), ":")
	if err != nil || !found {
		return unauthorized("Invalid basic header. Credentials not correctly base64 encoded.")
	}
	c.user = s.userByName(name)
	if c.user == nil || c.user.password != password || !c.user.active {
		c.user = nil
		return unauthorized("Invalid username/password.")
	}
	return nil
}

// openSession logs a user in: it sets the cookies.
func (s *Server) openSession(c *call, u *user) {
	id, csrf := randomHex(16), randomHex(32)
	s.state.sessions[id] = session{user: u, csrf: csrf}
	u.lastLogin = now()
	c.cookies = append(c.cookies,
		&http.Cookie{ //nolint:gosec // as the real server sets it: scripts read it, and there is no TLS
			Name: "csrftoken", Value: csrf, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
			SameSite: http.SameSiteLaxMode,
		},
		&http.Cookie{ //nolint:gosec // as the real server sets it: there is no TLS
			Name: "sessionid", Value: id, Path: "/", MaxAge: int((14 * 24 * time.Hour).Seconds()),
			SameSite: http.SameSiteLaxMode, HttpOnly: true,
		},
	)
}

func (s *Server) userByName(name string) *user {
	for _, u := range s.state.users.rows {
		if u.username == name {
			return u
		}
	}
	return nil
}

// key returns the login key of a user, of which there is one.
func (s *Server) key(u *user) string {
	for key, owner := range s.state.tokens {
		if owner == u {
			return key
		}
	}
	key := randomHex(20)
	s.state.tokens[key] = u
	return key
}

// Token returns the login key of a user, as a login would.
func (s *Server) Token(username string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.userByName(username)
	if u == nil {
		return ""
	}
	return s.key(u)
}

// RevokeToken deletes the login key of a user, as a logout does; the next login makes another.
func (s *Server) RevokeToken(username string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropKey(s.userByName(username))
}

func (s *Server) dropKey(u *user) {
	for key, owner := range s.state.tokens {
		if owner == u {
			delete(s.state.tokens, key)
		}
	}
}
