package loadgen

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
)

// offered is the area below the live rate of a steady plan, by its changes.
func offered(rate float64, end time.Duration, changes []Change) float64 {
	sum := 0.0
	now := Change{Factor: 1}
	for _, next := range append(changes, Change{At: never}) {
		if !now.Paused && now.Position < end {
			length := min(next.At-now.At, end-now.Position)
			sum += length.Seconds() * (now.Factor*rate + now.Fixed)
		}
		now = next
	}
	return sum
}

// Whatever is done to a run: every request is accounted for, at any second; there are as
// many arrivals as the area below the live rate, and none is late.
func TestSteeredRuns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlot(rt)
		gentle := rapid.Bool().Draw(rt, "gentle") // nothing but the control changes what is sent
		if gentle {
			p.closed, p.stop, p.cancel, p.drain, p.maxInFlight, p.maxConnections = false, 0, 0, time.Minute, 0, 0
		}
		rate := rapid.SampledFrom([]float64{0, 0.3, 7, 20, 99.9}).Draw(rt, "rate")
		end := 7 * time.Second
		course := newCourse(rate, end)
		var doings []doing
		for range rapid.IntRange(0, 8).Draw(rt, "doings") {
			at := time.Duration(rapid.IntRange(0, 8000).Draw(rt, "at"))*time.Millisecond + 1
			doings = append(doings, doing{at, rapid.SampledFrom([]func(*Control) error{
				pause, resume, resume, resume, skip, scale(0), scale(0.5), scale(1.1), scale(3), hold(0), hold(30), hold(0.7), step(1.1), step(0.9),
			}).Draw(rt, "do")})
		}
		doings = append(doings, doing{8001 * time.Millisecond, resume})
		p.steered = &steered{course: course, doings: doings}
		cuts, result, table := p.run(t)
		sums := measure.NewTotals(table, nil)
		for i := range cuts {
			sums.Add(&cuts[i])
			for _, series := range table {
				if got := sums.Select(func(s measure.Series) bool { return s == series }); !got.Balanced() || got.InFlight < 0 {
					rt.Fatalf("cut %d, %+v: %+v", i, series, got.Counts)
				}
			}
		}
		changes := p.steered.changes
		if !gentle {
			return
		}
		if off := float64(result.Arrivals) - offered(rate, end, changes); off < -1e-6 || off > 1+1e-6 {
			rt.Fatalf("%d arrivals where the area is %v: %+v", result.Arrivals, offered(rate, end, changes), changes)
		}
		if got := sums.Select(nil); got.Lag.Max() > 0 || got.InFlight != 0 || got.Unsent != 0 {
			rt.Fatalf("%+v, lag up to %v", got.Counts, got.Lag.Max())
		}
	})
}

// Many hands on one control do no harm.
func TestManyHands(t *testing.T) {
	for _, closed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g, target, c := minute(t)
			var mu sync.Mutex
			var changes []Change
			g.Control = &Control{Turn: c.turn, Changed: func(c Change) {
				mu.Lock()
				defer mu.Unlock()
				changes = append(changes, c)
			}}
			c.rate, target.delay = 10, always(300*time.Millisecond)
			var hands sync.WaitGroup
			for hand := range 8 {
				hands.Go(func() {
					for i := range 50 {
						time.Sleep(time.Duration(hand*37+i*11+1) * time.Millisecond)
						do := []func(*Control) error{pause, resume, scale(2), hold(7), step(0.5), resume}[(hand+i)%6]
						if err := do(g.Control); err != nil && !errors.Is(err, ErrNotRunning) {
							t.Error(err)
						}
						g.Control.State()
					}
				})
			}
			time.AfterFunc(time.Minute, func() { _ = g.Control.Resume(by) })
			var result Result
			if closed {
				result = g.RunClosed(t.Context(), nil, c.users, 0)
			} else {
				result = g.RunOpen(t.Context(), nil, c.arrivals)
			}
			hands.Wait()
			got := total(g)
			if got.InFlight != 0 || got.Finished() != got.Planned || got.Planned != result.Arrivals || int(result.Arrivals) != len(target.sent) {
				t.Errorf("%+v in %+v", got.Counts, result)
			}
			if !slices.IsSortedFunc(changes, func(a, b Change) int { return int(a.At - b.At) }) || len(changes) < 50 {
				t.Errorf("%d changes, or not in order", len(changes))
			}
			if off := float64(result.Arrivals) - offered(c.rate, time.Minute, changes); !closed && (off < -1e-6 || off > 1+1e-6) {
				t.Errorf("%d arrivals, off by %v", result.Arrivals, off)
			}
		})
	}
}

// Whoever changes the load may have to wait for a processor: arrivals that begin meanwhile
// are from before the change, as its time says.
func TestSlowHand(t *testing.T) {
	for _, do := range []func(*Control) error{scale(0), hold(250), step(0.5)} {
		synctest.Test(t, func(t *testing.T) {
			g, target, c := minute(t)
			g.Control = &Control{Allows: func(_, _ float64) error {
				time.Sleep(time.Second)
				return nil
			}}
			result, changes := steer(t, g, target, c, doing{10*time.Second + halfway, do})
			if off := float64(result.Arrivals) - offered(100, time.Minute, changes); len(changes) != 1 || off < -1e-6 || off > 1+1e-6 {
				t.Errorf("%d arrivals are %v off: %+v", result.Arrivals, off, changes)
			}
		})
	}
}
