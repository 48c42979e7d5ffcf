package testserver

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// slash says whether a path ends in a slash.
type slash int

const (
	noSlash slash = iota
	withSlash
	eitherSlash
)

// in says which dialects have a route.
type in int

const (
	always in = iota
	only2_3
	only2_73
)

// handler answers a call. Unless its route streams, it holds the server's lock.
type handler func(*call) *answer

// route is one operation of the API.
type route struct {
	op     string // the server's operation id
	method string
	path   string // below /api/, without the slash at the end
	in     in
	slash  slash
	open   bool   // needs no credentials
	public bool   // does not even look at them
	bodies bodies // what a request may carry
	stream bool   // reads the body itself, and locks itself
	// renderers are what an answer can be written as, if not as all others.
	renderers []renderer
	handle    handler
	parts     []string // of the path
}

// bodies says which types of request bodies a route takes.
type bodies int

const (
	jsonBodies  bodies = iota // JSON; at 2.3 forms as well, as everywhere
	fileBodies                // JSON and multipart
	chunkBodies               // pieces of a TUS upload
)

// routesOf lists the routes of a dialect. A resource has its routes in its own file.
func routesOf(d Dialect) []route {
	all := slices.Concat(
		serverRoutes(), schemaRoutes(), restrictionRoutes(), authRoutes(), accessTokenRoutes(), userRoutes(), organizationRoutes(), membershipRoutes(), invitationRoutes(),
		projectRoutes(), taskRoutes(), jobRoutes(), labelRoutes(), issueRoutes(), commentRoutes(), dataRoutes(), dataUploadRoutes(), requestRoutes(),
		cloudStorageRoutes(), annotationRoutes(), importRoutes(), exportV1Routes(), exportV2Routes(), functionRoutes(), functionRunRoutes(),
		backupRoutes(), datasetImportRoutes(),
	)
	all = slices.DeleteFunc(all, func(r route) bool {
		return r.in == only2_3 && d != V2_3 || r.in == only2_73 && d != V2_73
	})
	for i := range all {
		all[i].parts = strings.Split(all[i].path, "/")
	}
	return all
}

// match compares the parts of a path below /api/ with the route's and returns what stands for its placeholders. near is
// true if only the slash at the end is wrong.
func (r *route) match(parts []string, slashed bool) (vars map[string]string, matched, near bool) {
	if len(r.parts) != len(parts) {
		return nil, false, false
	}
	for i, want := range r.parts {
		if want != parts[i] && (want[0] != '{' || parts[i] == "") {
			return nil, false, false
		}
	}
	if r.slash != eitherSlash && slashed != (r.slash == withSlash) {
		return nil, false, true
	}
	vars = map[string]string{}
	for i, want := range r.parts {
		if want[0] == '{' {
			value, err := url.PathUnescape(parts[i])
			if err != nil {
				return nil, false, false
			}
			vars[strings.Trim(want, "{}")] = value
		}
	}
	return vars, true, false
}

// find returns the routes that share a path, as one view of the server.
func (s *Server) find(path string) (view []*route, vars map[string]string, near bool) {
	literal := -1
	trimmed := strings.TrimSuffix(path, "/")
	parts := strings.Split(trimmed, "/")
	for i := range s.routes {
		r := &s.routes[i]
		v, matched, n := r.match(parts, trimmed != path)
		near = near || n
		if !matched {
			continue
		}
		// "users/self" is more exact than "users/{id}".
		exactness := strings.Count(r.path, "/") - strings.Count(r.path, "{")
		if exactness > literal {
			literal, view, vars = exactness, nil, v
		}
		if exactness == literal {
			view = append(view, r)
		}
	}
	return view, vars, near
}

// pick returns the view's route for a method.
func pick(view []*route, method string) *route {
	for _, r := range view {
		if r.method == method {
			return r
		}
	}
	return nil
}

// allow is the value of the Allow header of a view.
func allow(view []*route) string {
	var methods []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if pick(view, m) != nil {
			methods = append(methods, m)
		}
	}
	if pick(view, http.MethodGet) != nil || pick(view, http.MethodHead) != nil {
		methods = append(methods, http.MethodHead)
	}
	return strings.Join(append(methods, http.MethodOptions), ", ")
}
