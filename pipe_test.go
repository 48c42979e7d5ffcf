package cvat_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
)

// pipeServer is an HTTP server that is reached over net.Pipe, whatever host is asked for: nothing leaves the process,
// and in a synctest bubble its time is the bubble's.
type pipeServer struct {
	transport *http.Transport
	conns     chan net.Conn
	done      chan struct{}

	mu       sync.Mutex
	requests []arrival
	dialled  []string
	refused  int // how many connections are still to be refused
}

// arrival is a request as the server saw it.
type arrival struct {
	*http.Request

	Body []byte
	At   time.Time
}

// pipeURL is where clients of a pipeServer find it.
const pipeURL = "http://cvat.test/base"

// servePipe starts a server that lasts as long as the test.
func servePipe(t *testing.T, handler http.HandlerFunc) *pipeServer {
	t.Helper()
	s := &pipeServer{conns: make(chan net.Conn), done: make(chan struct{})}
	s.transport = &http.Transport{DialContext: s.dial}
	server := &http.Server{Handler: s.recorded(handler), ReadHeaderTimeout: time.Hour}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(pipeListener{s}) })
	t.Cleanup(func() {
		s.transport.CloseIdleConnections()
		_ = server.Close()
		serving.Wait()
	})
	return s
}

func (s *pipeServer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	s.mu.Lock()
	s.dialled = append(s.dialled, addr)
	refuse := s.refused > 0
	if refuse {
		s.refused--
	}
	s.mu.Unlock()
	if refuse {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	near, far := net.Pipe()
	select {
	case s.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// refuse makes the next n connections fail.
func (s *pipeServer) refuse(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = n
}

func (s *pipeServer) recorded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := time.Now()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the client left
		}
		r.Body = io.NopCloser(bytes.NewReader(body)) // for handlers that read it themselves
		s.mu.Lock()
		s.requests = append(s.requests, arrival{Request: r, Body: body, At: at})
		s.mu.Unlock()
		next(w, r)
	}
}

// arrived returns the requests so far, in order.
func (s *pipeServer) arrived() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// only returns the one request that arrived.
func (s *pipeServer) only(t *testing.T) arrival {
	t.Helper()
	requests := s.arrived()
	require.Len(t, requests, 1)
	return requests[0]
}

// gaps returns the times between the arrivals of requests.
func (s *pipeServer) gaps() []time.Duration {
	var gaps []time.Duration
	requests := s.arrived()
	for i := range len(requests) - 1 {
		gaps = append(gaps, requests[i+1].At.Sub(requests[i].At))
	}
	return gaps
}

// dials returns the addresses that connections were made to.
func (s *pipeServer) dials() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dialled)
}

// client returns a client of the server. It has a token unless options say otherwise.
func (s *pipeServer) client(t *testing.T, opts ...cvat.Option) *cvat.Client {
	t.Helper()
	client, err := cvat.NewClient(pipeURL, append(opts, cvat.WithHTTPClient(&http.Client{Transport: s.transport}))...)
	require.NoError(t, err)
	return client
}

type pipeListener struct{ *pipeServer }

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l pipeListener) Close() error { close(l.done); return nil }

func (l pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// inTurn answers each request with the next handler, and all further ones with the last.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	next := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		handler := handlers[min(next, len(handlers)-1)]
		next++
		mu.Unlock()
		handler(w, r)
	}
}

const cvatJSON = "application/vnd.cvat+json"

// reply answers with a status, a body and headers, given as name, value, name, value ….
func reply(status int, contentType, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		for pair := range slices.Chunk(headers, 2) {
			w.Header().Set(pair[0], pair[1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// replyJSON answers as CVAT does.
func replyJSON(status int, body string, headers ...string) http.HandlerFunc {
	return reply(status, cvatJSON, body, headers...)
}

// detail is an error of the common shape.
func detail(status int, headers ...string) http.HandlerFunc {
	return replyJSON(status, fmt.Sprintf(`{"detail":"status %d"}`, status), headers...)
}

// hangUp closes the connection where the answer would begin.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// breakOff sends the beginning of an answer, which announces more, and closes the connection.
func breakOff(status int, beginning string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", cvatJSON)
		w.Header().Set("Content-Length", strconv.Itoa(len(beginning)+100))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, beginning)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// after lets time pass before the answer, unless the client leaves.
func after(d time.Duration, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
			next(w, r)
		case <-r.Context().Done():
		}
	}
}

// redirect sends the client elsewhere; the placeholder {path} stands for the path and query of the request.
func redirect(status int, location string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", strings.ReplaceAll(location, "{path}", r.URL.RequestURI()))
		w.WriteHeader(status)
	}
}

// Operations of a server that has things.
var (
	opRead   = cvat.Operation{ID: "things_retrieve", Method: http.MethodGet, Path: "/api/things/{id}", Replay: cvat.Repeatable}
	opPut    = cvat.Operation{ID: "things_update", Method: http.MethodPut, Path: "/api/things/{id}", Replay: cvat.Repeatable}
	opDelete = cvat.Operation{ID: "things_destroy", Method: http.MethodDelete, Path: "/api/things/{id}", Replay: cvat.Repeatable}
	opCreate = cvat.Operation{ID: "things_create", Method: http.MethodPost, Path: "/api/things/{id}", Replay: cvat.Refusable}
	opAppend = cvat.Operation{ID: "things_append", Method: http.MethodPatch, Path: "/api/things/{id}", Replay: cvat.NeverRepeated}
)

// thing is what those operations take and give.
type thing struct {
	ID int64 `json:"id"`
}

// do calls an operation on thing 7.
func do(ctx context.Context, client *cvat.Client, op cvat.Operation, opts ...cvat.CallOption) (*cvat.Response, error) {
	var in, out any = thing{ID: 7}, new(thing)
	switch op.Method {
	case http.MethodGet:
		in = nil
	case http.MethodDelete:
		in, out = nil, nil
	}
	return client.Do(ctx, op, cvat.Args{Path: []any{7}}, in, out, opts...)
}
