package cvattest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/go-cvat/cvat/internal/testserver"
)

// pipe is a listener whose connections are pairs of net.Pipe.
type pipe struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipe() *pipe {
	p := &pipe{conns: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipe) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.closed:
		return nil, &net.OpError{Op: "dial", Net: network, Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p *pipe) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipe) Close() error {
	p.close()
	return nil
}

// Addr implements net.Listener.
func (p *pipe) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// overPipe serves fake on a pipe.
func (s *Server) overPipe(fake *testserver.Server) {
	p := newPipe()
	server := &http.Server{Handler: fake.Handler(), ReadHeaderTimeout: time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(p) }) // which ends when it is closed
	s.fake = fake
	s.transport = &http.Transport{DialContext: p.dial, MaxIdleConnsPerHost: idleConnections}
	s.stop = func() {
		_ = server.Close() // the listener is gone either way
		serving.Wait()
		fake.Close()
	}
}
