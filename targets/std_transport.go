package targets

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// Limits and sizes, the same as in package http1.
const (
	maxHead     = 1 << 20 // bytes of an answer's head
	maxInterim  = 16
	scratchSize = 8 << 10
)

// A Transport is the second way to send: net/http's, for HTTP/2, where all users of
// a run share its connections, and for HTTP/1.1 as a check on [Client]. Make it
// with [Target.NewTransport] and give each user a client of its own. It is safe for
// concurrent use.
//
// It takes from net/http what happens on one connection, [http.ClientConn], and not
// its pool: a Transport of net/http sends an idempotent request again when a
// connection breaks under it, or when the server refuses its stream. Here a request
// of which a byte was written is never written again.
type Transport struct {
	// MaxConnections bounds how many connections HTTP/2 opens to one address; 0 opens
	// as many as the servers' limits of streams ask for. Those that the server
	// is closing do not count. HTTP/1.1 has one for each user. To be set before the
	// first client is made.
	MaxConnections int

	target   Target
	protocol Protocol
	opener   opener
	http     *http.Transport
	base     time.Time // when its clock began

	mu    sync.Mutex
	pools map[place]*stdPool // of HTTP/2
}

// A place is where a connection leads to.
type place struct{ address, host string }

// placeOf returns where a request goes.
func placeOf(req *Request) place { return place{req.address, req.host} }

// NewTransport returns a transport without connections for H1, H2 or H2C. It must be
// closed, after its clients.
func (t Target) NewTransport(p Protocol) (*Transport, error) {
	if p == Auto {
		return nil, errors.New("protocol auto must be negotiated first")
	}
	spoken := new(http.Protocols)
	spoken.SetHTTP1(!p.multiplexed())
	spoken.SetUnencryptedHTTP2(p.multiplexed()) // TLS is done here, below net/http
	return &Transport{
		target: t, protocol: p, opener: t.opener(), base: time.Now(), pools: make(map[place]*stdPool),
		http: &http.Transport{
			Protocols:              spoken,
			DialContext:            handOver,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHead,
		},
	}, nil
}

// NewClient returns a client for one user.
func (tr *Transport) NewClient() *StdClient {
	return &StdClient{transport: tr, scratch: make([]byte, scratchSize)}
}

// Close closes all shared connections and waits for what the transport has started.
func (tr *Transport) Close() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for at, pool := range tr.pools {
		pool.close()
		delete(tr.pools, at)
	}
	tr.opener.close()
}

// pool returns the shared connections to a place.
func (tr *Transport) pool(at place) *stdPool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	pool := tr.pools[at]
	if pool == nil {
		pool = newStdPool(tr)
		tr.pools[at] = pool
	}
	return pool
}

// took notes that the connection is to have an exchange, and retires one that has then
// had as many as it may: what is under way ends first.
func (tr *Transport) took(conn *stdConn) {
	served, limit := conn.served.Add(1), tr.target.Connections.MaxRequests
	if limit > 0 && served >= limit {
		conn.retired.Store(true)
	}
}

// done notes that an exchange on the connection has ended.
func (tr *Transport) done(conn *stdConn) { conn.used.Store(int64(time.Since(tr.base))) }

// expired reports whether a connection has rested longer than the target allows.
func (tr *Transport) expired(conn *stdConn) bool {
	limit := tr.target.Connections.IdleTimeout
	return limit > 0 && conn.used.Load() > 0 && conn.http.InFlight() == 0 && time.Since(tr.base)-time.Duration(conn.used.Load()) > limit
}

// open opens a connection for the request and adds how long it took to the response.
func (tr *Transport) open(ctx context.Context, req *Request, resp *Response) (*stdConn, error) {
	start := time.Now()
	raw, err := tr.opener.dial(ctx, req.address, true)
	if err != nil {
		return nil, newFault("connecting", measure.Network, err)
	}
	resp.Connect += time.Since(start)
	conn := newStdConn(raw, placeOf(req), tr.protocol.multiplexed())
	if req.host != "" {
		err = tr.secure(ctx, conn, resp)
	}
	if err == nil {
		err = conn.begin(ctx, tr.http)
	}
	if err != nil {
		conn.account(resp)
		conn.abandon()
		return nil, err
	}
	return conn, nil
}

// secure puts TLS on the connection.
func (tr *Transport) secure(ctx context.Context, conn *stdConn, resp *Response) error {
	start := time.Now()
	layer := tls.Client(conn.socket, tr.opener.tlsConfig(conn.at.host, tr.protocol.alpn()))
	if err := layer.HandshakeContext(ctx); err != nil {
		return newFault("TLS handshake", measure.TLS, err)
	}
	if spoken := layer.ConnectionState().NegotiatedProtocol; tr.protocol == H2 && spoken != "h2" {
		return &fault{measure.TLS, "TLS handshake", fmt.Errorf("the server chose %q, not h2", spoken)}
	}
	resp.TLS += time.Since(start)
	conn.wire.Conn = layer
	return nil
}
