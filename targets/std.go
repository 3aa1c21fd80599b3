package targets

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// maxUnopened is how often an HTTP/2 stream is taken from another connection, because
// the first one ended before the server had the request. Where connections end after
// 70 requests and forty users share three of them, three times in a row was
// seen about once in 20,000 requests; a server that takes nothing at all is still found soon.
const maxUnopened = 10

var (
	// errLate is why a context has ended whose request's timeout has passed.
	errLate = errors.New("the request's timeout passed")

	// errUnopened says that nothing of a request was written, or that the server has
	// said of all that was that it did not take it.
	errUnopened = errors.New("the connection ended before the request was taken")
)

// A StdClient sends one user's requests by net/http. It says the same of the same
// answers as [Client] does. It is not safe for concurrent use.
//
// With HTTP/2, streams are taken from connections that all users share. Whoever has
// to wait for one has Response.Sent stamped after that wait, which is lag, as it is
// for those who wait for a free connection of HTTP/1.1.
type StdClient struct {
	transport *Transport
	kept      []*stdConn // of HTTP/1.1, at most one for each place
	scratch   []byte     // bodies pass through it
}

// Send does one exchange and tells in resp how it ended: it returns no error, as
// a failure is what the target did. It returns within the request's timeout, which
// covers the wait for a stream too. When ctx ends it returns at once, and the
// outcome is measure.None.
func (c *StdClient) Send(ctx context.Context, req *Request, resp *Response) {
	resp.reset()
	resp.Sent = time.Now()
	ctx, cancel := context.WithDeadlineCause(ctx, resp.Sent.Add(req.timeout), errLate)
	defer cancel()
	c.exchange(ctx, req, resp)
	for range c.transport.target.Redirects {
		if req = c.transport.target.next(req, resp); req == nil {
			break
		}
		c.exchange(ctx, req, resp)
	}
	resp.Done = time.Now()
}

// Close closes the user's own connections. Those of HTTP/2 are the transport's.
func (c *StdClient) Close() {
	for _, conn := range c.kept {
		_ = conn.http.Close()
	}
	c.kept = nil
}

// exchange sends one request and reads its answer.
func (c *StdClient) exchange(ctx context.Context, req *Request, resp *Response) {
	err := c.once(ctx, req, resp)
	for try := 1; try < maxUnopened && errors.Is(err, errUnopened); try++ {
		err = c.once(ctx, req, resp)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil && !errors.Is(context.Cause(ctx), errLate):
		*resp = Response{Sent: resp.Sent, Detail: resp.Detail[:0]}
	default:
		resp.failed(err, req.timeout)
	}
}

// once does the exchange on one connection.
func (c *StdClient) once(ctx context.Context, req *Request, resp *Response) error {
	if err := c.transport.protocol.serves(req); err != nil {
		return &fault{measure.Network, "sending the request", err}
	}
	if c.transport.protocol.multiplexed() {
		return c.stream(ctx, req, resp)
	}
	conn, err := c.connection(ctx, req, resp)
	if err != nil {
		return err
	}
	c.transport.took(conn)
	trip := newStdTrip(conn)
	err = trip.run(c.transport.request(trip.context(ctx), req), resp, c.scratch)
	conn.account(resp)
	c.transport.done(conn)
	switch {
	case err != nil:
		c.remove(conn).abandon()
	case conn.retired.Load() || !trip.reusable || !c.transport.target.Reuse || conn.http.Available() == 0:
		_ = c.remove(conn).http.Close()
	}
	return err
}

// connection returns a connection of HTTP/1.1 for the request: the kept one, if the
// server has not closed it meanwhile, or a new one.
func (c *StdClient) connection(ctx context.Context, req *Request, resp *Response) (*stdConn, error) {
	for _, conn := range c.kept {
		if conn.at != placeOf(req) {
			continue
		}
		if conn.idle() && !c.transport.expired(conn) {
			return conn, nil
		}
		c.remove(conn).abandon()
		break
	}
	conn, err := c.transport.open(ctx, req, resp)
	if err != nil {
		return nil, err
	}
	if len(c.kept) >= maxKept {
		_ = c.remove(c.kept[0]).http.Close()
	}
	c.kept = append(c.kept, conn)
	return conn, nil
}

// remove takes a connection out of the kept ones and returns it.
func (c *StdClient) remove(conn *stdConn) *stdConn {
	c.kept = slices.DeleteFunc(c.kept, func(other *stdConn) bool { return other == conn })
	return conn
}

// stream does the exchange on a stream of HTTP/2.
func (c *StdClient) stream(ctx context.Context, req *Request, resp *Response) error {
	pool := c.transport.pool(placeOf(req))
	conn, waited, err := pool.acquire(ctx)
	if err != nil {
		return newFault("waiting for a free stream", measure.Network, err)
	}
	if waited && resp.BytesOut == 0 { // and not in a redirect's second request
		resp.Sent = time.Now()
	}
	if conn == nil {
		conn, err = c.transport.open(ctx, req, resp)
		pool.opened(conn)
	}
	if err != nil {
		return err
	}
	defer pool.released(conn)
	trip := newStdTrip(conn)
	heard := conn.wire.heard.Load()
	err = trip.run(c.transport.request(trip.context(ctx), req), resp, c.scratch)
	unopened := err != nil && conn.leaving() && (trip.bytes.out.Load() == 0 || notTaken(err))
	trip.account(resp)
	c.transport.done(conn)
	switch {
	case ctx.Err() != nil && conn.wire.heard.Load() == heard:
		conn.retired.Store(true) // a dead connection would keep its streams for ever
	case unopened && ctx.Err() == nil:
		return &fault{measure.Reset, "sending the request", errUnopened}
	}
	return err
}
