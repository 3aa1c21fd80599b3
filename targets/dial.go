package targets

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// open dials the request's address, with a TLS handshake if it asks for one, and
// adds both durations to the response.
func (c *Client) open(ctx context.Context, req *Request, resp *Response, deadline time.Time) (*connection, error) {
	raw, err := c.connect(ctx, req, resp, deadline)
	if err != nil {
		return nil, newFault("connecting", measure.Network, err)
	}
	conn := newConnection(raw, req)
	if req.host == "" {
		return conn, nil
	}
	if err := c.secure(ctx, conn, resp, deadline); err != nil {
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
	raw, err := c.dial(ctx, "tcp", req.address)
	resp.Connect += time.Since(start)
	return raw, err
}

// secure puts TLS on a connection. Certificates are verified.
func (c *Client) secure(ctx context.Context, conn *connection, resp *Response, deadline time.Time) error {
	start := time.Now()
	defer func() { resp.TLS += time.Since(start) }()
	if err := conn.socket.SetDeadline(deadline); err != nil {
		return err
	}
	layer := tls.Client(conn.socket, &tls.Config{
		ServerName: conn.host,
		RootCAs:    c.roots,
		NextProtos: []string{"http/1.1"},
		MinVersion: tls.VersionTLS12,
	})
	if err := layer.HandshakeContext(ctx); err != nil {
		return err
	}
	conn.over(layer)
	return nil
}
