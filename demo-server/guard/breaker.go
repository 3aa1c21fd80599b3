package guard

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// maxUntold bounds the changes that wait for a slow OnChange.
const maxUntold = 1000

// A State is that of a circuit breaker.
type State int

// The states of a breaker. An open breaker becomes half-open by the first call after its
// timeout, not by the timeout itself: nobody probes a dependency that nobody needs.
const (
	Closed   State = iota // calls are made
	Open                  // calls are refused
	HalfOpen              // a few calls are made, to see whether the dependency recovered
)

// String returns closed, open or half-open.
func (s State) String() string {
	switch s {
	case Open:
		return "open"
	case HalfOpen:
		return "half-open"
	default:
		return "closed"
	}
}

// A Change is a breaker going from one state to another.
type Change struct {
	Name     string // of the dependency
	From, To State
	At       time.Time
}

// A permit is the right to one call. It holds for one era: what it finds out about the
// dependency is out of date once the breaker has changed its state.
type permit struct{ era uint64 }

// A breaker is the policy with what it lacks: eras, probes that come to nothing, and
// changes told in order. All calls of the policy are made under mu.
type breaker struct {
	name     string
	onChange func(Change)
	log      *slog.Logger
	policy   circuitbreaker.CircuitBreaker[any]

	mu      sync.Mutex
	state   State
	since   time.Time
	era     uint64 // changes of state so far
	opened  uint64 // how many of these were to Open
	spare   int    // permits of this era's probes that were given up
	untold  []Change
	telling bool // somebody is calling onChange
}

func newBreaker(config Config) *breaker {
	b := &breaker{name: config.Name, onChange: config.OnChange, log: config.Log, since: time.Now()}
	b.policy = circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(uint(config.FailureThreshold)).
		WithSuccessThreshold(uint(config.SuccessThreshold)).
		WithDelay(config.Timeout).
		OnStateChanged(b.changed).
		Build()
	return b
}

// acquire returns a permit for one call, or reports false.
func (b *breaker) acquire(ctx context.Context) (permit, bool) {
	b.mu.Lock()
	ok := b.spare > 0
	if ok {
		b.spare--
	} else {
		ok = b.policy.TryAcquirePermit()
	}
	p, news := permit{b.era}, len(b.untold) > 0
	b.mu.Unlock()
	if news {
		b.tell(ctx)
	}
	return p, ok
}

// settle gives a permit back with what came of the call.
func (b *breaker) settle(ctx context.Context, p permit, o outcome) {
	b.mu.Lock()
	switch {
	case p.era != b.era:
	case o == cancelled:
		if b.state == HalfOpen {
			b.spare++
		}
	case o == succeeded:
		b.policy.RecordSuccess()
	default:
		b.policy.RecordFailure()
	}
	news := len(b.untold) > 0
	b.mu.Unlock()
	if news {
		b.tell(ctx)
	}
}

// changed is called by the policy, and so under mu.
func (b *breaker) changed(event circuitbreaker.StateChangedEvent) {
	from := b.state
	switch event.NewState {
	case circuitbreaker.OpenState:
		b.state = Open
		b.opened++
	case circuitbreaker.HalfOpenState:
		b.state = HalfOpen
	default:
		b.state = Closed
	}
	b.era++
	b.spare = 0
	b.since = time.Now()
	if len(b.untold) < maxUntold {
		b.untold = append(b.untold, Change{Name: b.name, From: from, To: b.state, At: b.since})
	}
}

// tell passes changes on outside the lock. One goroutine at a time does; whoever comes
// meanwhile, from within onChange too, leaves its changes to that one.
func (b *breaker) tell(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.telling {
		return
	}
	b.telling = true
	defer func() { b.telling = false }()
	for len(b.untold) > 0 {
		change := b.untold[0]
		b.untold = b.untold[1:]
		b.report(ctx, change)
	}
}

// report lets go of the lock while it calls out, and has it again even after a panic.
func (b *breaker) report(ctx context.Context, c Change) {
	b.mu.Unlock()
	defer b.mu.Lock()
	b.log.LogAttrs(ctx, slog.LevelWarn, "circuit breaker",
		slog.String("dependency", c.Name), slog.String("from", c.From.String()), slog.String("to", c.To.String()))
	if b.onChange != nil {
		b.onChange(c)
	}
}

// describe adds how the breaker stands.
func (b *breaker) describe(s *Stats) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.State = b.state
	s.InState = time.Since(b.since)
	s.ProbesIn = b.policy.RemainingDelay()
	s.Opened = b.opened
}
