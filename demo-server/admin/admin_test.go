package admin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	const token = "t0p-s3cr3t"
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "in") })
	bearer := "Authorization: Bearer " + token
	for _, tt := range []struct {
		name, token, method, path string
		headers                   []string
		status                    int
	}{
		{"none needed", "", "POST", "/faults", nil, 200},
		{"none needed, one given", "", "GET", "/stats", []string{bearer}, 200},
		{"the token", token, "POST", "/faults", []string{bearer}, 200},
		{"the scheme in small letters", token, "GET", "/stats", []string{"Authorization: bearer  " + token}, 200},
		{"none", token, "GET", "/stats", nil, 401},
		{"empty", token, "GET", "/stats", []string{"Authorization: Bearer "}, 401},
		{"no scheme", token, "GET", "/stats", []string{"Authorization: " + token}, 401},
		{"another scheme", token, "GET", "/stats", []string{"Authorization: Basic " + token}, 401},
		{"another token", token, "DELETE", "/faults", []string{"Authorization: Bearer t0p-s3cr3x"}, 401},
		{"a shorter one", token, "GET", "/stats", []string{"Authorization: Bearer t0p"}, 401},
		{"a longer one", token, "GET", "/stats", []string{bearer + "!"}, 401},
		{"two", token, "GET", "/stats", []string{bearer, bearer}, 401},
		{"in the query", token, "GET", "/stats?token=" + token, nil, 401},
		{"health", token, "GET", "/healthz", nil, 200},
		{"health in short", token, "HEAD", "/healthz", nil, 200},
		{"what is no health", token, "POST", "/healthz", nil, 401},
		{"what is below health", token, "GET", "/healthz/../stats", nil, 401},
		{"a page elsewhere", token, "POST", "/faults", []string{bearer, "Sec-Fetch-Site: cross-site"}, 403},
		{"a page elsewhere, no token needed", "", "DELETE", "/faults", []string{"Origin: http://evil.test"}, 403},
		{"its own page", token, "POST", "/faults", []string{bearer, "Origin: http://example.com"}, 200},
	} {
		r := httptest.NewRequest(tt.method, tt.path, nil)
		for _, h := range tt.headers {
			name, value, _ := strings.Cut(h, ": ")
			r.Header.Add(name, value)
		}
		w := httptest.NewRecorder()
		Guard(next, tt.token).ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%s: got %d %s, want %d", tt.name, w.Code, w.Body, tt.status)
			continue
		}
		if tt.status == http.StatusOK {
			if w.Body.String() != "in" {
				t.Errorf("%s: got %s", tt.name, w.Body)
			}
			continue
		}
		var said struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || said.Error == "" || strings.Contains(w.Body.String(), token) {
			t.Errorf("%s: got %s, %v", tt.name, w.Body, err)
		}
		if asks := w.Header().Get("WWW-Authenticate") == `Bearer realm="floodmark-demo-admin"` && strings.Contains(said.Error, TokenVariable); asks != (tt.status == 401) {
			t.Errorf("%s: got %v, %s", tt.name, w.Header(), w.Body)
		}
	}
}

func TestNeedsToken(t *testing.T) {
	hosts := map[string][]netip.Addr{
		"localhost":   {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")},
		"both.test":   {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.7")},
		"build.test":  {netip.MustParseAddr("192.0.2.7")},
		"mapped.test": {netip.MustParseAddr("::ffff:127.0.0.1")},
		"empty.test":  nil,
	}
	lookup := func(host string) ([]netip.Addr, error) {
		if ips, ok := hosts[host]; ok {
			return ips, nil
		}
		return nil, errors.New("no such host")
	}
	for _, tt := range []struct {
		addr string
		want bool
	}{
		{"127.0.0.1:8081", false},
		{"127.0.10.4:0", false},
		{"[::1]:8081", false},
		{"[::ffff:127.0.0.1]:8081", false},
		{"localhost:8081", false},
		{"mapped.test:1", false},
		{"0.0.0.0:1", true},
		{":1", true},
		{"[::]:1", true},
		{"[::ffff:0.0.0.0]:1", true},
		{"192.168.1.7:8081", true},
		{"[fe80::1%eth0]:8081", true},
		{"build.test:1", true},
		{"both.test:1", true},
		{"empty.test:1", true},
		{"unknown.test:1", true},
		{"127.0.0.1", true}, // no address to listen on
		{"", true},
	} {
		if got := needsToken(tt.addr, lookup); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.addr, got, tt.want)
		}
	}
	if NeedsToken("127.0.0.1:1") || !NeedsToken(":1") || !NeedsToken("no such host.invalid:1") {
		t.Error("the real resolver decides otherwise")
	}
}
