package receivers

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/alert"
)

func TestPolicyAddresses(t *testing.T) {
	for text, want := range map[string]string{ // "never", "private" or "public"
		"169.254.169.254": "never", "169.254.0.1": "never", "fe80::1": "never", "fe80::1%eth0": "never", "::ffff:169.254.169.254": "never",
		"64:ff9b::a9fe:a9fe": "never", "2002:a9fe:a9fe::1": "never", "0.0.0.0": "never", "::": "never", "0.1.2.3": "never", "224.0.0.1": "never",
		"ff02::1": "never", "255.255.255.255": "never", "100.100.100.200": "never", "fd00:ec2::254": "never",
		"127.0.0.1": "private", "::1": "private", "10.1.2.3": "private", "172.16.0.1": "private", "192.168.1.1": "private", "fd12::1": "private",
		"100.64.0.1": "private", "::ffff:10.0.0.1": "private", "64:ff9b::a00:1": "private", "2002:7f00:1::": "private",
		"93.184.215.14": "public", "2606:2800:21f::1": "public", "172.32.0.1": "public", "64:ff9b::5db8:d70e": "public",
	} {
		addr := netip.MustParseAddr(text)
		open, strict := Policy{}.allows(addr), Policy{DenyPrivate: true}.allows(addr)
		if got := map[[2]bool]string{{false, false}: "never", {true, false}: "private", {true, true}: "public"}[[2]bool{open == nil, strict == nil}]; got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
		for _, err := range []error{open, strict} {
			if err != nil && !errors.Is(err, errDenied) {
				t.Errorf("%s: %v is not errDenied", text, err)
			}
		}
	}
}

func TestPolicyHosts(t *testing.T) {
	for _, tt := range []struct {
		url   string
		allow string
		want  bool
	}{
		{"https://hooks.slack.com/x", "", true},
		{"https://hooks.slack.com/x", "hooks.slack.com", true},
		{"https://HOOKS.slack.com./x", "hooks.slack.COM.", true},
		{"https://hooks.slack.com:8443/x", "hooks.slack.com", true},
		{"https://hooks.slack.com/x", "slack.com", false},
		{"https://hooks.slack.com/x", "*.slack.com", true},
		{"https://slack.com/x", "*.slack.com", false},
		{"https://evilslack.com/x", "*.slack.com", false},
		{"https://hooks.slack.com.evil.example/x", "*.slack.com hooks.slack.com", false},
		{"https://evil.example/hooks.slack.com", "hooks.slack.com", false},
		{"https://hooks.slack.com/x", "*", false},
	} {
		_, err := New(Spec{Name: "x", Type: "slack", URL: tt.url}, Policy{AllowHosts: strings.Fields(tt.allow)})
		if got := err == nil; got != tt.want {
			t.Errorf("%s with %q: got %v (%v), want %v", tt.url, tt.allow, got, err, tt.want)
		}
	}
	if _, err := New(specOf("pagerduty"), Policy{AllowHosts: []string{"hooks.slack.com"}}); err == nil {
		t.Error("the public endpoint is not asked about")
	}
}

// An address in the URL is refused at once, a name when it is known where it leads, and
// without a connection.
func TestPolicyIsKept(t *testing.T) {
	for _, host := range []string{"http://169.254.169.254", "http://[fe80::1]", "http://0.0.0.0", "http://[::ffff:169.254.169.254]"} {
		if _, err := New(Spec{Name: "x", Type: "webhook", URL: host, AllowHTTP: true}, Policy{}); err == nil {
			t.Errorf("%s is allowed", host)
		}
	}
	s := serve(t, answering(200, ""))
	if _, err := New(Spec{Name: "x", Type: "webhook", URL: s.URL}, Policy{DenyPrivate: true}); err == nil {
		t.Errorf("%s is allowed", s.URL)
	}
	byName := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	r, err := New(Spec{Name: "x", Type: "webhook", URL: byName}, Policy{DenyPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	got := r.Send(t.Context(), message(firing()))
	if got.Outcome != alert.Refused || !strings.Contains(got.Detail, "not allowed") || len(s.all()) > 0 {
		t.Errorf("got %+v after %d requests", got, len(s.all()))
	}
}

// A proxy may be private whatever the policy says of destinations, but an address that
// is written in the URL is still judged.
func TestProxy(t *testing.T) {
	proxy := serve(t, answering(200, "ok"))
	through := func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	s := Spec{Name: "x", Type: "slack", URL: "http://chat.example/hook", AllowHTTP: true}
	r := newReceiver(t, s)
	strict := Policy{DenyPrivate: true}
	var err error
	if r.client, err = strict.client(s.URL, through); err != nil {
		t.Fatal(err)
	}
	if got := r.Send(t.Context(), message(firing())); got.Outcome != alert.Delivered || proxy.all()[0].uri != s.URL {
		t.Errorf("got %+v after %+v", got, proxy.all())
	}
	for _, literal := range []string{"http://10.0.0.1/", "http://169.254.169.254/"} {
		if _, err := strict.client(literal, through); !strings.Contains(fmt.Sprint(err), "not allowed") {
			t.Errorf("%s: got %v", literal, err)
		}
	}
	broken := func(*http.Request) (*url.URL, error) { return nil, errors.New("invalid proxy " + planted) }
	if _, err := strict.client(s.URL, broken); err == nil || reveals(err.Error()) {
		t.Errorf("got %v", err)
	}
}
