// Package guard stands between a server and something it depends on, so that a
// dependency in trouble costs the server neither its time nor its workers.
//
// It does not know what a call is or who is called: no HTTP, no payment. It never calls
// twice: who may repeat a call knows what the call does.
//
// The main type is [Guard], one for each dependency. A call goes through it in these
// steps: the bulkhead has a place for it, or refuses it; the circuit breaker is closed,
// or half-open with a probe to give away, or refuses it; the call is made, its context
// ending after the call timeout; its outcome moves the breaker on and is counted; and
// when the dependency did not answer, the fallback does.
//
// The policies are those of failsafe-go. They are asked one by one rather than composed,
// because a composed breaker counts a call in whatever state it ends in: a slow call
// from before an outage would pass for a probe, and one that panics would keep its
// permit for ever.
package guard

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/timeout"

	"github.com/floodmark/floodmark/demo-server/tally"
)

var (
	// ErrOpen says that the circuit breaker is open and nobody was called.
	ErrOpen = errors.New("the circuit breaker is open")
	// ErrFull says that as many calls as the bulkhead takes are under way.
	ErrFull = errors.New("the bulkhead is full")
	// ErrTimeout says that a call took longer than its timeout.
	ErrTimeout = errors.New("the call timed out")
)

// A Guard guards one dependency. Its methods may be called by any number of goroutines
// at once. It is made by New, starts no goroutine and needs no end.
type Guard struct {
	config  Config
	places  bulkhead.Bulkhead[any] // nil: any number
	limit   timeout.Timeout[any]   // nil: none
	breaker *breaker
	tally   tally.Tally[outcome]
	helped  atomic.Uint64 // how often a fallback answered

	open, full, late error // made once: a refusal must cost nothing
}

// New returns a guard whose breaker is closed.
func New(config Config) (*Guard, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	g := &Guard{
		config:  config,
		breaker: newBreaker(config),
		open:    fmt.Errorf("%s: %w", config.Name, ErrOpen),
		full:    fmt.Errorf("%s: %w", config.Name, ErrFull),
		late:    fmt.Errorf("%s: %w after %v", config.Name, ErrTimeout, config.CallTimeout),
	}
	if config.Bulkhead > 0 {
		g.places = bulkhead.New[any](uint(config.Bulkhead))
	}
	if config.CallTimeout > 0 {
		g.limit = timeout.New[any](config.CallTimeout)
	}
	return g, nil
}

// Do makes a call, unless the guard refuses it, and returns its error, ErrOpen, ErrFull,
// ErrTimeout, or what the configured fallback returns instead of one of these.
//
// The call runs in the goroutine of the caller and must end when its context does: one
// that does not is waited for. A panic passes through, and counts as a failure.
func (g *Guard) Do(ctx context.Context, call func(context.Context) error) error {
	return g.DoOr(ctx, call, g.config.Fallback)
}

// DoOr is Do with a fallback of this call's own, which knows what was to be done; nil
// is none. A fallback is not asked for a call that its caller gave up, nor for an error
// that is no failure.
func (g *Guard) DoOr(ctx context.Context, call func(context.Context) error, fallback Fallback) error {
	outcome, err := g.try(ctx, call)
	if fallback == nil || outcome == succeeded || outcome == cancelled {
		return err
	}
	err = fallback(ctx, err)
	if err == nil {
		g.helped.Add(1)
	}
	return err
}

// try is a call without fallback.
func (g *Guard) try(ctx context.Context, call func(context.Context) error) (outcome outcome, err error) {
	g.tally.Begin()
	outcome = failed // what a panic leaves behind
	defer func() { g.tally.End(outcome) }()
	if err := ctx.Err(); err != nil {
		outcome = cancelled
		return outcome, err
	}
	if g.places != nil {
		if !g.places.TryAcquirePermit() {
			outcome = bulkheadFull
			return outcome, g.full
		}
		defer g.places.ReleasePermit()
	}
	permit, ok := g.breaker.acquire(ctx)
	if !ok {
		outcome = shortCircuited
		return outcome, g.open
	}
	defer func() { g.breaker.settle(ctx, permit, outcome) }()
	err = g.run(ctx, call)
	if errors.Is(err, timeout.ErrExceeded) {
		err = g.late
	}
	outcome = g.judge(ctx, err)
	return outcome, err
}

// run makes the call within the call timeout.
func (g *Guard) run(ctx context.Context, call func(context.Context) error) error {
	if g.limit == nil {
		return call(ctx)
	}
	return failsafe.With[any](g.limit).WithContext(ctx).RunWithExecution(func(e failsafe.Execution[any]) error { //nolint:contextcheck // the execution's context is a child of ctx
		return call(e.Context())
	})
}

// judge finds out what an error of a call says about the dependency. Who gives up says
// nothing about it; whose deadline passes was kept waiting for too long.
func (g *Guard) judge(ctx context.Context, err error) outcome {
	switch {
	case err == nil:
		return succeeded
	case errors.Is(err, ErrTimeout), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return timedOut
	case ctx.Err() != nil:
		return cancelled
	case g.config.IsFailure != nil && !g.config.IsFailure(err):
		return succeeded
	case errors.Is(err, context.DeadlineExceeded):
		return timedOut // a limit inside the call
	}
	return failed
}

// Stats returns the guard's counts since it was made, and how it stands.
func (g *Guard) Stats() Stats {
	helped := g.helped.Load() // before those that needed it, since it must not be more
	s := statsOf(g.tally.Read(), helped)
	g.breaker.describe(&s)
	return s
}
