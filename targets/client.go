package targets

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxKept is how many connections a client keeps: one for each host and port it
// calls, so that more only come about when a target redirects all over itself.
const maxKept = 8

// maxQuiet is how long a kept connection may rest before it is looked at. Servers
// that close one sooner say so in their answer.
const maxQuiet = time.Millisecond

// A Client is one user's connections, at most one for each address and scheme.
// Make it with [Pool.NewClient]. It is not safe for concurrent use but for Start:
// users share nothing on the way of a request, so that none of them waits for
// another.
//
// It is not an [http.Transport], which silently sends an idempotent request again
// when a kept connection breaks under it: the reset would never show, and the
// target's own log would hold more requests than were counted. Here a request
// that was written is never written again. Nor does it hand requests from one
// goroutine to another, which costs more than the exchange itself.
type Client struct {
	*Pool
	alone bool // the pool is its own

	// mu guards the fields below against the end of a context; only the user's
	// own goroutine changes them, so that it reads them without.
	mu      sync.Mutex
	conns   []*connection
	watched <-chan struct{} // the Done channel of the context that is watched
	unwatch func() bool

	// Of an exchange that Start begins: written by it before Await returns.
	armed   *connection
	started *Request
	sent    time.Time
}

// NewClient returns a client without connections. It must be closed.
func (p *Pool) NewClient() *Client { return &Client{Pool: p} }

// NewClient returns a client with a pool of its own. It must be closed.
func (t Target) NewClient() *Client {
	c := t.NewPool().NewClient()
	c.alone = true
	return c
}

// Send does one exchange and tells in resp how it ended: it returns no error, as
// a failure is what the target did. It returns within the request's timeout. When
// ctx ends it returns at once, and the outcome is measure.None.
func (c *Client) Send(ctx context.Context, req *Request, resp *Response) {
	resp.reset()
	resp.Sent = c.now()
	c.watch(ctx)
	c.exchange(ctx, req, resp)
	c.follow(ctx, req, resp)
}

// follow goes where the answer redirects to, as often as the target allows.
func (c *Client) follow(ctx context.Context, req *Request, resp *Response) {
	deadline := req.timeout
	for range c.target.Redirects {
		if req = c.next(req, resp); req == nil {
			break
		}
		req.timeout = deadline
		c.exchange(ctx, req, resp)
	}
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
	if c.alone {
		c.Pool.Close()
	}
}

// exchange sends one request and reads its answer.
func (c *Client) exchange(ctx context.Context, req *Request, resp *Response) {
	conn, err := c.connection(ctx, req, resp)
	if err != nil {
		resp.Done = c.now()
		c.failed(ctx, req, resp, err)
		return
	}
	if err := c.converse(ctx, conn, req, resp); err != nil {
		c.failed(ctx, req, resp, err)
	}
}

// converse runs the exchange on an open connection whose deadline is set.
func (c *Client) converse(ctx context.Context, conn *connection, req *Request, resp *Response) error {
	// The context is asked after the deadline was set: if it ends later, interrupt
	// overrides this deadline, and if it ended before, it shows here.
	if ctx.Err() != nil {
		c.remove(conn).abandon()
		c.free(nil)
		resp.Done = c.now()
		return ctx.Err()
	}
	reusable, err := conn.exchange(req, resp)
	return c.settle(conn, resp, reusable, err)
}

// finish is converse for a request that was sent already.
func (c *Client) finish(ctx context.Context, conn *connection, req *Request, resp *Response, err error) {
	reusable, err := conn.answer(req, resp, err)
	if err := c.settle(conn, resp, reusable, err); err != nil {
		c.failed(ctx, req, resp, err)
	}
}

// settle keeps or closes the connection after an exchange.
func (c *Client) settle(conn *connection, resp *Response, reusable bool, err error) error {
	resp.Done = conn.stamp
	conn.account(resp)
	limit := c.target.Connections.MaxRequests
	switch {
	case err != nil:
		if conn.served > 0 && resp.BytesIn == 0 {
			c.mistrust.Store(true)
		}
		c.remove(conn).abandon()
		c.free(nil)
	case !reusable || !c.target.Reuse || limit > 0 && conn.served >= limit:
		c.remove(conn).close()
		c.free(nil)
	default:
		c.free(conn)
	}
	return err
}

// failed tells in resp why there is no answer.
func (c *Client) failed(ctx context.Context, req *Request, resp *Response, err error) {
	if ctx.Err() != nil {
		*resp = Response{Sent: resp.Sent, Done: resp.Done, Detail: resp.Detail[:0]}
		return
	}
	resp.failed(err, req.timeout)
}

// connection returns an open connection for the request with the deadline set: a
// kept one, if it is still good, or a new one.
func (c *Client) connection(ctx context.Context, req *Request, resp *Response) (*connection, error) {
	conn, err := c.kept(ctx, req, resp)
	if err != nil {
		return nil, err
	}
	deadline := resp.Sent.Add(req.timeout)
	if conn != nil && c.good(conn, resp.Sent) {
		conn.socket.begin(deadline)
		return conn, nil
	}
	if conn != nil {
		c.remove(conn).abandon()
	}
	conn, err = c.openAside(ctx, req, resp, deadline)
	if err != nil {
		c.free(nil)
		return nil, err
	}
	c.own(conn)
	return conn, nil
}

// kept returns the connection that an earlier exchange left for the request, nil
// if there is none. Where connections are shared it may have to wait for one, and
// only then the request counts as sent.
func (c *Client) kept(ctx context.Context, req *Request, resp *Response) (*connection, error) {
	if c.shelf == nil {
		for _, conn := range c.conns {
			if conn.serves(req) {
				return conn, nil
			}
		}
		return nil, nil
	}
	conn, err := c.shelf.take(ctx, req)
	if conn != nil {
		c.own(conn)
	}
	resp.Sent = c.now()
	return conn, err
}

// good reports whether a kept connection may be used once more. A look at it costs
// a system call, so that one is taken only if there is a reason: it is new or has
// rested, or this server is known to close connections without a word.
func (c *Client) good(conn *connection, now time.Time) bool {
	if conn.expired(now) {
		return false
	}
	doubtful := conn.served < 2 || now.Sub(conn.used) >= maxQuiet || c.mistrust.Load()
	conn.socket.doubtful = doubtful
	return !doubtful || conn.socket.idle()
}

// own adds a connection to the client's.
func (c *Client) own(conn *connection) {
	if len(c.conns) >= maxKept {
		c.remove(c.conns[0]).close()
	}
	c.mu.Lock()
	c.conns = append(c.conns, conn)
	c.mu.Unlock()
}

// free gives a connection, or the place of one, back to those who share.
func (c *Client) free(conn *connection) {
	if c.shelf == nil {
		return
	}
	if conn != nil {
		c.remove(conn)
	}
	c.shelf.put(conn)
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
		conn.socket.interrupt()
	}
}
