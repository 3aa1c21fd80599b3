package targets

import (
	"context"
	"crypto/x509"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// maxKept is how many connections a client keeps: one for each host and port it
// calls, so that more only come about when a target redirects all over itself.
const maxKept = 8

// A Client is one user's connections, at most one for each address and scheme.
// Make it with [Target.NewClient]. It is not safe for concurrent use: users share
// nothing, so that none of them waits for another.
//
// It is not an [http.Transport], which silently sends an idempotent request again
// when a kept connection breaks under it: the reset would never show, and the
// target's own log would hold more requests than were counted. Here a request
// that was written is never written again. Nor does it hand requests from one
// goroutine to another, which costs more than the exchange itself.
type Client struct {
	target  Target
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	roots   *x509.CertPool // nil: the system's
	scratch []byte         // bodies pass through it

	// mu guards the fields below against the end of a context; only the user's
	// own goroutine changes them, so that it reads them without.
	mu      sync.Mutex
	conns   []*connection
	watched <-chan struct{} // the Done channel of the context that is watched
	unwatch func() bool
}

// NewClient returns a client without connections. It must be closed.
func (t Target) NewClient() *Client {
	// Keep-alive probes would cost three system calls a connection to tell what
	// the timeout tells sooner.
	dialer := &net.Dialer{KeepAlive: -1}
	return &Client{target: t, dial: dialer.DialContext, scratch: make([]byte, scratchSize)}
}

// Send does one exchange and tells in resp how it ended: it returns no error, as
// a failure is what the target did. It returns within the request's timeout. When
// ctx ends it returns at once, and the outcome is measure.None.
func (c *Client) Send(ctx context.Context, req *Request, resp *Response) {
	resp.reset()
	resp.Sent = time.Now()
	deadline := resp.Sent.Add(req.timeout)
	c.watch(ctx)
	c.exchange(ctx, req, resp, deadline)
	for range c.target.Redirects {
		if req = c.next(req, resp); req == nil {
			break
		}
		c.exchange(ctx, req, resp, deadline)
	}
	resp.Done = time.Now()
}

// Close closes all connections. The client can still be used, and then dials anew.
func (c *Client) Close() {
	for len(c.conns) > 0 {
		c.remove(c.conns[0]).close()
	}
	if c.unwatch != nil {
		c.unwatch()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched, c.unwatch = nil, nil
}

// exchange sends one request and reads its answer.
func (c *Client) exchange(ctx context.Context, req *Request, resp *Response, deadline time.Time) {
	conn, err := c.connection(ctx, req, resp, deadline)
	if err == nil {
		err = c.converse(ctx, conn, req, resp)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		*resp = Response{Sent: resp.Sent, Detail: resp.Detail[:0]}
	default:
		resp.failed(err, req.timeout)
	}
}

// converse runs the exchange on an open connection whose deadline is set, and
// keeps or closes it.
func (c *Client) converse(ctx context.Context, conn *connection, req *Request, resp *Response) error {
	// The context is asked after the deadline was set: if it ends later, interrupt
	// overrides this deadline, and if it ended before, it shows here.
	if ctx.Err() != nil {
		c.remove(conn).abandon()
		return ctx.Err()
	}
	reusable, err := conn.exchange(req, resp, c.scratch)
	conn.account(resp)
	switch {
	case err != nil:
		c.remove(conn).abandon()
	case !reusable || !c.target.Reuse:
		c.remove(conn).close()
	}
	return err
}

// connection returns an open connection for the request with the deadline set: the
// kept one, if the server has not closed it meanwhile, or a new one.
func (c *Client) connection(ctx context.Context, req *Request, resp *Response, deadline time.Time) (*connection, error) {
	for _, conn := range c.conns {
		if conn.address != req.address || conn.host != req.host {
			continue
		}
		if conn.probe.idle() && conn.socket.SetDeadline(deadline) == nil {
			return conn, nil
		}
		c.remove(conn).abandon()
		break
	}
	conn, err := c.open(ctx, req, resp, deadline)
	if err != nil {
		return nil, err
	}
	if len(c.conns) >= maxKept {
		c.remove(c.conns[0]).close()
	}
	c.mu.Lock()
	c.conns = append(c.conns, conn)
	c.mu.Unlock()
	if err := conn.socket.SetDeadline(deadline); err != nil {
		return nil, newFault("connecting", measure.Network, err)
	}
	return conn, nil
}

// remove takes a connection out of the kept ones and returns it.
func (c *Client) remove(conn *connection) *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = slices.DeleteFunc(c.conns, func(other *connection) bool { return other == conn })
	return conn
}

// watch makes the end of ctx interrupt the client, whatever it waits for. A user
// passes the same context with every request, so that this costs one comparison.
func (c *Client) watch(ctx context.Context) {
	done := ctx.Done()
	if done == c.watched {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unwatch != nil {
		c.unwatch()
	}
	c.watched, c.unwatch = done, nil
	if done != nil {
		c.unwatch = context.AfterFunc(ctx, func() { c.interrupt(done) })
	}
}

// interrupt ends every wait on the client's sockets, unless another context is
// watched by now.
func (c *Client) interrupt(done <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watched != done {
		return
	}
	for _, conn := range c.conns {
		_ = conn.socket.SetDeadline(time.Unix(1, 0)) // fails only on closed sockets
	}
}
