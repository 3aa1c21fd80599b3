package targets

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/floodmark/floodmark/measure"
)

// A stdConn is one connection on which net/http speaks: to one user at a time by
// HTTP/1.1, to many by HTTP/2.
type stdConn struct {
	at     place
	socket *stdSocket
	wire   *stdWire // over the socket, or over TLS over it
	http   *http.ClientConn
	remote string // whom it leads to
	probe  probe  // of HTTP/1.1

	used   atomic.Int64 // when its last exchange ended, on the transport's clock
	served atomic.Int64 // exchanges so far, begun ones included

	// retired is set when no further request shall be sent here, although the
	// connection may be open: those under way end first.
	retired atomic.Bool
}

// newStdConn wraps a socket that was dialled.
func newStdConn(raw net.Conn, at place, multiplexed bool) *stdConn {
	conn := &stdConn{at: at, socket: &stdSocket{Conn: raw}, remote: raw.RemoteAddr().String()}
	conn.wire = newStdWire(conn.socket)
	if multiplexed {
		conn.wire.frames = newFrames()
	} else {
		conn.probe.init(raw)
	}
	return conn
}

// handed is the key of a context's value: the connection that net/http shall take.
type handed struct{}

// handOver gives net/http, which believes that it dials, the connection of the context.
func handOver(ctx context.Context, _, _ string) (net.Conn, error) {
	wire, ok := ctx.Value(handed{}).(*stdWire)
	if !ok {
		return nil, errors.New("nothing is dialled here")
	}
	return wire, nil
}

// begin makes net/http speak on the connection. HTTP/2 waits for the server's
// settings: how many streams it takes at a time is not known before, and more would
// be refused. TLS, if any, is net/http's to see as a plain connection.
func (c *stdConn) begin(ctx context.Context, transport *http.Transport) error {
	var err error
	c.http, err = transport.NewClientConn(context.WithValue(ctx, handed{}, c.wire), "http", c.at.address)
	if err != nil {
		return c.fault(ctx, "connecting", measure.Reset, err)
	}
	if c.wire.frames == nil {
		return nil
	}
	const doing = "waiting for the server's HTTP/2 settings"
	select {
	case <-c.wire.frames.settled:
		return nil
	case <-c.wire.closed:
		return c.fault(ctx, doing, measure.Reset, errors.New("what came is not HTTP/2"))
	case <-ctx.Done():
		return newFault(doing, measure.Network, ctx.Err())
	}
}

// idle reports whether a kept connection of HTTP/1.1 can take a request.
func (c *stdConn) idle() bool { return c.http.Available() == 1 && c.probe.idle() }

// leaving reports whether the connection takes no further requests.
func (c *stdConn) leaving() bool {
	return c.retired.Load() || c.wire.frames != nil && c.wire.frames.goAway.Load() || c.http.Err() != nil
}

// account moves the socket's bytes to the response: those of HTTP/1.1, or of an
// opening that failed.
func (c *stdConn) account(resp *Response) {
	resp.BytesIn += c.socket.in.Swap(0)
	resp.BytesOut += c.socket.out.Swap(0)
}

// abandon closes the socket first, since TLS would wait to say goodbye, and what
// net/http has on it.
func (c *stdConn) abandon() {
	_ = c.socket.Close()
	if c.http != nil {
		_ = c.http.Close()
	}
}

// A stdSocket counts what passes it. Unlike [Client], net/http reads and writes in
// goroutines of its own, and the answer may have been read before a write returns:
// what goes out is counted first.
type stdSocket struct {
	net.Conn
	in, out atomic.Int64
}

func (s *stdSocket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.in.Add(int64(n))
	return n, err
}

func (s *stdSocket) Write(p []byte) (int, error) {
	s.out.Add(int64(len(p)))
	n, err := s.Conn.Write(p)
	s.out.Add(int64(n - len(p)))
	return n, err
}

// A stdWire is what net/http reads from and writes to. It remembers what ended the
// reading, which net/http hides in words of its own, and counts frames.
type stdWire struct {
	net.Conn
	frames *frames // of HTTP/2; nil otherwise

	ended  atomic.Pointer[error] // the first error of a Read
	closed chan struct{}         // closed with the connection
	once   atomic.Bool           // closed is closed
	heard  atomic.Int64          // bytes read
}

// newStdWire returns the wire over a connection.
func newStdWire(over net.Conn) *stdWire { return &stdWire{Conn: over, closed: make(chan struct{})} }

func (w *stdWire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.heard.Add(int64(n))
	if w.frames != nil {
		w.frames.read(p[:n])
	}
	if err != nil {
		w.ended.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (w *stdWire) Write(p []byte) (int, error) {
	if w.frames != nil {
		w.frames.writes(p)
	}
	return w.Conn.Write(p)
}

// Close closes the connection below. Net/http closes it when it gives up.
func (w *stdWire) Close() error {
	err := w.Conn.Close()
	if w.once.CompareAndSwap(false, true) {
		close(w.closed)
	}
	return err
}

// cause returns what ended the reading from the peer: nil if nothing did, io.EOF
// however TLS puts it, or a broken connection's error.
func (w *stdWire) cause() error {
	err := w.ended.Load()
	switch {
	case err == nil, errors.Is(*err, net.ErrClosed):
		return nil
	case errors.Is(*err, io.ErrUnexpectedEOF):
		return io.EOF
	}
	return *err
}
