package cvattest

import (
	"time"

	"github.com/go-cvat/cvat/internal/testserver"
)

// Version is a release of CVAT that a [Server] answers like.
type Version int

// The releases.
const (
	// V273 is CVAT 2.73.1, of August 2026. It is the default.
	V273 Version = iota
	// V23 is CVAT 2.3, of September 2022: background work is polled otherwise, labels are embedded, and much is missing.
	V23
)

// Versions returns all of them, for a test that is to pass on each.
func Versions() []Version { return []Version{V23, V273} }

// String returns the number, such as "2.73".
func (v Version) String() string {
	if v == V23 {
		return "2.3"
	}
	return "2.73"
}

type settings struct {
	options []testserver.Option
	pipe    bool
}

func (s *settings) add(o testserver.Option) { s.options = append(s.options, o) }

// Option changes how [NewServer] sets a server up.
type Option func(*settings)

// WithVersion chooses the release to answer like.
func WithVersion(v Version) Option {
	return func(s *settings) {
		if v == V23 {
			s.add(testserver.WithDialect(testserver.V2_3))
		}
	}
}

// WithProcessing sets how long background work takes, such as the processing of an upload or an export. Without it, 4 ms.
// [Server.Plan] sets it for single operations.
func WithProcessing(d time.Duration) Option {
	return func(s *settings) { s.add(testserver.WithProcessing(d)) }
}

// WithAnonymousLimit makes the server refuse anonymous requests after so many in a minute, as CVAT does after 100.
// Without it there is no limit.
func WithAnonymousLimit(perMinute int) Option {
	return func(s *settings) { s.add(testserver.WithAnonymousLimit(perMinute)) }
}

// OverPipe makes the server one that is reached over net.Pipe, by the clients that it returns and by
// [Server.HTTPClient]. Nothing listens on the machine, and in a bubble of testing/synctest time is the bubble's.
func OverPipe() Option { return func(s *settings) { s.pipe = true } }

// Lenient keeps the server from failing the test when a request is one that CVAT refuses for its form, or takes for
// something else. It is answered in the same way.
func Lenient() Option { return func(s *settings) { s.add(testserver.Lenient()) } }
