package balance_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// ailing is a server that is well or not, by a switch, at /healthz and everywhere.
func ailing(name string, sick *atomic.Bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if sick.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprint(w, name)
	}
}

func TestChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		var sick atomic.Bool
		net.serve(t, "web-1:80", named("web-1"))
		net.serve(t, "web-2:80", ailing("web-2", &sick))
		b := balancer(t, balance.Config{
			Backends:  backends(2),
			Dial:      net.Dial,
			SlowStart: 10 * time.Second,
			Check:     balance.Check{Path: "/healthz", Interval: 500 * time.Millisecond, Timeout: 200 * time.Millisecond, HealthyAfter: 3},
		})
		want := func(when string, s balance.State, ramp float64) {
			t.Helper()
			synctest.Wait()
			if got := state(t, b, "web-2"); got.State != s || got.Ramp < ramp-1e-9 || got.Ramp > ramp+1e-9 {
				t.Errorf("%s: got %s with a ramp of %v, want %s and %v", when, got.State, got.Ramp, s, ramp)
			}
		}
		want("at first", balance.Healthy, 1)
		time.Sleep(250 * time.Millisecond)
		sick.Store(true)
		time.Sleep(500 * time.Millisecond)
		want("after one bad check", balance.Healthy, 1)
		time.Sleep(500 * time.Millisecond)
		if got := state(t, b, "web-2"); got.State != balance.Unhealthy || got.CheckError != "answered 500" || got.FailedChecks != 2 {
			t.Errorf("after two: got %+v, want unhealthy", got)
		}
		if got := asks(t, b, 4); got["web-1"] != 4 {
			t.Errorf("got %v, want all at web-1", got)
		}
		sick.Store(false)
		time.Sleep(time.Second)
		if got := state(t, b, "web-2").State; got != balance.Unhealthy {
			t.Errorf("after two good checks: got %s", got)
		}
		time.Sleep(250 * time.Millisecond)
		want("after three", balance.Healthy, 0.1)
		if got := asks(t, b, 110); got["web-2"] != 10 {
			t.Errorf("slow start: got %v, want 10 at web-2", got)
		}
		time.Sleep(5 * time.Second)
		want("half way", balance.Healthy, 0.5)
		time.Sleep(6 * time.Second)
		want("in the end", balance.Healthy, 1)
	})
}

// A good check between bad ones begins the count anew.
func TestChecksMustFailInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		var asked atomic.Int32
		net.serve(t, "web-1:80", func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1)%3 != 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		b := balancer(t, balance.Config{
			Backends: backends(1), Dial: net.Dial,
			Check: balance.Check{Path: "/", Interval: time.Second, UnhealthyAfter: 3},
		})
		time.Sleep(time.Minute)
		if got := state(t, b, "web-1"); got.State != balance.Healthy || got.FailedChecks < 30 {
			t.Errorf("got %+v, want healthy", got)
		}
	})
}

func TestCheckTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		net.serve(t, "web-1:80", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		b := balancer(t, balance.Config{
			Backends: backends(1), Dial: net.Dial,
			Check: balance.Check{Path: "/", Interval: 500 * time.Millisecond, Timeout: 200 * time.Millisecond},
		})
		time.Sleep(701 * time.Millisecond)
		synctest.Wait()
		if got := state(t, b, "web-1"); got.State != balance.Unhealthy || !strings.Contains(got.CheckError, "deadline exceeded") {
			t.Errorf("got %+v, want unhealthy after 700ms", got)
		}
	})
}

// With no path it is enough to take connections. One that is added gets requests when it
// has passed its first check, and not before.
func TestAddedBackendIsCheckedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		net.serve(t, "web-1:80", named("web-1"))
		b := balancer(t, balance.Config{Backends: backends(1), Dial: net.Dial, Check: balance.Check{Interval: time.Second}})
		if err := b.Add(backends(2)[1]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1500 * time.Millisecond)
		if got := state(t, b, "web-2"); got.State != balance.Checking || got.CheckError != "connection refused" {
			t.Errorf("before it serves: got %+v, want checking", got)
		}
		net.serve(t, "web-2:80", named("web-2"))
		time.Sleep(time.Second)
		if got := asks(t, b, 4); got["web-2"] != 2 {
			t.Errorf("got %v, want half at web-2", got)
		}
	})
}

func TestEjection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		var sick atomic.Bool
		for _, b := range backends(2) {
			net.serve(t, b.Address, ailing(b.Name, &sick))
		}
		b := balancer(t, balance.Config{
			Backends: backends(3), Dial: net.Dial, // web-3 is not there
			SlowStart: 4 * time.Second,
			Ejection:  balance.Ejection{Failures: 3, For: 30 * time.Second, ServerErrors: true},
		})
		if got := asks(t, b, 30); got["502"] != 3 {
			t.Errorf("got %v, want 3 failed", got)
		}
		if got := state(t, b, "web-3"); got.State != balance.Ejected || got.Ejections != 1 || got.Failed != 3 {
			t.Errorf("got %+v, want ejected", got)
		}
		time.Sleep(30 * time.Second)
		if got := state(t, b, "web-3"); got.State != balance.Healthy || got.Ramp != 0.1 {
			t.Errorf("got %+v, want it back, slowly", got)
		}
		net.serve(t, "web-3:80", ailing("web-3", &sick))
		time.Sleep(4 * time.Second)
		if got := asks(t, b, 30); got["web-3"] != 10 {
			t.Errorf("got %v, want 10 each", got)
		}
		sick.Store(true)
		asks(t, b, 30)
		healthy := 0
		for _, s := range b.Stats().Backends {
			if s.State == balance.Healthy {
				healthy++
			}
		}
		if healthy != 1 {
			t.Errorf("got %d healthy, want the last one to be left", healthy)
		}
		if got := b.Stats(); got.Unavailable != 0 || got.Failed != 3 {
			t.Errorf("got %+v, want every answer handed on", got)
		}
	})
}

// An answer that says there is too much to do ejects nobody, and neither do clients that
// go away.
func TestOverloadIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		for _, b := range backends(2) {
			net.serve(t, b.Address, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
		}
		b := balancer(t, balance.Config{
			Backends: backends(2), Dial: net.Dial,
			Ejection: balance.Ejection{Failures: 1, ServerErrors: true},
		})
		asks(t, b, 10)
		if got := b.Stats(); got.Answered != 10 || got.Backends[0].Ejections+got.Backends[1].Ejections != 0 || got.Backends[0].ServerErrors != 5 {
			t.Errorf("got %+v, want 10 answered and nobody ejected", got)
		}
	})
}

func TestUtilisationByPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		var silent atomic.Bool
		for i, b := range backends(2) {
			report := []string{"0.75\n", `{"utilisation": 0.25}`}[i]
			net.serve(t, b.Address, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path != "/busy":
					fmt.Fprint(w, b.Name)
				case silent.Load():
					w.WriteHeader(http.StatusNotFound)
				default:
					_, _ = io.WriteString(w, report)
				}
			})
		}
		b := balancer(t, balance.Config{
			Backends: backends(2), Dial: net.Dial, Algorithm: pick.ResourceBased,
			Utilisation: balance.Utilisation{Path: "/busy"},
		})
		synctest.Wait()
		if got := asks(t, b, 100); got["web-1"] != 25 || got["web-2"] != 75 {
			t.Errorf("got %v, want a quarter at web-1", got)
		}
		if got := state(t, b, "web-1").Utilisation; got != 0.75 {
			t.Errorf("got %v, want 0.75", got)
		}
		silent.Store(true)
		time.Sleep(3500 * time.Millisecond)
		if got := asks(t, b, 100); got["web-1"] < 49 || got["web-1"] > 51 {
			t.Errorf("with old reports: got %v, want half each", got)
		}
		if got := state(t, b, "web-1").Utilisation; got != -1 {
			t.Errorf("an old report: got %v, want -1", got)
		}
	})
}
