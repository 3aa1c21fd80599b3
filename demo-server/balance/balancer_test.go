package balance_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

func Example() {
	replica := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello from web-1")
	}))
	defer replica.Close()
	b, err := balance.New(balance.Config{
		Algorithm: pick.LeastConnections,
		Backends:  []balance.Backend{{Name: "web-1", Address: replica.Listener.Addr().String()}},
		Check:     balance.Check{Path: "/healthz", Interval: 500 * time.Millisecond},
		Retries:   1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	recorder := httptest.NewRecorder()
	b.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	fmt.Print(recorder.Code, " ", recorder.Body)
	fmt.Println(b.Shutdown(context.Background()))
	// Output:
	// 200 hello from web-1
	// <nil>
}

func TestNewRefuses(t *testing.T) {
	two := func(change func(*balance.Config)) balance.Config {
		c := balance.Config{Backends: backends(2)}
		change(&c)
		return c
	}
	tests := []struct {
		name   string
		config balance.Config
		want   string
	}{
		{"algorithm", two(func(c *balance.Config) { c.Algorithm = "random_" }), `did you mean "random"?`},
		{"layer", two(func(c *balance.Config) { c.Layer = 5 }), "layer is 5, want 4 or 7"},
		{"cookies at layer 4", two(func(c *balance.Config) { c.Layer, c.Sticky.Cookie = 4, "replica" }), "sees no cookies"},
		{"cookie", two(func(c *balance.Config) { c.Sticky.Cookie = "a b" }), `"a b" is no name for a cookie`},
		{"retries", two(func(c *balance.Config) { c.Retries = 4 }), "retries is 4, want 0 to 3"},
		{"check without interval", two(func(c *balance.Config) { c.Check.Path = "/healthz" }), "has no interval"},
		{"path", two(func(c *balance.Config) { c.Check = balance.Check{Path: "healthz", Interval: 1} }), `path is "healthz"`},
		{"no utilisation", two(func(c *balance.Config) { c.Algorithm = pick.ResourceBased }), "needs the path or the header"},
		{"time", two(func(c *balance.Config) { c.SlowStart = -time.Second }), "a time is -1s"},
		{"same names", balance.Config{Backends: append(backends(1), backends(1)...)}, `two backends have the name "web-1"`},
		{"name", balance.Config{Backends: []balance.Backend{{Name: "a;b", Address: "a:1"}}}, `backend "a;b": want a name`},
		{"address", balance.Config{Backends: []balance.Backend{{Name: "a", Address: "a"}}}, `address is "a", want host:port`},
		{"weight", balance.Config{Backends: []balance.Backend{{Name: "a", Address: "a:1", Weight: 257}}}, "weight is 257, want 1 to 256"},
		{"all at once", balance.Config{Layer: 1, Retries: -1}, "layer is 1, want 4 or 7\nretries is -1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, err := balance.New(test.config)
			if err == nil {
				t.Fatal(b.Shutdown(t.Context()))
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want …%s…", err, test.want)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := balancer(t, balance.Config{Check: balance.Check{Interval: 700 * time.Millisecond, HealthyAfter: 3}})
		recorder := httptest.NewRecorder()
		b.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if recorder.Code != http.StatusServiceUnavailable || recorder.Header().Get("Retry-After") != "3" {
			t.Errorf("got %d, Retry-After %q, want 503 and 3", recorder.Code, recorder.Header().Get("Retry-After"))
		}
		if got, want := recorder.Body.String(), `{"error":"no backend is available"}`+"\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := b.Stats(); got.Requests != 1 || got.Unavailable != 1 {
			t.Errorf("got %+v, want 1 unavailable", got)
		}
	})
}

func TestBackendsComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		for _, b := range backends(3) {
			net.serve(t, b.Address, named(b.Name))
		}
		b := balancer(t, balance.Config{Backends: backends(2), Dial: net.Dial, Algorithm: pick.WeightedRoundRobin})
		same := func(got, want map[string]int) {
			t.Helper()
			if !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
		fail := func(err error, want string) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want …%s…", err, want)
			}
		}
		same(asks(t, b, 6), map[string]int{"web-1": 3, "web-2": 3})
		fail(b.Add(backends(1)[0]), "there is a backend web-1 already")
		fail(b.Remove("web-9"), "there is no backend web-9")
		fail(b.SetWeight("web-1", 300), "weight is 300")
		fail(b.SetWeight("web-9", 3), "there is no backend web-9")
		fail(b.SetAlgorithm("best"), "unknown algorithm")
		for _, err := range []error{b.Add(backends(3)[2]), b.SetWeight("web-1", 4)} {
			if err != nil {
				t.Error(err)
			}
		}
		same(asks(t, b, 6), map[string]int{"web-1": 4, "web-2": 1, "web-3": 1})
		if err := b.SetAlgorithm(pick.RoundRobin); err != nil {
			t.Error(err)
		}
		same(asks(t, b, 6), map[string]int{"web-1": 2, "web-2": 2, "web-3": 2})
		if err := b.Remove("web-1"); err != nil {
			t.Error(err)
		}
		same(asks(t, b, 6), map[string]int{"web-2": 3, "web-3": 3})
		if got := b.Stats(); got.Gone.Attempts != 9 || len(got.Backends) != 2 || got.Algorithm != pick.RoundRobin {
			t.Errorf("got %+v, want 9 attempts gone", got)
		}
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		net.serve(t, "web-1:80", func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(3 * time.Second)
			fmt.Fprint(w, "web-1")
		})
		net.serve(t, "web-2:80", named("web-2"))
		b := balancer(t, balance.Config{Backends: backends(2), Dial: net.Dial})
		var group sync.WaitGroup
		group.Go(func() {
			if status, body := ask(t, b); status != http.StatusOK || body != "web-1" {
				t.Errorf("under way: got %d %s, want to end well", status, body)
			}
		})
		synctest.Wait()
		begun := time.Now()
		hurried, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Drain(hurried, "web-1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if got := state(t, b, "web-1"); got.State != balance.Draining || got.InFlight != 1 {
			t.Errorf("got %+v, want it draining", got)
		}
		if got := asks(t, b, 5); got["web-2"] != 5 {
			t.Errorf("got %v, want all at web-2", got)
		}
		if err := b.Add(backends(1)[0]); err != nil { // the name is free, the old one is not gone
			t.Error(err)
		}
		if err := b.Drain(t.Context(), "web-1"); err != nil || time.Since(begun) != time.Second {
			t.Errorf("the idle one: got %v after %v, want at once", err, time.Since(begun))
		}
		group.Wait()
		if got := b.Stats(); len(got.Backends) != 1 || got.Gone.Answered != 1 {
			t.Errorf("got %+v, want web-1 gone with its answer", got)
		}
	})
}

func TestDrainWaitsForTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		net.serve(t, "web-1:80", func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(3 * time.Second)
			fmt.Fprint(w, "web-1")
		})
		b := balancer(t, balance.Config{Backends: backends(1), Dial: net.Dial})
		var group sync.WaitGroup
		group.Go(func() { ask(t, b) })
		synctest.Wait()
		begun := time.Now()
		if err := b.Drain(t.Context(), "web-1"); err != nil || time.Since(begun) != 3*time.Second {
			t.Errorf("got %v after %v, want nil after 3s", err, time.Since(begun))
		}
		group.Wait()
	})
}
