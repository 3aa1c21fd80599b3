package limit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/sleeper"
)

func newLimiter(t *testing.T, c Config) *Limiter {
	t.Helper()
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ok answers all requests.
func ok(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }

// serve asks a handler, in process.
func serve(ctx context.Context, h http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
	return w
}

// checkSum checks that every request is in exactly one counter.
func checkSum(t *testing.T, s Stats) {
	t.Helper()
	if sum := s.InFlight + s.Admitted + s.Refused + s.Abandoned + s.Unchecked + s.Unavailable; sum != s.Requests {
		t.Errorf("got %+v, whose counters add up to %d, want %d", s, sum, s.Requests)
	}
}

// An answer says what the limit is, what is left, and when to come back.
func TestHeaders(t *testing.T) {
	type answer struct {
		status                    int
		policy, remaining, retry  string
		contentType, startsOfBody string
	}
	const text = "text/plain; charset=utf-8"
	refusal := `{"error":"too many requests: the rate limit is reached"}`
	tests := []struct {
		name   string
		policy Policy
		want   []answer // to requests at once
	}{
		{"token bucket", Policy{Limit: 10, Burst: 2}, []answer{
			{200, `"default";q=10;w=1;floodmark-burst=2`, `"default";r=1;t=1`, "", text, "ok"},
			{200, `"default";q=10;w=1;floodmark-burst=2`, `"default";r=0;t=1`, "", text, "ok"},
			{429, `"default";q=10;w=1;floodmark-burst=2`, `"default";r=0;t=1`, "1", "application/json", refusal},
		}},
		{"leaky bucket", Policy{Algorithm: LeakyBucket, Limit: 2, Window: 3 * time.Second, Burst: -1}, []answer{
			{200, `"default";q=2;w=3;floodmark-burst=0`, `"default";r=0;t=2`, "", text, "ok"},
			{429, `"default";q=2;w=3;floodmark-burst=0`, `"default";r=0;t=2`, "2", "application/json", refusal},
		}},
		{"fixed window", Policy{Name: "user", Algorithm: FixedWindow, Limit: 1, Window: time.Hour}, []answer{
			{200, `"user";q=1;w=3600`, `"user";r=0;t=3600`, "", text, "ok"},
			{429, `"user";q=1;w=3600`, `"user";r=0;t=3600`, "3600", "application/json", refusal},
		}},
		{"a window that is no whole seconds", Policy{Algorithm: SlidingLog, Limit: 1, Window: 1500 * time.Millisecond}, []answer{
			{200, `"default";q=1`, `"default";r=0;t=2`, "", text, "ok"},
			{429, `"default";q=1`, `"default";r=0;t=2`, "2", "application/json", refusal},
		}},
		{"sliding counter", Policy{Algorithm: SlidingCounter, Limit: 1}, []answer{
			{200, `"default";q=1;w=1`, `"default";r=0;t=2`, "", text, "ok"},
			{429, `"default";q=1;w=1`, `"default";r=0;t=2`, "2", "application/json", refusal},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(t, Config{Policy: test.policy})
				handler := l.Handler(http.HandlerFunc(ok))
				for i, want := range test.want {
					w := serve(t.Context(), handler)
					got := answer{
						w.Code, w.Header().Get("RateLimit-Policy"), w.Header().Get("RateLimit"), w.Header().Get("Retry-After"),
						w.Header().Get("Content-Type"), strings.TrimSpace(w.Body.String()),
					}
					if got != want {
						t.Errorf("answer %d:\ngot  %+v\nwant %+v", i, got, want)
					}
				}
			})
		})
	}
}

// Whoever comes back when told is admitted.
func TestRetryAfterIsHonoured(t *testing.T) {
	for _, a := range Algorithms() {
		synctest.Test(t, func(t *testing.T) {
			p := Policy{Algorithm: a, Limit: 3, Window: 10 * time.Second}
			if a == LeakyBucket {
				p.Burst = -1 // or whoever comes one after the other would wait and never be refused
			}
			l := newLimiter(t, Config{Policy: p})
			handler := l.Handler(http.HandlerFunc(ok))
			for range 20 {
				for serve(t.Context(), handler).Code == http.StatusOK {
				}
				wait, err := time.ParseDuration(serve(t.Context(), handler).Header().Get("Retry-After") + "s")
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(wait)
				if got := serve(t.Context(), handler).Code; got != http.StatusOK {
					t.Fatalf("%s: got %d after %v, want 200", a, got, wait)
				}
			}
			checkSum(t, l.Stats())
		})
	}
}

// A burst leaves the leaky bucket at even distances, in order; what finds no place in
// the queue is refused at once.
func TestLeakyBucketSmooths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(t, Config{Policy: Policy{Algorithm: LeakyBucket, Limit: 10, Burst: 4}})
		start := time.Now()
		var mu sync.Mutex
		var passed []time.Duration
		handler := l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			passed = append(passed, time.Since(start))
		}))
		var group sync.WaitGroup
		for range 7 {
			group.Go(func() { serve(t.Context(), handler) })
		}
		synctest.Wait()
		got := l.Stats()
		checkSum(t, got)
		if got.Admitted != 1 || got.Refused != 2 || got.InFlight != 4 || got.Waiting != 4 {
			t.Errorf("got %+v at once, want 1 admitted, 2 refused, 4 waiting", got)
		}
		group.Wait()
		const ms = time.Millisecond
		if want := []time.Duration{0, 100 * ms, 200 * ms, 300 * ms, 400 * ms}; !slices.Equal(passed, want) {
			t.Errorf("got passed at %v, want %v", passed, want)
		}
		got = l.Stats()
		checkSum(t, got)
		if got.Admitted != 5 || got.InFlight != 0 || got.Waiting != 0 {
			t.Errorf("got %+v in the end, want 5 admitted, none in flight", got)
		}
	})
}

// Who gives up in the queue is counted as that, and keeps the place.
func TestAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(t, Config{Policy: Policy{Algorithm: LeakyBucket, Limit: 1, Burst: 2}})
		handler := l.Handler(http.HandlerFunc(ok))
		serve(t.Context(), handler)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if got := serve(ctx, handler).Code; got != http.StatusServiceUnavailable {
			t.Errorf("got %d, want 503", got)
		}
		start := time.Now() // at half a second; the abandoned one would have passed at 1 s
		serve(t.Context(), handler)
		if got, want := time.Since(start), 1500*time.Millisecond; got != want {
			t.Errorf("the next one waited %v, want %v", got, want)
		}
		got := l.Stats()
		checkSum(t, got)
		if got.Abandoned != 1 || got.Admitted != 2 {
			t.Errorf("got %+v, want 1 abandoned, 2 admitted", got)
		}
	})
}

// When the sleeper is closed, nobody waits any more.
func TestSleeperClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(sleeper.Sleeper)
		l := newLimiter(t, Config{Policy: Policy{Algorithm: LeakyBucket, Limit: 1}, Sleeper: s})
		handler := l.Handler(http.HandlerFunc(ok))
		serve(t.Context(), handler)
		var group sync.WaitGroup
		group.Go(func() {
			if got := serve(t.Context(), handler).Code; got != http.StatusServiceUnavailable {
				t.Errorf("got %d, want 503", got)
			}
		})
		synctest.Wait()
		s.Close()
		group.Wait()
		checkSum(t, l.Stats())
	})
}

// A failing store is one that cannot decide while it is told to.
type failing struct {
	Memory
	reason error
}

func (f *failing) Decide(ctx context.Context, key string, p Policy) (Decision, error) {
	if err := errors.Join(f.reason, ctx.Err()); err != nil {
		return Decision{}, err
	}
	return f.Memory.Decide(ctx, key, p)
}

func TestStoreFails(t *testing.T) {
	tests := []struct {
		name   string
		closed bool
		status int
		retry  string
		want   Stats
	}{
		{"open", false, http.StatusOK, "", Stats{Requests: 4, Admitted: 1, Refused: 1, Unchecked: 2}},
		{"closed", true, http.StatusServiceUnavailable, "1", Stats{Requests: 4, Admitted: 1, Refused: 1, Unavailable: 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			store := &failing{reason: errors.New("unplugged")}
			l := newLimiter(t, Config{
				Policy: Policy{Limit: 1, Window: time.Hour}, Store: store, FailClosed: test.closed,
				Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			handler := l.Handler(http.HandlerFunc(ok))
			for range 2 {
				w := serve(t.Context(), handler)
				if w.Code != test.status || w.Header().Get("Retry-After") != test.retry {
					t.Errorf("got %d, Retry-After %q, want %d, %q", w.Code, w.Header().Get("Retry-After"), test.status, test.retry)
				}
				if got := w.Header().Get("RateLimit-Policy"); got == "" || w.Header().Get("RateLimit") != "" {
					t.Errorf("got headers %v, want the policy, and not what nobody knows", w.Header())
				}
			}
			store.reason = nil
			for _, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
				if got := serve(t.Context(), handler).Code; got != want {
					t.Errorf("got %d from a store that is back, want %d", got, want)
				}
			}
			got := l.Stats()
			checkSum(t, got)
			got.Policy, got.Store = Policy{}, StoreStats{}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if lines := strings.Count(log.String(), "\n"); lines != 2 || !strings.Contains(log.String(), "unplugged") {
				t.Errorf("got the log %q, want a line when it begins and one when it ends", log.String())
			}
		})
	}
}

// A client that is gone before anything was decided is no failure of the store.
func TestClientIsGone(t *testing.T) {
	l := newLimiter(t, Config{Policy: Policy{Limit: 1}, Store: new(failing)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	serve(ctx, l.Handler(http.HandlerFunc(ok)))
	got := l.Stats()
	checkSum(t, got)
	if got.Abandoned != 1 {
		t.Errorf("got %+v, want 1 abandoned", got)
	}
}

// Three gateways have a limit of 100/s each in memory, or one together in Redis, and
// share 600 requests a second.
func TestGateways(t *testing.T) {
	const gateways, limit, seconds = 3, 100, 2
	for _, a := range Algorithms() {
		t.Run(string(a), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared, _ := pipeRedis(t)
				p := Policy{Algorithm: a, Limit: limit, Burst: 1}
				var local, together []*Limiter
				for range gateways {
					local = append(local, newLimiter(t, Config{Policy: p}))
					together = append(together, newLimiter(t, Config{Policy: p, Store: shared}))
				}
				var group sync.WaitGroup
				const offered = 2 * gateways * limit * seconds
				for i := range offered {
					time.Sleep(seconds * time.Second / offered)
					for _, l := range []*Limiter{local[i%gateways], together[i%gateways]} {
						group.Go(func() { serve(t.Context(), l.Handler(http.HandlerFunc(ok))) })
					}
					synctest.Wait() // decided, though perhaps waiting to pass
				}
				group.Wait()
				check := func(store string, limiters []*Limiter, want float64) {
					got := 0.0
					for _, l := range limiters {
						checkSum(t, l.Stats())
						got += float64(l.Stats().Admitted)
					}
					if got < 0.98*want || got > 1.02*want {
						t.Errorf("%s: got %v admitted, want %v within 2 %%", store, got, want)
					}
				}
				check("memory", local, gateways*limit*seconds)
				check("redis", together, limit*seconds)
			})
		})
	}
}

// A limit that is changed holds from the next request on, with what was counted before.
func TestSetPolicy(t *testing.T) {
	for _, a := range []Algorithm{FixedWindow, SlidingLog, SlidingCounter} {
		synctest.Test(t, func(t *testing.T) {
			l := newLimiter(t, Config{Policy: Policy{Algorithm: a, Limit: 2, Window: time.Minute}})
			handler := l.Handler(http.HandlerFunc(ok))
			admitted := func() (n int) {
				for serve(t.Context(), handler).Code == http.StatusOK {
					n++
				}
				return n
			}
			change := func(limit int) {
				if err := l.SetPolicy(Policy{Algorithm: a, Limit: limit, Window: time.Minute}); err != nil {
					t.Fatal(err)
				}
			}
			got := []int{admitted()}
			change(5)
			got = append(got, admitted())
			change(1)
			got = append(got, admitted())
			if want := []int{2, 3, 0}; !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", a, got, want)
			}
			if err := l.SetPolicy(Policy{}); err == nil || l.Policy().Limit != 1 {
				t.Errorf("%s: a bad policy: got %v and limit %d, want an error and 1", a, err, l.Policy().Limit)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(Config{}); err == nil || err.Error() != "limit is 0, want at least 1 request" {
		t.Errorf("got %v, want the policy refused", err)
	}
}

func TestStatsJSON(t *testing.T) {
	l := newLimiter(t, Config{Policy: Policy{Algorithm: SlidingLog, Limit: 1, Window: time.Hour}})
	for range 3 {
		serve(t.Context(), l.Handler(http.HandlerFunc(ok)))
	}
	got, err := json.Marshal(l.Stats())
	want := `{"policy":"default","algorithm":"sliding_log","limit":1,"window_seconds":3600,"burst":0,` +
		`"requests":3,"in_flight":0,"admitted":1,"refused":2,"abandoned":0,"unchecked":0,"unavailable":0,"waiting":0,` +
		`"store":{"kind":"memory","decisions":3,"errors":0,"keys":1,"evicted":0}}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if got, err := json.Marshal(StoreStats{Kind: "redis", Keys: -1}); err != nil || strings.Contains(string(got), "keys") {
		t.Errorf("got %s, %v, want no keys where they are not known", got, err)
	}
}
