package profiles

import (
	"bytes"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const connected = `
version: 1
target:
  base_url: https://shop.test/
  protocol: h2
  client: std
  connections:
    max: 5
    reuse: true
    per_user: false
    idle_timeout: 30s
    max_requests_per_connection: 1000
    local_ips: [127.0.0.2, 10.0.0.0/28]
    proxy: http://me:h0nter2@127.0.0.1:3128
    resolve: "shop.test:443:127.0.0.1,::1"
    no_delay: false
    keep_alive: 15s
    dns: { ttl: once, family: ipv4 }
  tls:
    verify: false
    ca: [a.pem, /etc/b.pem]
    cert: own.pem
    key: keys/own.key
    server_name: canary.test
    min_version: 1.2
    max_version: "1.3"
    resumption: false
scenarios: { home: { steps: [ { get: / } ] } }
load: { executor: constant-arrival-rate, rate: 10/s, duration: 1s }
`

func TestParseConnections(t *testing.T) {
	p := mustParse(t, connected)
	want := Target{
		BaseURL: "https://shop.test/", AllowHosts: []string{"shop.test"}, Protocol: "h2", Client: "std", Timeout: 5 * time.Second,
		Connections: Connections{
			Max: 5, Reuse: true, IdleTimeout: 30 * time.Second, MaxRequests: 1000,
			LocalIPs: []string{"127.0.0.2", "10.0.0.0/28"}, Proxy: "http://me:h0nter2@127.0.0.1:3128",
			Resolve: []string{"shop.test:443:127.0.0.1,::1"}, KeepAlive: 15 * time.Second, DNS: DNS{TTL: Once, Family: "ipv4"},
		},
		TLS: TLS{
			CA: []string{"a.pem", "/etc/b.pem"}, Cert: "own.pem", Key: "keys/own.key", ServerName: "canary.test",
			MinVersion: "1.2", MaxVersion: "1.3",
		},
	}
	if !reflect.DeepEqual(p.Target, want) {
		t.Errorf("got  %+v\nwant %+v", p.Target, want)
	}
	written := p.YAML()
	if bytes.Contains(written, []byte("h0nter2")) || strings.Contains(p.Redact("proxy me:h0nter2"), "h0nter2") {
		t.Errorf("the proxy's password is shown in\n%s", written)
	}
	again := mustParse(t, string(written))
	again.Target.Connections.Proxy = want.Connections.Proxy
	if !reflect.DeepEqual(again.Target, want) {
		t.Errorf("read again: got  %+v\nwant %+v", again.Target, want)
	}
	if err := compileSchema(t).Validate(decodeYAML(t, []byte(connected))); err != nil {
		t.Errorf("the schema refuses it: %v", err)
	}
	if err := compileSchema(t).Validate(decodeYAML(t, written)); err != nil {
		t.Errorf("the schema refuses what is written: %v", err)
	}
}

// Names of files are meant from where the profile is.
func TestFilesStandBesideTheProfile(t *testing.T) {
	text := strings.Replace(connected, "proxy: http://me:h0nter2@127.0.0.1:3128", "unix: ../shop.sock", 1)
	text = strings.Replace(text, "local_ips: [127.0.0.2, 10.0.0.0/28]", "", 1)
	text = strings.Replace(text, `resolve: "shop.test:443:127.0.0.1,::1"`, "", 1)
	p, err := Parse(filepath.FromSlash("tests/load/shop.yaml"), []byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := append([]string{p.Target.Connections.Unix, p.Target.TLS.Cert, p.Target.TLS.Key}, p.Target.TLS.CA...)
	want := []string{"tests/shop.sock", "tests/load/own.pem", "tests/load/keys/own.key", "tests/load/a.pem", "/etc/b.pem"}
	for i := range want {
		if filepath.ToSlash(got[i]) != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
	p, err = Parse("a/b.yaml", []byte(strings.Replace(text, "../shop.sock", `"@shop"`, 1)), Options{})
	if err != nil || p.Target.Connections.Unix != "@shop" {
		t.Errorf("an abstract socket became %q, %v", p.Target.Connections.Unix, err)
	}
}

// hinted stands for an error of the parser of addresses.
type hinted struct{ key, text string }

func (h hinted) Error() string { return h.key + " is wrong" }
func (h hinted) Hint() string  { return "mend it" }

// What the caller finds wrong with an address is told at its place.
func TestAddressesAreChecked(t *testing.T) {
	var asked []string
	check := func(key, text string) error {
		asked = append(asked, key+" "+text)
		if strings.HasPrefix(text, "10.") {
			return hinted{key, text}
		}
		return nil
	}
	_, err := Parse("shop.yaml", []byte(connected), Options{CheckAddress: check})
	var fault Fault
	if !errors.As(err, &fault) || fault.Message != "local_ips is wrong" || fault.Hint != "mend it" || fault.Line != 13 || fault.Column != 28 {
		t.Errorf("fault %+v, want one at 13:28", fault)
	}
	want := []string{"local_ips 127.0.0.2", "local_ips 10.0.0.0/28", "proxy http://me:h0nter2@127.0.0.1:3128", "resolve shop.test:443:127.0.0.1,::1"}
	if !reflect.DeepEqual(asked, want) {
		t.Errorf("asked about %q, want %q", asked, want)
	}
}
