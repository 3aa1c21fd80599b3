// Package limit keeps clients from asking for more than they may.
//
// It knows HTTP and nothing of what is asked for, so any handler can be wrapped. It does
// not know who a client is either: a [Key] says so, by address, by a header, or by
// whatever a gateway has found out before.
//
// The main type is [Limiter]. A request goes through it in these steps: the key says
// whose it is; the [Store], in this process ([Memory]) or shared by all gateways
// ([Redis]), decides by the [Policy] and remembers it; the answer is told the limit in
// its headers; and the request passes, or waits its turn in a leaky bucket and passes, or
// is answered 429.
package limit

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/sleeper"
)

// A Store decides about requests, and keeps what decisions depend on. A decision about a
// key is atomic, whoever else asks. The policy is valid.
type Store interface {
	Decide(ctx context.Context, key string, p Policy) (Decision, error)
	Stats() StoreStats
}

// A Config says what to limit.
type Config struct {
	Policy Policy
	Key    Key   // whose a request is; nil: Global
	Store  Store // stays the caller's; nil: a Memory of its own

	// FailClosed answers 503 where the store cannot decide; false lets requests pass.
	FailClosed bool
	// Sleeper wakes those who wait in a leaky bucket; it stays the caller's, who closes it
	// after the last request. nil: runtime timers, a millisecond late.
	Sleeper *sleeper.Sleeper
	// Log is told when the store begins to fail, and when it no longer does; nil discards.
	Log *slog.Logger
}

// A Limiter lets requests pass, or not. It is made by New, has nothing to be closed, and
// its methods may be called by any number of goroutines at once.
type Limiter struct {
	config Config
	policy atomic.Pointer[Policy]
	failed atomic.Bool // the latest decision did

	mu    sync.Mutex
	stats Stats // the counters alone
}

// New returns a limiter. The error names all that is wrong with the policy.
func New(config Config) (*Limiter, error) {
	if config.Key == nil {
		config.Key = Global
	}
	if config.Store == nil {
		config.Store = new(Memory)
	}
	if config.Sleeper == nil {
		config.Sleeper = new(sleeper.Sleeper)
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	l := &Limiter{config: config}
	if err := l.SetPolicy(config.Policy); err != nil {
		return nil, err
	}
	return l, nil
}

// Policy returns the policy, with its defaults.
func (l *Limiter) Policy() Policy { return *l.policy.Load() }

// SetPolicy changes the policy for the requests that come from now on. Limit and Burst
// apply to what was counted already; another name, algorithm or window begins afresh. An
// error leaves things as they were.
func (l *Limiter) SetPolicy(p Policy) error {
	if err := p.Validate(); err != nil {
		return err
	}
	p = p.withDefaults()
	l.policy.Store(&p)
	return nil
}

// Handler returns next behind the limit.
func (l *Limiter) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.count(func(s *Stats) { s.Requests++; s.InFlight++ })
		outcome := l.judge(w.Header(), r)
		l.count(func(s *Stats) { s.InFlight--; *outcome.counter(s)++ })
		if outcome.passes() {
			next.ServeHTTP(w, r)
			return
		}
		outcome.answer(w)
	})
}

// judge returns what becomes of a request, when it may: after its wait. It writes what
// the client is told of its limit.
func (l *Limiter) judge(header http.Header, r *http.Request) outcome {
	ctx, policy := r.Context(), l.Policy()
	describePolicy(header, policy)
	d, err := l.config.Store.Decide(ctx, clip(l.config.Key(r)), policy)
	switch {
	case err != nil && ctx.Err() != nil:
		return abandoned
	case err != nil:
		return l.fail(header, err)
	}
	if l.failed.Load() && l.failed.Swap(false) {
		l.config.Log.Info("rate limits are kept again", "policy", policy.Name)
	}
	describe(header, policy, d)
	if !d.Admitted {
		return refused
	}
	if l.wait(ctx, d.Delay) != nil {
		return abandoned
	}
	return admitted
}

// fail says what becomes of a request that the store could not decide about.
func (l *Limiter) fail(header http.Header, err error) outcome {
	if !l.failed.Swap(true) {
		l.config.Log.Warn("rate limits are not kept: the store fails", "closed", l.config.FailClosed, "error", err)
	}
	if !l.config.FailClosed {
		return unchecked
	}
	header.Set("Retry-After", "1")
	return unavailable
}

// wait holds an admitted request until its turn.
func (l *Limiter) wait(ctx context.Context, delay time.Duration) error {
	if delay <= 0 {
		return nil
	}
	l.count(func(s *Stats) { s.Waiting++ })
	defer l.count(func(s *Stats) { s.Waiting-- })
	return l.config.Sleeper.Until(ctx, time.Now().Add(delay))
}

func (l *Limiter) count(change func(*Stats)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.stats)
}

// Stats returns what the limiter has done so far.
func (l *Limiter) Stats() Stats {
	l.mu.Lock()
	stats := l.stats
	l.mu.Unlock()
	stats.Policy, stats.Store = l.Policy(), l.config.Store.Stats()
	return stats
}
