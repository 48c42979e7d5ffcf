package cvattest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// The accounts that every server has.
const (
	// Username is the ordinary user whose client [Server.Client] returns.
	Username = "user1"
	// Password is that user's.
	Password = "user-password"
	// AdminUsername is the superuser, who may do everything.
	AdminUsername = "admin"
	// AdminPassword is the superuser's.
	AdminPassword = "admin-password"
)

// Server is a running fake CVAT. Its methods may be called from several goroutines; those that cannot do what they are
// asked for fail the test, and so belong on the test's own.
type Server struct {
	// URL is the address for [cvat.NewClient], without a slash at the end. It has a path, as behind many proxies.
	URL string

	tb        testing.TB // nil outside of tests
	fake      *testserver.Server
	transport *http.Transport
	stop      func()
	closing   sync.Once
}

// NewServer starts a server that lasts as long as the test. Without options it is a CVAT 2.73 on a free port of
// 127.0.0.1.
//
// In an Example, or in a program, tb may be nil: then Close the server; mistakes of clients are not reported; and what
// would fail the test panics.
func NewServer(tb testing.TB, opts ...Option) *Server { //nolint:thelper // tb may be nil
	set := settings{options: []testserver.Option{testserver.WithAnonymousLimit(0)}}
	for _, opt := range opts {
		opt(&set)
	}
	s := &Server{tb: tb}
	var reporter testserver.Reporter
	if tb != nil {
		tb.Helper()
		tb.Cleanup(s.Close)
		reporter = tb
	}
	if set.pipe {
		s.overPipe(testserver.New(reporter, set.options...))
	} else {
		s.overTCP(testserver.Start(reporter, set.options...))
	}
	s.URL = s.fake.URL
	s.fake.Allow(testserver.UnknownRoute) // a program finds out that way what an older server lacks
	return s
}

func (s *Server) overTCP(fake *testserver.Server) {
	s.fake, s.stop = fake, fake.Close
	s.transport = &http.Transport{DialContext: new(net.Dialer).DialContext, MaxIdleConnsPerHost: idleConnections}
}

// idleConnections is how many connections a test with many callers keeps.
const idleConnections = 64

// Close stops the server and cuts its connections. A test need not call it; calling it early shows what a program does
// when its CVAT is gone.
func (s *Server) Close() {
	s.closing.Do(func() {
		s.transport.CloseIdleConnections()
		s.stop()
	})
}

// Version returns the release that the server answers like.
func (s *Server) Version() Version {
	if s.fake.Dialect() == testserver.V2_3 {
		return V23
	}
	return V273
}

// Client returns a client of the ordinary user [Username]. It repeats calls as any client does, but waits milliseconds
// between attempts; opts change it, its credentials too.
func (s *Server) Client(opts ...cvat.Option) *cvat.Client { return s.ClientFor(Username, opts...) }

// ClientFor returns a client of any user, such as one that AddUser made.
func (s *Server) ClientFor(username string, opts ...cvat.Option) *cvat.Client {
	s.helper()
	return s.client(s.transport, username, opts)
}

// Backstage returns a client of a user for the test itself, to arrange and to check: no fault strikes its calls, they do
// not show in [Server.Requests], and background work that they start is done at once.
func (s *Server) Backstage(username string, opts ...cvat.Option) *cvat.Client {
	s.helper()
	return s.client(backstage{s.fake.Backstage()}, username, opts)
}

func (s *Server) client(transport http.RoundTripper, username string, opts []cvat.Option) *cvat.Client {
	s.helper()
	client, err := cvat.NewClient(s.URL, cvat.WithToken(s.Token(username)),
		cvat.WithHTTPClient(&http.Client{Transport: transport}),
		cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: time.Millisecond, MaxWait: 10 * time.Millisecond}))
	if err == nil && len(opts) > 0 {
		client, err = client.With(opts...) // where other credentials are no contradiction
	}
	if err != nil {
		s.fatalf("%v", err)
	}
	return client
}

// HTTPClient returns an HTTP client that reaches the server, for a program that makes its own [cvat.Client] with
// [cvat.WithHTTPClient]. It is needed with [OverPipe] only.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s.transport} }

// Token returns the login key of a user, for [cvat.WithToken].
func (s *Server) Token(username string) string {
	s.helper()
	key := s.fake.Token(username)
	if key == "" {
		s.fatalf("there is no user %q: see AddUser", username)
	}
	return key
}

// RevokeToken makes the login key of a user invalid, as a logout elsewhere does. Token returns another from then on.
func (s *Server) RevokeToken(username string) {
	s.helper()
	s.Token(username)
	s.fake.RevokeToken(username)
}

// AccessToken makes a personal access token of a user, for [cvat.WithAccessToken]. A server of 2.3 has none.
func (s *Server) AccessToken(username string) string {
	s.helper()
	if s.Version() == V23 {
		s.fatalf("CVAT 2.3 has no personal access tokens: use Token")
	}
	s.Token(username)
	return s.fake.AddAccessToken(username, false)
}

func (s *Server) context() context.Context {
	if s.tb != nil {
		return s.tb.Context()
	}
	return context.Background() //nolint:forbidigo // there is no test that could end
}

func (s *Server) helper() {
	if s.tb != nil {
		s.tb.Helper()
	}
}

// fatalf ends the test.
func (s *Server) fatalf(format string, args ...any) {
	text := "cvattest: " + fmt.Sprintf(format, args...)
	if s.tb == nil {
		panic(text)
	}
	s.tb.Helper()
	s.tb.Fatal(text)
}
