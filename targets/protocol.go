package targets

import (
	"context"
	"crypto/tls"
	"fmt"

	"github.com/floodmark/floodmark/measure"
)

// A Protocol is a way to speak HTTP to a target.
type Protocol uint8

// The protocols. Auto is the zero value: it is none to speak, but asks
// [Target.Negotiate] which one it shall be.
const (
	Auto Protocol = iota
	H1            // HTTP/1.1
	H2            // HTTP/2 over TLS, agreed upon by ALPN
	H2C           // HTTP/2 without TLS, by prior knowledge
)

// ParseProtocol is the inverse of [Protocol.String].
func ParseProtocol(s string) (Protocol, error) {
	for p := Auto; p <= H2C; p++ {
		if p.String() == s {
			return p, nil
		}
	}
	return Auto, fmt.Errorf("protocol %q is none of auto, h1, h2 and h2c", s)
}

// String returns the protocol's name in profiles and flags.
func (p Protocol) String() string {
	switch p {
	case H1:
		return "h1"
	case H2:
		return "h2"
	case H2C:
		return "h2c"
	case Auto:
	}
	return "auto"
}

// multiplexed reports whether many requests share one connection at a time.
func (p Protocol) multiplexed() bool { return p == H2 || p == H2C }

// alpn lists what a client of the protocol offers in the TLS handshake.
func (p Protocol) alpn() []string {
	switch p {
	case H2:
		return []string{"h2"}
	case Auto:
		return []string{"h2", "http/1.1"}
	case H1, H2C:
	}
	return []string{"http/1.1"}
}

// serves says why a request cannot be sent by the protocol, if so.
func (p Protocol) serves(req *Request) error {
	switch {
	case p == H2 && req.host == "":
		return fmt.Errorf("%s: HTTP/2 without TLS is protocol h2c", req.URL())
	case p == H2C && req.host != "":
		return fmt.Errorf("%s: HTTP/2 over TLS is protocol h2", req.URL())
	}
	return nil
}

// Negotiate says which protocol the request's address speaks: H2 or H1, as the
// server chooses in a TLS handshake (ALPN) after which nothing is sent. Without TLS
// there is nothing to ask, and it is H1: HTTP/2 then takes prior knowledge. It is
// what the protocol auto does once before a run, so that all users speak alike.
func (t Target) Negotiate(ctx context.Context, req *Request) (Protocol, error) {
	o := t.opener()
	defer o.close()
	return negotiate(ctx, o, req)
}

// negotiate is [Target.Negotiate] with the given way to dial.
func negotiate(ctx context.Context, o opener, req *Request) (Protocol, error) {
	if req.host == "" {
		return H1, nil
	}
	ctx, cancel := context.WithTimeout(ctx, req.timeout)
	defer cancel()
	raw, err := o.dial(ctx, req.address, true)
	if err != nil {
		return Auto, fmt.Errorf("%s: %w", req.address, newFault("connecting", measure.Network, err))
	}
	defer raw.Close() //nolint:errcheck // nothing was said that could be lost
	layer := tls.Client(raw, o.tlsConfig(req.host, Auto.alpn()))
	if err := layer.HandshakeContext(ctx); err != nil {
		return Auto, fmt.Errorf("%s: %w", req.address, newFault("TLS handshake", measure.TLS, err))
	}
	if layer.ConnectionState().NegotiatedProtocol == "h2" {
		return H2, nil
	}
	return H1, nil
}
