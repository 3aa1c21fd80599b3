package edge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/edge"
)

// crowd makes so many requests at once and returns the answers.
func crowd(t *testing.T, e http.Handler, n int, header ...string) []reply {
	t.Helper()
	answers := make([]reply, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { answers[i] = ask(t, e, http.MethodGet, "/", header...) })
	}
	group.Wait()
	return answers
}

// Who wants the same while it is on its way waits for it: the origin is asked once.
func TestCollapse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("x", "Cache-Control", "max-age=10"), delay: time.Second}
		e := start(t, o, edge.Config{})
		begun := time.Now()
		joined := 0
		for _, answer := range crowd(t, e, 100) {
			if got := answer.body; got != "x" {
				t.Errorf("got %q, want x", got)
			}
			if strings.HasSuffix(answer.header.Get("Cache-Status"), "; collapsed") {
				joined++
			}
		}
		if got := time.Since(begun); got != time.Second {
			t.Errorf("it took %v, want 1s", got)
		}
		if got := e.Stats(); o.times() != 1 || got.Misses != 1 || got.Collapsed != 99 || joined != 99 {
			t.Errorf("the origin was asked %d times, %d answers say that they were collapsed: %+v, want 1, 99", o.times(), joined, got)
		}
		// Stale objects are validated once, too.
		time.Sleep(20 * time.Second)
		crowd(t, e, 100)
		if got := o.times(); got != 2 {
			t.Errorf("the origin was asked %d times, want 2", got)
		}
	})
}

// What is not to be kept is nobody else's: those who waited ask for themselves, all at
// once, and those who come later do not wait any more.
func TestCollapseNothingPrivate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		n := 0
		o := &origin{delay: time.Second, handler: func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			n++
			w.Header().Set("Cache-Control", "private, max-age=10")
			fmt.Fprint(w, n)
		}}
		e := start(t, o, edge.Config{})
		begun := time.Now()
		seen := map[string]bool{}
		for _, answer := range crowd(t, e, 50) {
			seen[answer.body] = true
		}
		if got := time.Since(begun); got != 2*time.Second {
			t.Errorf("it took %v, want 2s", got)
		}
		for _, answer := range crowd(t, e, 50) {
			seen[answer.body] = true
		}
		if got := time.Since(begun); got != 3*time.Second {
			t.Errorf("the next took until %v, want 3s", got)
		}
		if got := e.Stats(); len(seen) != 100 || got.Misses != 100 || got.Collapsed != 0 {
			t.Errorf("got %d different answers and %+v, want 100", len(seen), got)
		}
	})
}

// Clients with credentials do not wait for each other at all.
func TestCollapseNoCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("x", "Cache-Control", "max-age=10"), delay: time.Second}
		e := start(t, o, edge.Config{})
		begun := time.Now()
		crowd(t, e, 20, "Authorization", "Bearer t")
		if got := time.Since(begun); got != time.Second || o.times() != 20 {
			t.Errorf("it took %v and %d exchanges, want 1s and 20", got, o.times())
		}
	})
}

// Answers that depend on a header are each other's only where it is the same.
func TestCollapseVary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{delay: time.Second, handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			w.Header().Set("Vary", "Accept-Language")
			fmt.Fprint(w, r.Header.Get("Accept-Language"))
		}}
		e := start(t, o, edge.Config{})
		var group sync.WaitGroup
		for i := range 40 {
			language := []string{"de", "en"}[i%2]
			group.Go(func() {
				if got := ask(t, e, http.MethodGet, "/", "Accept-Language", language).body; got != language {
					t.Errorf("got %s, want %s", got, language)
				}
			})
		}
		group.Wait()
	})
}

// While an object is validated behind its readers, the origin is asked once, and the new
// answer is there when it has come.
func TestValidateBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("1", "Cache-Control", "max-age=10, stale-while-revalidate=60"), delay: time.Second}
		e := start(t, o, edge.Config{})
		crowd(t, e, 1)
		o.mu.Lock()
		o.handler = says("2", "Cache-Control", "max-age=10, stale-while-revalidate=60")
		o.mu.Unlock()
		time.Sleep(20 * time.Second)
		begun := time.Now()
		for _, answer := range crowd(t, e, 50) {
			if got := answer.body; got != "1" {
				t.Errorf("got %s, want the old one", got)
			}
		}
		if got := time.Since(begun); got != 0 {
			t.Errorf("they waited for %v", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := crowd(t, e, 1)[0].body; got != "2" || o.times() != 2 {
			t.Errorf("got %s after %d exchanges, want 2 after 2", got, o.times())
		}
		if got := e.Stats(); got.Stale != 50 || got.Hits != 1 {
			t.Errorf("got %+v, want 50 stale and 1 hit", got)
		}
	})
}

// The first client to want something may give up; the others get it all the same.
func TestLeaderLeaves(t *testing.T) {
	for _, control := range []string{"max-age=10", "no-store"} {
		synctest.Test(t, func(t *testing.T) {
			o := &origin{handler: says("x", "Cache-Control", control), delay: time.Second}
			e := start(t, o, edge.Config{})
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			var group sync.WaitGroup
			group.Go(func() {
				defer func() {
					if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
						t.Error("the handler went on without its client")
					}
				}()
				e.ServeHTTP(httptest.NewRecorder(), newRequest(ctx, http.MethodGet, "/", ""))
			})
			synctest.Wait()
			if got := ask(t, e, http.MethodGet, "/").body; got != "x" {
				t.Errorf("got %q, want x", got)
			}
			group.Wait()
			if got := e.Stats(); got.Abandoned != 1 || got.Collapsed+got.Misses != 1 {
				t.Errorf("got %+v, want 1 abandoned and 1 answered", got)
			}
		})
	}
}

// A purge reaches what is on its way: it is not kept, and who asks after it does not
// get it.
func TestPurgeOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("1", "Cache-Control", "max-age=10"), delay: time.Second}
		e := start(t, o, edge.Config{})
		var group sync.WaitGroup
		group.Go(func() { ask(t, e, http.MethodGet, "/") })
		time.Sleep(500 * time.Millisecond)
		e.Purge("/")
		group.Go(func() {
			if got := ask(t, e, http.MethodGet, "/").header.Get("Cache-Status"); got != "edge; fwd=uri-miss; fwd-status=200; ttl=9; stored" {
				t.Errorf("after the purge: got %q, want an exchange of its own", got)
			}
		})
		time.Sleep(700 * time.Millisecond) // the first has come
		if got := e.Stats(); got.Resources != 0 || got.Misses != 1 {
			t.Errorf("got %+v, want nothing kept of what came after the purge", got)
		}
		group.Wait()
		if got := o.times(); got != 2 {
			t.Errorf("got %d exchanges, want 2", got)
		}
	})
}

func TestCloseEndsExchanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("x"), delay: time.Hour}
		e := start(t, o, edge.Config{})
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				answer := ask(t, e, http.MethodGet, "/")
				if answer.code != http.StatusServiceUnavailable {
					t.Errorf("got %+v, want 503", answer)
				}
			})
		}
		synctest.Wait()
		begun := time.Now()
		if err := e.Close(); err != nil || time.Since(begun) != 0 {
			t.Errorf("got %v after %v, want nil at once", err, time.Since(begun))
		}
		group.Wait()
		if got := ask(t, e, http.MethodGet, "/").code; got != http.StatusServiceUnavailable {
			t.Errorf("got %d of a closed edge, want 503", got)
		}
		if got := e.Stats(); got.Failed != 4 {
			t.Errorf("got %+v, want 4 failed", got)
		}
	})
}

// The way to the origin takes its time, for each exchange and for no hit.
func TestRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, &origin{handler: says("x", "Cache-Control", "max-age=10")}, edge.Config{RoundTrip: 80 * time.Millisecond})
		for _, want := range []time.Duration{80 * time.Millisecond, 0} {
			begun := time.Now()
			ask(t, e, http.MethodGet, "/")
			if got := time.Since(begun); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})
}

// What must be validated each time is nobody else's, either, although it is kept.
func TestCollapseNothingUnvalidated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("x", "Cache-Control", "no-cache", "ETag", `"1"`), delay: time.Second}
		e := start(t, o, edge.Config{})
		crowd(t, e, 10)
		if got := e.Stats(); o.times() != 10 || got.Collapsed != 0 {
			t.Errorf("got %d exchanges and %+v, want 10 and none collapsed", o.times(), got)
		}
	})
}
