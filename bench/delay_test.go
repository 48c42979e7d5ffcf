package bench

import (
	"net"
	"os"
	"sync"
	"time"
)

// delayed makes every byte that comes in or goes out by a listener arrive so much later. The bandwidth is not limited, but for
// what is under way at once: 64 MiB each way. It costs a copy in memory, and no second pair of sockets as a proxy would.
type delayed struct {
	net.Listener

	each time.Duration
}

func (l delayed) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &delayedConn{
		Conn: conn, each: l.each, closed: make(chan struct{}), wake: make(chan struct{}),
		in: make(chan block, underWay), free: make(chan []byte, underWay), out: make(chan block, underWay),
	}
	go c.receive()
	go c.transmit()
	return c, nil
}

// block is what was read or written at once, and when it is due.
type block struct {
	data []byte
	due  time.Time
	err  error
}

const (
	blockSize = 256 << 10
	underWay  = 256
)

type delayedConn struct {
	net.Conn

	each    time.Duration
	in, out chan block
	free    chan []byte
	closed  chan struct{}
	close   sync.Once
	current block // what is being read
	left    []byte

	mu   sync.Mutex
	late bool
	wake chan struct{} // closed while it is late
}

// receive reads ahead of Read.
func (c *delayedConn) receive() {
	for {
		var buffer []byte
		select {
		case buffer = <-c.free:
		default:
			buffer = make([]byte, blockSize)
		}
		n, err := c.Conn.Read(buffer)
		select {
		case c.in <- block{buffer[:n], time.Now().Add(c.each), err}:
		case <-c.closed:
			return
		}
		if err != nil {
			return
		}
	}
}

func (c *delayedConn) Read(p []byte) (int, error) {
	for len(c.left) == 0 {
		if c.current.err != nil {
			return 0, c.current.err
		}
		if c.current.data != nil {
			select {
			case c.free <- c.current.data[:blockSize]:
			default:
			}
			c.current.data = nil
		}
		select {
		case c.current = <-c.in:
		case <-c.closed:
			return 0, net.ErrClosed
		case <-c.woken():
			return 0, os.ErrDeadlineExceeded
		}
		time.Sleep(time.Until(c.current.due))
		c.left = c.current.data
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

func (c *delayedConn) Write(p []byte) (int, error) {
	select {
	case c.out <- block{data: append([]byte(nil), p...), due: time.Now().Add(c.each)}:
		return len(p), nil
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

// transmit writes what Write was given.
func (c *delayedConn) transmit() {
	for {
		select {
		case b := <-c.out:
			time.Sleep(time.Until(b.due))
			if _, err := c.Conn.Write(b.data); err != nil {
				return
			}
		case <-c.closed:
			return
		}
	}
}

// SetReadDeadline knows two deadlines, as net/http does at the end of a request: at once, and none.
func (c *delayedConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	late := !t.IsZero() && !t.After(time.Now())
	switch {
	case late && !c.late:
		close(c.wake)
	case !late && c.late:
		c.wake = make(chan struct{})
	}
	c.late = late
	return nil
}

func (c *delayedConn) woken() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wake
}

func (c *delayedConn) Close() error {
	c.close.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
