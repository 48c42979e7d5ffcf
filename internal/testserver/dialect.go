package testserver

import "net/http"

// Dialect says which CVAT release a [Server] imitates.
type Dialect int

// The dialects of the fake server.
const (
	// V2_3 is CVAT 2.3.0-alpha of September 2022.
	V2_3 Dialect = iota + 1
	// V2_73 is CVAT 2.73.1 of August 2026.
	V2_73 //nolint:staticcheck // a version number, like V2_3
)

// String returns the version number that the dialect's server announces.
func (d Dialect) String() string {
	if d == V2_3 {
		return "2.3"
	}
	return "2.73.1"
}

// setHeaders writes the headers that every answer of the dialect carries.
func (d Dialect) setHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if d == V2_3 {
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Vary", "Accept,Origin,Cookie")
		return
	}
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Vary", "Accept, Origin, Cookie")
	h.Set("X-Request-Id", newUUID())
}

// htmlType is the content type of the pages that Django makes itself.
func (d Dialect) htmlType() string {
	if d == V2_3 {
		return "text/html" // mod_wsgi drops the charset
	}
	return "text/html; charset=utf-8"
}
