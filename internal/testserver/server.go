package testserver

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is a running fake CVAT. Its methods may be called from several goroutines.
type Server struct {
	// URL is the base URL that a client is given, with the base path and without a slash at the end.
	URL string

	cfg      config
	reporter Reporter
	routes   []route
	listener *listener
	closing  chan struct{}
	close    sync.Once

	mu       sync.Mutex // guards everything below
	idle     *sync.Cond
	active   int
	state    state
	throttle throttle
	faults   []*plannedFault
	plans    []*plannedWork
	allowed  map[Misuse]bool
	journal  []*Request
}

// New makes a server without a listener: its [Server.Handler] is for listeners of the caller's own, such as one over
// net.Pipe in a synctest bubble. It starts no goroutine. A nil Reporter reports to nobody.
func New(r Reporter, opts ...Option) *Server {
	cfg := newConfig(opts)
	s := &Server{
		URL:      "http://cvat.test" + cfg.basePath,
		cfg:      cfg,
		reporter: r,
		routes:   routesOf(cfg.dialect),
		closing:  make(chan struct{}),
		allowed:  map[Misuse]bool{},
		throttle: throttle{limit: cfg.anonymousLimit},
	}
	s.idle = sync.NewCond(&s.mu)
	s.state.init()
	for _, u := range cfg.users {
		s.addUser(u)
	}
	return s
}

// Start makes a server that listens on a free port of 127.0.0.1 until [Server.Close]. It panics if it cannot listen.
func Start(r Reporter, opts ...Option) *Server {
	s := New(r, opts...)
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0") //nolint:forbidigo // until Close
	if err != nil {
		panic(fmt.Sprintf("testserver: %v", err))
	}
	s.URL = "http://" + l.Addr().String() + s.cfg.basePath
	s.listener = s.listen(l)
	return s
}

// listener is what connections come in by.
type listener struct {
	http   *http.Server
	served chan struct{}
}

func (s *Server) listen(l net.Listener) *listener {
	in := &listener{
		http:   &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Minute},
		served: make(chan struct{}),
	}
	go func() {
		defer close(in.served)
		if err := in.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.complain("the server stopped: %v", err)
		}
	}()
	return in
}

// stop cuts all connections.
func (l *listener) stop() {
	_ = l.http.Close() // the listener is gone either way
	<-l.served
}

// Restart cuts all connections, refuses others for a while, and serves again at the same address. What 2.3 keeps in its
// memory alone is gone: the uploads that are not complete. It panics if the address is taken meanwhile.
func (s *Server) Restart(down time.Duration) {
	s.mu.Lock()
	old := s.listener
	s.mu.Unlock()
	old.stop()
	if s.cfg.dialect == V2_3 {
		s.ForgetUploads()
	}
	timer := time.NewTimer(down)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closing:
	}
	u := strings.TrimSuffix(strings.TrimPrefix(s.URL, "http://"), s.cfg.basePath)
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", u) //nolint:forbidigo // until Close
	if err != nil {
		panic(fmt.Sprintf("testserver: %v", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = s.listen(l)
}

// Close stops the server, cuts its connections and returns when nothing runs any more.
func (s *Server) Close() {
	s.close.Do(func() {
		close(s.closing)
		s.mu.Lock()
		defer s.mu.Unlock()
		if in := s.listener; in != nil {
			s.mu.Unlock()
			in.stop()
			s.mu.Lock()
		}
		for s.active > 0 {
			s.idle.Wait()
		}
	})
}

// Dialect returns the release that the server imitates.
func (s *Server) Dialect() Dialect { return s.cfg.dialect }

// Handler returns the server as an HTTP handler, which expects requests under the base path.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, s.newCall(r)) })
}

// Backstage returns a handler for what a test prepares and checks: its requests are not in the journal, no fault strikes
// them, and the work they start is done at once, whatever is planned.
func (s *Server) Backstage() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := s.newCall(r)
		c.backstage = true
		s.serve(w, c)
	})
}

// Has says whether the release has an operation.
func (s *Server) Has(operation string) bool {
	return slices.ContainsFunc(s.routes, func(r route) bool { return r.op == operation })
}

func (s *Server) enter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active++
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
	s.idle.Broadcast()
}

func (s *Server) complain(format string, args ...any) {
	if s.reporter != nil {
		s.reporter.Errorf("testserver: "+format, args...)
	}
}

// now is the time on the server's clock, which under synctest is the bubble's.
func now() time.Time { return time.Now().UTC() }

// stamp writes a time as Django REST framework does.
func stamp(t time.Time) string {
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}

func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func newUUID() string {
	h := randomHex(16)
	return strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "8" + h[17:20], h[20:]}, "-")
}
