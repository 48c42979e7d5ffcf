package testserver

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// call is one request on its way through the server.
type call struct {
	s     *Server
	r     *http.Request
	path  string // below the base path, slashes merged
	query url.Values
	view  []*route // the routes of this path
	route *route   // nil if the path has no such method
	op    string
	near  bool // only the slash at the end is wrong
	vars  map[string]string

	body      body
	user      *user // nil for an anonymous caller
	token     *accessToken
	context   orgContext
	cookies   []*http.Cookie
	browsable bool // the caller asked for the browsable API
	renderer  renderer
	backstage bool // the test's own: see Server.Backstage
}

func (s *Server) newCall(r *http.Request) *call {
	c := &call{s: s, r: r, query: r.URL.Query()}
	path, inside := strings.CutPrefix(r.URL.EscapedPath(), s.cfg.basePath)
	c.path = mergeSlashes(path)
	api, isAPI := strings.CutPrefix(c.path, "/api/")
	if !inside || !isAPI {
		return c
	}
	c.view, c.vars, c.near = s.find(api)
	if named := pick(c.view, r.Method); named != nil {
		c.op = named.op
	}
	c.route = pick(c.view, c.method())
	if c.op == "" && c.route != nil {
		c.op = c.route.op
	}
	return c
}

// mergeSlashes makes one slash of several, as Apache and nginx do.
func mergeSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// method is the request's method as the views of the server see it.
func (c *call) method() string {
	if c.r.Method == http.MethodHead && c.s.cfg.dialect == V2_3 {
		return http.MethodGet // mod_wsgi turns HEAD into GET
	}
	return c.r.Method
}

// url makes an absolute URL from a path below the base path. It names the host that the caller asked for.
func (c *call) url(format string, args ...any) string {
	return "http://" + c.r.Host + c.s.cfg.basePath + fmt.Sprintf(format, args...)
}

// answer acts on a request. It takes the server's lock, except for routes that stream.
func (s *Server) answer(c *call) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if a := s.checkChunks(c); a != nil {
		return a
	}
	if a := s.admit(c); a != nil {
		return a
	}
	if c.route.stream {
		s.mu.Unlock()
		defer s.mu.Lock()
	}
	return c.route.handle(c)
}

// admit does what comes before a handler, in the order of the real server. A nil answer lets the call in.
func (s *Server) admit(c *call) *answer {
	if c.view == nil {
		return s.noRoute(c)
	}
	for _, step := range []func(*call) *answer{
		s.negotiate, s.authenticate, s.checkMethod, s.enterOrganization, s.checkThrottle,
	} {
		if a := step(c); a != nil {
			return a
		}
	}
	return nil
}

func (s *Server) noRoute(c *call) *answer {
	if c.near {
		s.report(c, WrongSlash, "no such route with or without the slash at the end")
	} else {
		s.report(c, UnknownRoute, "no such route")
	}
	if !strings.HasPrefix(c.path, "/api/") && s.cfg.dialect == V2_3 {
		return newAnswer(http.StatusOK, "text/html", []byte("<!DOCTYPE html><html><head>"+
			"<title>Computer Vision Annotation Tool</title></head><body></body></html>"))
	}
	return s.cfg.dialect.noPage()
}

// checkMethod refuses methods that a view does not have, in the way of the dialect.
func (s *Server) checkMethod(c *call) *answer {
	if c.r.Method == http.MethodOptions {
		if upload := pick(c.view, http.MethodPost); upload != nil && upload.bodies == fileBodies {
			return s.cfg.dialect.tusOptions()
		}
		return ok(object{{"name", c.path}, {"description", ""}, {"renders", []string{jsonType, "text/html"}}})
	}
	if c.r.Method == http.MethodHead && s.cfg.dialect == V2_73 && !c.headWorks() {
		return s.cfg.dialect.crash() // an assertion in the permission layer
	}
	if c.route != nil {
		return nil
	}
	if pick(c.view, c.r.Method) == nil { // a HEAD that 2.3 turned into GET is not the client's mistake
		s.report(c, UnknownRoute, "the method is not allowed here")
	}
	if s.cfg.dialect == V2_3 && (strings.HasPrefix(c.path, "/api/server/") || c.path == "/api/memberships") {
		return forbidden() // here the permission check comes before the method
	}
	return detail(http.StatusMethodNotAllowed, fmt.Sprintf("Method %q not allowed.", c.method()))
}

// headWorks says whether a HEAD request is one of the few that 2.73 answers.
func (c *call) headWorks() bool {
	if c.route == nil && pick(c.view, http.MethodGet) != nil && c.path == "/api/server/about" {
		c.route = pick(c.view, http.MethodGet)
	}
	return c.route != nil
}

// allowHeader is the value of the Allow header, empty for the pages of Django's own.
func (c *call) allowHeader(a *answer) string {
	if c.view == nil || a.viewless {
		return ""
	}
	return allow(c.view)
}
