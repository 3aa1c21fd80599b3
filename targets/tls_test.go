package targets

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/floodmark/floodmark/dial"
	"github.com/floodmark/floodmark/measure"
)

// secure starts a TLS server and returns a pool that trusts it.
func secure(tb testing.TB, config *tls.Config) (*httptest.Server, *x509.CertPool) {
	tb.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello from "+r.Proto)
	}))
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	tb.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server, roots
}

// trusting returns a dialer that trusts these authorities.
func trusting(tb testing.TB, roots *x509.CertPool) *dial.Dialer {
	tb.Helper()
	d, err := dial.New(dial.Options{TLS: dial.TLS{RootCAs: roots}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(d.Close)
	return d
}

func TestTLS(t *testing.T) {
	server, roots := secure(t, nil)
	target := at(t, server.URL)
	req := compile(t, target, "/")
	target.Dialer = trusting(t, roots)
	client := target.NewClient()
	defer client.Close()
	for i := range 3 {
		var resp Response
		client.Send(t.Context(), req, &resp)
		if resp.Outcome != measure.Status2xx {
			t.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
		}
		if first := i == 0; (resp.TLS > 0) != first || (resp.Connect > 0) != first {
			t.Errorf("exchange %d: connect %v, TLS %v", i, resp.Connect, resp.TLS)
		}
		if resp.BytesOut <= int64(len(req.bytes)) {
			t.Errorf("%d bytes out for %d of plain text, want those of TLS too", resp.BytesOut, len(req.bytes))
		}
	}
}

func TestTLSFaults(t *testing.T) {
	good, roots := secure(t, nil)
	old, oldRoots := secure(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	plain := serve(t, polite)
	mutual, mutualRoots := secure(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert})
	tests := []struct {
		name, url string
		roots     *x509.CertPool
		want      measure.Outcome
	}{
		{"unknown authority", good.URL, x509.NewCertPool(), measure.TLS},
		{"old version", old.URL, oldRoots, measure.TLS},
		{"no TLS there", "https" + plain.url[len("http"):], roots, measure.TLS},
		{"client certificate wanted", mutual.URL, mutualRoots, measure.TLS},
		{"plain request to TLS", "http" + good.URL[len("https"):], nil, measure.Status4xx},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := at(t, tt.url)
			target.Dialer = trusting(t, tt.roots)
			client := target.NewClient()
			defer client.Close()
			var resp Response
			client.Send(t.Context(), compile(t, target, "/"), &resp)
			if resp.Outcome != tt.want || len(resp.Detail) == 0 {
				t.Errorf("outcome %v, want %v; detail %q", resp.Outcome, tt.want, resp.Detail)
			}
		})
	}
}

func TestTLSWrongName(t *testing.T) {
	server, roots := secure(t, nil)
	target := at(t, "https://shop.test")
	target.Dialer = trusting(t, roots)
	client := target.NewClient()
	client.dial = func(ctx context.Context, _ string, _ bool) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
	defer client.Close()
	var resp Response
	client.Send(t.Context(), compile(t, target, "/"), &resp)
	if resp.Outcome != measure.TLS {
		t.Errorf("outcome %v, want tls; detail %q", resp.Outcome, resp.Detail)
	}
}

func TestTLSHandshakeTimeout(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel, says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	target := at(t, "https://"+listener.Addr().String())
	target.Timeout = 200 * time.Millisecond
	client := target.NewClient()
	defer client.Close()
	var resp Response
	client.Send(t.Context(), compile(t, target, "/"), &resp)
	if resp.Outcome != measure.Timeout || resp.Connect == 0 || resp.TLS != 0 {
		t.Errorf("outcome %v, connect %v, TLS %v: %s", resp.Outcome, resp.Connect, resp.TLS, resp.Detail)
	}
}
