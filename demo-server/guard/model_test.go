package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// A model is the breaker as a textbook has it.
type model struct {
	failures, successes int // the thresholds
	timeout             time.Duration

	state    State
	era      int
	inARow   int // failures while closed, successes while half-open
	out      int // probes under way
	openedAt time.Time
}

func (m *model) to(s State) {
	m.state, m.inARow, m.out = s, 0, 0
	m.era++
	m.openedAt = time.Now()
}

// begin reports whether a call is made, and in which era.
func (m *model) begin() (era int, ok bool) {
	if m.state == Open && time.Since(m.openedAt) >= m.timeout {
		m.to(HalfOpen)
	}
	switch {
	case m.state == Open, m.state == HalfOpen && m.out == m.successes:
		return 0, false
	case m.state == HalfOpen:
		m.out++
	}
	return m.era, true
}

func (m *model) end(era int, err error) {
	if era != m.era {
		return
	}
	m.out--
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil && m.state == HalfOpen:
		m.to(Open)
	case err != nil:
		if m.inARow++; m.inARow == m.failures {
			m.to(Open)
		}
	case m.state == Closed:
		m.inARow = 0
	default:
		if m.inARow++; m.inARow == m.successes {
			m.to(Closed)
		}
	}
}

// A held call waits for the test to say how it ends.
type held struct {
	era    int
	how    chan error
	cancel context.CancelFunc
}

// A move is one step of the state machine: a call begins, the index-th of those under way
// ends so, or time passes.
type move struct {
	kind  string
	index int
	err   error
	pause time.Duration
}

func drawMoves(t *rapid.T) []move {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) move {
		return move{
			kind:  rapid.SampledFrom([]string{"begin", "begin", "begin", "end", "end", "pause"}).Draw(t, "kind"),
			index: rapid.IntRange(0, 9).Draw(t, "index"),
			err:   rapid.SampledFrom([]error{nil, nil, errDown, errDown, context.Canceled}).Draw(t, "error"),
			pause: time.Duration(rapid.SampledFrom([]int{1, 99, 100, 101}).Draw(t, "ms")) * time.Millisecond,
		}
	}), 40, 120).Draw(t, "moves")
}

// Whatever calls overlap, the guard refuses and moves exactly as the model does, its
// changes are those of the model in order, and its counters add up.
func TestGuardFollowsTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{
			failures: rapid.IntRange(1, 4).Draw(rt, "failures"), successes: rapid.IntRange(1, 3).Draw(rt, "successes"),
			timeout: 100 * time.Millisecond,
		}
		moves := drawMoves(rt)
		if fault := follow(t, m, moves); fault != "" {
			rt.Fatal(fault)
		}
	})
}

// follow plays the moves and returns the first difference.
func follow(t *testing.T, m *model, moves []move) (fault string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var changes, want []State
		g := build(t, Config{
			FailureThreshold: m.failures, SuccessThreshold: m.successes, Timeout: m.timeout,
			OnChange: func(c Change) { changes = append(changes, c.From, c.To) },
		})
		var calls []held
		var group sync.WaitGroup
		defer group.Wait()
		defer func() {
			for _, c := range calls {
				c.how <- nil
				c.cancel()
			}
		}()
		for i, mv := range moves {
			before := m.state
			refused := uint64(0)
			if was := g.Stats().ShortCircuited; mv.kind == "begin" {
				era, ok := m.begin()
				if m.state != before {
					want = append(want, before, m.state)
					before = m.state
				}
				c := begin(&group, g)
				refused = g.Stats().ShortCircuited - was
				if ok != (refused == 0) {
					fault = fmt.Sprintf("move %d: refused %d, model lets in: %v", i, refused, ok)
				}
				if c.era = era; ok {
					calls = append(calls, c)
				} else {
					c.how <- nil
					c.cancel()
				}
			}
			if mv.kind == "end" && len(calls) > 0 {
				at := mv.index % len(calls)
				c := calls[at]
				calls = slices.Delete(calls, at, at+1)
				m.end(c.era, mv.err)
				if errors.Is(mv.err, context.Canceled) {
					c.cancel()
				}
				c.how <- mv.err
				synctest.Wait()
				c.cancel()
			}
			if mv.kind == "pause" {
				time.Sleep(mv.pause)
			}
			if m.state != before {
				want = append(want, before, m.state)
			}
			s := g.Stats()
			wantSum(t, s)
			if fault == "" && s.State != m.state {
				fault = fmt.Sprintf("move %d: the breaker is %v, the model %v", i, s.State, m.state)
			}
			if fault == "" && s.InFlight != uint64(len(calls)) {
				fault = fmt.Sprintf("move %d: %d in flight, want %d", i, s.InFlight, len(calls))
			}
			if fault == "" && !slices.Equal(changes, want) {
				fault = fmt.Sprintf("move %d: changes %v, want %v", i, changes, want)
			}
			if fault != "" {
				return
			}
		}
	})
	return fault
}

// begin starts a call and returns when it is under way, or refused.
func begin(group *sync.WaitGroup, g *Guard) held {
	ctx, cancel := context.WithCancel(context.Background())
	c := held{how: make(chan error, 1), cancel: cancel}
	group.Go(func() {
		_ = g.Do(ctx, func(context.Context) error { return <-c.how })
	})
	synctest.Wait()
	return c
}

// A slow call from before an outage is no probe, however it ends.
func TestCallFromBeforeTheOutage(t *testing.T) {
	for _, err := range []error{nil, errDown} {
		synctest.Test(t, func(t *testing.T) {
			g := build(t, Config{FailureThreshold: 1, SuccessThreshold: 1, Timeout: time.Second})
			var group sync.WaitGroup
			slow := begin(&group, g)
			play(t, g, "x..........")
			probe := begin(&group, g)
			slow.how <- err
			synctest.Wait()
			if got := g.Stats().State; got != HalfOpen {
				t.Errorf("after the slow call's %v: got %v, want half-open", err, got)
			}
			probe.how <- nil
			group.Wait()
			if got := g.Stats().State; got != Closed {
				t.Errorf("after the probe: got %v, want closed", got)
			}
			slow.cancel()
			probe.cancel()
		})
	}
}

// Under load from many goroutines nothing is lost, which -race looks at, too.
func TestConcurrentCallsAddUp(t *testing.T) {
	g := build(t, Config{FailureThreshold: 3, SuccessThreshold: 2, Timeout: time.Microsecond, CallTimeout: time.Minute, Bulkhead: 4})
	var group sync.WaitGroup
	const each, callers = 500, 8
	for caller := range callers {
		group.Go(func() {
			for i := range each {
				_ = g.Do(context.Background(), func(context.Context) error {
					if (i+caller)%3 == 0 {
						return errDown
					}
					return nil
				})
			}
		})
	}
	group.Wait()
	s := g.Stats()
	wantSum(t, s)
	if s.Calls != each*callers || s.InFlight != 0 {
		t.Errorf("got %+v, want %d calls", s, each*callers)
	}
}
