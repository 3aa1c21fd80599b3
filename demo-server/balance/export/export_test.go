package export_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/export"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

func ExampleHAProxy() {
	text, err := export.HAProxy(balance.Config{
		Layer:     balance.Connections,
		Algorithm: pick.WeightedLeastConnections,
		Backends:  []balance.Backend{{Name: "web-1", Address: "127.0.0.1:9001", Weight: 3}, {Name: "web-2", Address: "127.0.0.1:9002"}},
		Check:     balance.Check{Interval: 500 * time.Millisecond},
		SlowStart: 10 * time.Second,
	}, "127.0.0.1:8080")
	fmt.Print(text, err)
	// Output:
	// # HAProxy in place of the load balancer. Try it: haproxy -c -f THIS_FILE
	//
	// defaults
	//     timeout connect 2s
	//     timeout check 500ms
	//     retries 0
	//     mode tcp
	//     timeout client 86400000ms
	//     timeout server 86400000ms
	//
	// frontend in
	//     bind 127.0.0.1:8080
	//     default_backend backends
	//
	// backend backends
	//     balance leastconn
	//     server web-1 127.0.0.1:9001 weight 3 check inter 500ms fall 2 rise 2 slowstart 10000ms
	//     server web-2 127.0.0.1:9002 check inter 500ms fall 2 rise 2 slowstart 10000ms
	// <nil>
}

// everything is a configuration with all that there is.
func everything() balance.Config {
	return balance.Config{
		Backends:       []balance.Backend{{Name: "web-1", Address: "127.0.0.1:9001", Weight: 3}, {Name: "web-2", Address: "127.0.0.1:9002"}},
		Check:          balance.Check{Path: "/healthz", Interval: 500 * time.Millisecond, Timeout: 200 * time.Millisecond},
		Ejection:       balance.Ejection{Failures: 3, For: 1500 * time.Millisecond, ServerErrors: true},
		Sticky:         balance.Sticky{Cookie: "replica", TTL: 10 * time.Minute},
		Utilisation:    balance.Utilisation{Header: "X-Busy"},
		SlowStart:      10 * time.Second,
		Retries:        1,
		TrustForwarded: true,
	}
}

// configurations returns one for each algorithm and layer, plain and with everything.
func configurations() map[string]balance.Config {
	all := map[string]balance.Config{}
	for _, a := range pick.Algorithms() {
		full := everything()
		full.Algorithm = a
		all[string(a)+" with everything"] = full
		plain := balance.Config{Algorithm: a, Backends: full.Backends, AnswerTimeout: -1}
		plain.Utilisation.Path = "/busy"
		all[string(a)] = plain
		plain.Layer, plain.Retries, plain.Ejection, plain.SlowStart = balance.Connections, 2, full.Ejection, time.Second
		all[string(a)+" at layer 4"] = plain
		plain.Check = full.Check
		all[string(a)+" at layer 4 with checks"] = plain
	}
	return all
}

// Every configuration can be written, with every backend in it once and no brace open.
func TestEverythingIsWritten(t *testing.T) {
	for name, c := range configurations() {
		for _, write := range []func(balance.Config, string) (string, error){export.Nginx, export.HAProxy} {
			text, err := write(c, "127.0.0.1:8080")
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, b := range c.Backends {
				if got := strings.Count(text, b.Address); got != 1 {
					t.Errorf("%s: %s is there %d times in\n%s", name, b.Address, got, text)
				}
			}
			if strings.Count(text, "{") != strings.Count(text, "}") || strings.Contains(text, "%!") {
				t.Errorf("%s: malformed\n%s", name, text)
			}
		}
	}
}

// What has no equivalent is said, and only if it is asked for.
func TestWhatIsMissingIsSaid(t *testing.T) {
	nginx := []string{"Active health checks", "Slow start", "Sticky sessions", "budget for retries", "500, 502 and 504", "least_conn stands in"}
	haproxy := []string{"not after 1.5s", "503 as a failure", "budget for retries", "leastconn stands in"}
	full, plain := everything(), balance.Config{Backends: everything().Backends}
	full.Algorithm = pick.ResourceBased
	for name, test := range map[string]struct {
		write func(balance.Config, string) (string, error)
		notes []string
	}{"nginx": {export.Nginx, nginx}, "haproxy": {export.HAProxy, haproxy}} {
		with, err := test.write(full, "127.0.0.1:80")
		without, err2 := test.write(plain, "127.0.0.1:80")
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for _, note := range test.notes {
			if !strings.Contains(with, note) {
				t.Errorf("%s: no word of %q in\n%s", name, note, with)
			}
			if strings.Contains(without, note) {
				t.Errorf("%s: needless %q in\n%s", name, note, without)
			}
		}
	}
}

func TestExportRefuses(t *testing.T) {
	one := []balance.Backend{{Name: "a", Address: "a:1"}}
	for _, write := range []func(balance.Config, string) (string, error){export.Nginx, export.HAProxy} {
		for want, test := range map[string]struct {
			config balance.Config
			listen string
		}{
			"no backends":  {balance.Config{}, "127.0.0.1:80"},
			"listen is":    {balance.Config{Backends: one}, "127.0.0.1:80; include x"},
			"layer is 9":   {balance.Config{Backends: one, Layer: 9}, "127.0.0.1:80"},
			"address is":   {balance.Config{Backends: []balance.Backend{{Name: "a", Address: "a:1;b"}}}, "127.0.0.1:80"},
			"no name for ": {balance.Config{Backends: one, Utilisation: balance.Utilisation{Header: "a;b"}}, "127.0.0.1:80"},
		} {
			if text, err := write(test.config, test.listen); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want …%s…\n%s", err, want, text)
			}
		}
	}
}
