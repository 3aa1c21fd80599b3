package limit

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestIP(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	tests := []struct {
		name    string
		trusted []netip.Prefix
		remote  string
		said    []string
		want    string
	}{
		{"no proxy", nil, "192.0.2.7:1234", nil, "192.0.2.7"},
		{"nobody is trusted", nil, "127.0.0.1:1234", []string{"192.0.2.1"}, "127.0.0.1"},
		{"a stranger lies", proxies, "192.0.2.7:1234", []string{"192.0.2.1"}, "192.0.2.7"},
		{"behind a proxy", proxies, "127.0.0.1:1234", []string{"192.0.2.1"}, "192.0.2.1"},
		{"a proxy says nothing", proxies, "127.0.0.1:1234", nil, "127.0.0.1"},
		{"behind two", proxies, "127.0.0.1:1234", []string{"192.0.2.1, 127.0.0.2"}, "192.0.2.1"},
		{"in two lines", proxies, "127.0.0.1:1234", []string{"192.0.2.1", "127.0.0.2"}, "192.0.2.1"},
		{"a lie before the truth", proxies, "127.0.0.1:1234", []string{"198.51.100.9, 192.0.2.1"}, "192.0.2.1"},
		{"nonsense before a proxy", proxies, "127.0.0.1:1234", []string{"198.51.100.9, nonsense, 127.0.0.2"}, "127.0.0.2"},
		{"proxies all the way", proxies, "127.0.0.1:1234", []string{"127.0.0.3, 127.0.0.2"}, "127.0.0.3"},
		{"version 6", nil, "[2001:db8:1:2:3:4:5:6]:1234", nil, "2001:db8:1:2::/64"},
		{"version 6 with a zone", nil, "[fe80::1%eth0]:1234", nil, "fe80::/64"},
		{"version 4 in 6", proxies, "[::ffff:127.0.0.1]:1234", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"no address", proxies, "@", []string{"192.0.2.1"}, "@"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = test.remote
			for _, line := range test.said {
				r.Header.Add("X-Forwarded-For", line)
			}
			if got := IP(test.trusted...)(r); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	key := Header("X-API-Key")
	of := func(value string) string {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-API-Key", value)
		return key(r)
	}
	if got := of(""); got != "" {
		t.Errorf("no key: got %q, want none", got)
	}
	secret := "demo-key-1"
	if got := of(secret); strings.Contains(got, secret) || len(got) > maxKey || got != of(secret) || got == of("demo-key-2") {
		t.Errorf("got %q, want something short of its own that does not tell the key", got)
	}
	if got, long := clip(strings.Repeat("x", maxKey)), clip(strings.Repeat("x", maxKey+1)); len(got) != maxKey || len(long) > maxKey || got == long {
		t.Errorf("got %q and %q, want the first as it is and the second shorter", got, long)
	}
}
