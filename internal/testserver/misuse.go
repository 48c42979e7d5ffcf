package testserver

import "fmt"

// Misuse is a mistake of a client that the server reports to its [Reporter].
type Misuse int

// What the server reports.
const (
	// UnknownRoute is a path or a method that this release does not have.
	UnknownRoute Misuse = iota + 1
	// WrongSlash is a path with a slash at the end that must not be there, or without one that must.
	WrongSlash
	// WrongAccept is an Accept header that CVAT answers 406.
	WrongAccept
	// WrongContentType is a request body of a type that CVAT answers 415.
	WrongContentType
	// ChunkedBody is a request body without a Content-Length.
	ChunkedBody
	// MalformedBody is JSON or multipart that cannot be parsed.
	MalformedBody
	// UnknownField is a member of a JSON body that the operation does not know.
	UnknownField
)

// String returns the mistake in words.
func (m Misuse) String() string {
	switch m {
	case UnknownRoute:
		return "unknown route"
	case WrongSlash:
		return "wrong slash"
	case WrongAccept:
		return "wrong Accept header"
	case WrongContentType:
		return "wrong Content-Type"
	case ChunkedBody:
		return "chunked body"
	case MalformedBody:
		return "malformed body"
	case UnknownField:
		return "unknown field"
	}
	return fmt.Sprintf("Misuse(%d)", int(m))
}

// Allow announces mistakes that the test makes on purpose: they are answered as always, and no longer reported.
func (s *Server) Allow(kinds ...Misuse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range kinds {
		s.allowed[m] = true
	}
}

// report tells the Reporter of a mistake unless it was announced. The caller holds the lock.
func (s *Server) report(c *call, m Misuse, detail string) {
	if s.cfg.lenient || s.allowed[m] {
		return
	}
	s.complain("%s: %s %s: %s", m, c.r.Method, c.r.URL.Path, detail)
}
