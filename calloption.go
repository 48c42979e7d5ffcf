package cvat

import (
	"net/http"
	"strings"
	"time"
)

// CallOption changes one call.
type CallOption func(*callSettings) error

type callSettings struct {
	timeout time.Duration
	noRetry bool
	header  http.Header
	org     *string
}

// WithTimeout bounds one call, its repetitions included. It replaces the client's default ([WithTimeouts]); a deadline
// of the context holds besides.
func WithTimeout(d time.Duration) CallOption {
	return func(s *callSettings) error {
		if d <= 0 {
			return &ArgumentError{Field: "WithTimeout", Reason: "needs a positive duration"}
		}
		s.timeout = d
		return nil
	}
}

// WithoutRetry sends the call once. Fresh credentials after a 401 ([WithCredentials]) still send it again.
func WithoutRetry() CallOption {
	return func(s *callSettings) error { s.noRetry = true; return nil }
}

// WithHeader adds a header to the call, for a gateway in front of CVAT, say. It cannot replace the headers that the
// client sets itself.
func WithHeader(name, value string) CallOption {
	return func(s *callSettings) error {
		if !isToken(name) || strings.ContainsFunc(value, isControl) {
			return &ArgumentError{Field: "WithHeader", Reason: "got a name or value that HTTP cannot carry"}
		}
		if s.header == nil {
			s.header = http.Header{}
		}
		s.header.Add(name, value)
		return nil
	}
}

// isToken reports whether s can be the name of a header.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		alphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !alphanumeric && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// isControl reports whether r cannot stand in the value of a header.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// ForOrganization runs the call in the organization with that slug instead of the client's.
func ForOrganization(slug string) CallOption {
	return func(s *callSettings) error {
		if slug == "" {
			return &ArgumentError{Field: "ForOrganization", Reason: "needs a slug"}
		}
		s.org = &slug
		return nil
	}
}
