package targets

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// openAside is open on another goroutine, whose stack ends with it: dialling and
// handshakes grow a stack to 8 KiB and more, which a user who mostly rests would
// keep.
func (c *Client) openAside(ctx context.Context, req *Request, resp *Response, deadline time.Time) (conn *connection, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err = c.open(ctx, req, resp, deadline)
	}()
	<-done
	return conn, err
}

// open dials the request's address, with a TLS handshake if it asks for one, and
// adds to the response how long each took that succeeded.
func (c *Client) open(ctx context.Context, req *Request, resp *Response, deadline time.Time) (*connection, error) {
	raw, err := c.connect(ctx, req, resp, deadline)
	if err != nil {
		return nil, newFault("connecting", measure.Network, err)
	}
	conn := newConnection(c.Pool, raw, req)
	conn.socket.begin(deadline)
	if req.host == "" {
		return conn, nil
	}
	if err := c.handshake(ctx, conn, resp); err != nil {
		conn.account(resp)
		conn.abandon()
		return nil, newFault("TLS handshake", measure.TLS, err)
	}
	return conn, nil
}

// connect resolves the name and connects.
func (c *Client) connect(ctx context.Context, req *Request, resp *Response, deadline time.Time) (net.Conn, error) {
	start := time.Now()
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	raw, err := c.dial(ctx, req.address, req.host != "")
	if err == nil {
		resp.Connect += time.Since(start)
	}
	return raw, err
}

// handshake puts TLS on a connection. Certificates are verified.
func (c *Client) handshake(ctx context.Context, conn *connection, resp *Response) error {
	start := time.Now()
	layer := tls.Client(conn.socket, c.tlsConfig(conn.host, []string{"http/1.1"}))
	// With a context that ends, TLS would close the socket from another goroutine while
	// this one writes to it. Interrupting is what any goroutine may do.
	defer context.AfterFunc(ctx, conn.socket.interrupt)()
	if err := layer.HandshakeContext(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	resp.TLS += time.Since(start)
	conn.over(layer)
	return nil
}
