package targets

import (
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	h1, roots := secure(t, nil)
	h2 := start(t, H2, 0, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was asked", r.URL) })
	plain := serve(t, polite)
	tests := []struct {
		name, url string
		roots     *x509.CertPool
		want      Protocol
		fault     string
	}{
		{"h1", h1.URL, roots, H1, ""},
		{"h2", h2.url, h2.roots, H2, ""},
		{"plain", plain.url, nil, H1, ""},
		{"no TLS there", "https" + plain.url[len("http"):], nil, Auto, "TLS handshake"},
		{"nobody", "https://127.0.0.1:1", nil, Auto, "127.0.0.1:1: connecting: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := at(t, tt.url)
			got, err := negotiate(t.Context(), withRoots(target.opener(), tt.roots), compile(t, target, "/"))
			if got != tt.want || (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("Negotiate = %v, %v, want %v and %q", got, err, tt.want, tt.fault)
			}
		})
	}
	target := at(t, plain.url)
	if got, err := target.Negotiate(t.Context(), compile(t, target, "/")); got != H1 || err != nil {
		t.Errorf("Negotiate = %v, %v, want h1", got, err)
	}
	if got := plain.asked.Load(); got > 0 {
		t.Errorf("the server was asked %d times", got)
	}
}

func TestParseProtocol(t *testing.T) {
	for _, p := range []Protocol{Auto, H1, H2, H2C} {
		if got, err := ParseProtocol(p.String()); got != p || err != nil {
			t.Errorf("ParseProtocol(%q) = %v, %v", p, got, err)
		}
	}
	if _, err := ParseProtocol("h3"); err == nil || !strings.Contains(err.Error(), `"h3" is none of auto, h1, h2 and h2c`) {
		t.Errorf("error %v", err)
	}
	if _, err := (Target{}).NewTransport(Auto); err == nil {
		t.Error("a transport of no protocol, want an error")
	}
}
