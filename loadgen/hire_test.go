package loadgen

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// At 20 000/s a machine that pauses for 100 ms leaves 2 000 arrivals that are due at
// once. Users who are quick take them, and few new ones are started.
func TestPauseStartsNoStormOfUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(100 * time.Microsecond)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		paused := false
		g.Pause = func(_ context.Context, at time.Time) error {
			if !paused && at.Sub(g.Start) >= 100*time.Millisecond {
				paused = true
				at = at.Add(100 * time.Millisecond)
			}
			time.Sleep(time.Until(at))
			return nil
		}
		g.RunOpen(t.Context(), nil, every(50*time.Microsecond, 8000))
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 8000, Succeeded: 8000})
		if got := slices.Max(target.users) + 1; got > 100 {
			t.Errorf("%d users, want at most 100", got)
		}
	})
}

// A target that takes 100 ms needs 2 000 users for 20 000/s. They are there soon, and
// what waited for them meanwhile is late by what the pace of starting makes it.
func TestSlowTargetHasItsUsersSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(100 * time.Millisecond)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		g.RunOpen(t.Context(), nil, every(50*time.Microsecond, 20000))
		got := total(g)
		wantCounts(t, got.Counts, measure.Counts{Planned: 20000, Succeeded: 20000})
		first := target.sent[slices.Index(target.users, 1999)]
		if first > 200*time.Millisecond {
			t.Errorf("user 2000 sent first after %v, want at most 200ms", first)
		}
		if most := got.Lag.Max(); most > 100*time.Millisecond {
			t.Errorf("lag up to %v, want at most 100ms", most)
		}
	})
}
