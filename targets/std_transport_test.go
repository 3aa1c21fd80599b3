package targets

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A real server of net/http counts its connections.
type real struct {
	url    string
	roots  *x509.CertPool
	dialed atomic.Int64
}

// start starts a server that speaks the protocol, with so many streams at a time.
func start(tb testing.TB, p Protocol, streams int, handler http.HandlerFunc) *real {
	tb.Helper()
	r := new(real)
	server := httptest.NewUnstartedServer(handler)
	server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: streams}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			r.dialed.Add(1)
		}
	}
	spoken := new(http.Protocols)
	spoken.SetHTTP1(p == H1)
	spoken.SetHTTP2(p == H2)
	spoken.SetUnencryptedHTTP2(p == H2C)
	server.Config.Protocols = spoken
	if p == H2 {
		server.EnableHTTP2 = true
		server.StartTLS()
		r.roots = x509.NewCertPool()
		r.roots.AddCert(server.Certificate())
	} else {
		server.Start()
	}
	tb.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// transport returns a transport that trusts the server.
func (r *real) transport(tb testing.TB, target Target, p Protocol) *Transport {
	tb.Helper()
	transport := standard(tb, target, p)
	transport.opener = withRoots(transport.opener, r.roots)
	return transport
}

// withRoots returns the opener with other roots.
func withRoots(o opener, roots *x509.CertPool) opener {
	config := o.tlsConfig
	o.tlsConfig = func(host string, protocols []string) *tls.Config {
		c := config(host, protocols).Clone() // all connections share it
		c.RootCAs = roots
		return c
	}
	return o
}

func TestStdDialFaults(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	tests := []struct {
		name   string
		err    error
		want   measure.Outcome
		detail string
	}{
		{"refused", refused, measure.Refused, "connecting: dial tcp: connection refused"},
		{"no such host", &net.DNSError{Err: "no such host", Name: "shop.test", IsNotFound: true}, measure.DNS, "shop.test"},
		{"out of ports", syscall.EADDRNOTAVAIL, measure.Network, "no free port"},
		{"anything", errors.New("no luck\x1b"), measure.Network, "connecting: no luck"},
		{"silence", nil, measure.Timeout, "connecting: the timeout of 20ms passed"},
	}
	for _, p := range []Protocol{H1, H2C} {
		for _, tt := range tests {
			t.Run(p.String()+" "+tt.name, func(t *testing.T) {
				target := at(t, "http://shop.test")
				if tt.err == nil {
					target.Timeout = 20 * time.Millisecond
				}
				transport := standard(t, target, p)
				transport.MaxConnections = 1
				transport.opener.dial = func(ctx context.Context, _ string, _ bool) (net.Conn, error) {
					if tt.err == nil {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					return nil, tt.err
				}
				client := transport.NewClient()
				defer client.Close()
				req := compile(t, target, "/")
				for range 2 { // a dial that failed does not count as a connection
					var resp Response
					client.Send(t.Context(), req, &resp)
					if resp.Outcome != tt.want || !strings.Contains(string(resp.Detail), tt.detail) || resp.Connect != 0 {
						t.Errorf("outcome %v, detail %q, connect %v, want %v and %q", resp.Outcome, resp.Detail, resp.Connect, tt.want, tt.detail)
					}
				}
			})
		}
	}
}

func TestStdTLSFaults(t *testing.T) {
	h1, roots := secure(t, nil)
	plain := serve(t, polite)
	h2 := start(t, H2, 0, func(http.ResponseWriter, *http.Request) {})
	tests := []struct {
		name, url string
		roots     *x509.CertPool
		protocol  Protocol
		want      measure.Outcome
		detail    string
	}{
		{"h1", h1.URL, roots, H1, measure.Status2xx, ""},
		{"h2 where there is none", h1.URL, roots, H2, measure.TLS, "TLS handshake"},
		{"unknown authority", h2.url, x509.NewCertPool(), H2, measure.TLS, "unknown authority"},
		{"no TLS there", "https" + plain.url[len("http"):], roots, H2, measure.TLS, "TLS handshake"},
		{"h2 without TLS", plain.url, nil, H2, measure.Network, "HTTP/2 without TLS is protocol h2c"},
		{"h2c with TLS", h2.url, h2.roots, H2C, measure.Network, "HTTP/2 over TLS is protocol h2"},
		{"h2c where there is none", plain.url, nil, H2C, measure.Malformed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := at(t, tt.url)
			transport := standard(t, target, tt.protocol)
			transport.opener = withRoots(transport.opener, tt.roots)
			client := transport.NewClient()
			defer client.Close()
			var resp Response
			client.Send(t.Context(), compile(t, target, "/"), &resp)
			if resp.Outcome != tt.want || !strings.Contains(string(resp.Detail), tt.detail) {
				t.Errorf("outcome %v, detail %q, want %v and %q", resp.Outcome, resp.Detail, tt.want, tt.detail)
			}
		})
	}
}
