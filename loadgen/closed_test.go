package loadgen

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// crowdOf returns n spans of the same length.
func crowdOf(n int, span Span) func(func(Span) bool) {
	return slices.Values(slices.Repeat([]Span{span}, n))
}

func TestClosedLoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(300 * time.Millisecond)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		result := g.RunClosed(t.Context(), nil, crowdOf(3, Span{0, 10 * time.Second}), 0)
		// Iterations begin at 0, 0.3 … 9.9 s: 34 a user; the last is finished.
		want := Result{Started: g.Start, Elapsed: 10200 * time.Millisecond, Drained: 200 * time.Millisecond, Arrivals: 102}
		if result != want {
			t.Errorf("result = %+v, want %+v", result, want)
		}
		got := total(g)
		wantCounts(t, got.Counts, measure.Counts{Planned: 102, Succeeded: 102})
		if got.Lag.Max() != 0 || got.Response.Max() != 300*time.Millisecond {
			t.Errorf("lag up to %v, response up to %v", got.Lag.Max(), got.Response.Max())
		}
		if target.closed.Load() != 3 {
			t.Errorf("%d senders closed, want 3", target.closed.Load())
		}
	})
}

// A slow target slows its users down, and nobody is late.
func TestClosedWaitsForTheTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: func(sent time.Duration) time.Duration {
			if sent >= 4*time.Second && sent < 10*time.Second {
				return 10*time.Second - sent
			}
			return time.Second
		}}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		g.RunClosed(t.Context(), nil, crowdOf(2, Span{0, 12 * time.Second}), 0)
		got := total(g)
		wantCounts(t, got.Counts, measure.Counts{Planned: 14, Succeeded: 14})
		near(t, "lag max", got.Lag.Max(), 0)
		near(t, "response max", got.Response.Max(), 6*time.Second)
	})
}

func TestClosedRamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(time.Second)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		spans := []Span{{0, 6 * time.Second}, {time.Second, 5 * time.Second}, {2 * time.Second, 4 * time.Second}, {8 * time.Second, 9 * time.Second}}
		result := g.RunClosed(t.Context(), nil, slices.Values(spans), 0)
		if want := int64(6 + 4 + 2 + 1); result.Arrivals != want || result.Elapsed != 9*time.Second {
			t.Errorf("result = %+v, want %d arrivals in 9s", result, want)
		}
		bySecond := map[time.Duration]int{}
		for _, sent := range target.sent {
			bySecond[sent.Truncate(time.Second)]++
		}
		for second, want := range []int{1, 2, 3, 3, 2, 1, 0, 0, 1, 0} {
			if got := bySecond[time.Duration(second)*time.Second]; got != want {
				t.Errorf("second %d: %d sent, want %d", second, got, want)
			}
		}
	})
}

func TestClosedIterations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(time.Second)}
		g := setUp(t, target, mixOf(t, get(t, "a"), think(time.Second, time.Second), get(t, "b")))
		result := g.RunClosed(t.Context(), nil, crowdOf(3, Span{0, time.Hour}), 10)
		// Three at a time, three seconds each: the tenth ends after 12 s.
		if result.Arrivals != 10 || result.Elapsed != 12*time.Second || result.Stopped {
			t.Errorf("result = %+v, want 10 arrivals in 12s", result)
		}
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 20, Succeeded: 20})
	})
}

// The iteration under way when a user's time ends is finished, up to a pause that
// would last beyond it, and at most Drain after.
func TestClosedEnds(t *testing.T) {
	tests := []struct {
		name          string
		delay, pause  time.Duration
		drain         time.Duration
		sent          []time.Duration
		finished      int64
		left          int64
		elapsed, rest time.Duration
	}{
		{"in a request", 4 * time.Second, time.Second, time.Minute, []time.Duration{0, 5 * time.Second, 9 * time.Second}, 3, 0, 13 * time.Second, 3 * time.Second},
		{"in a pause", 4 * time.Second, 7 * time.Second, time.Minute, []time.Duration{0}, 1, 0, 10 * time.Second, 0},
		{"before a pause", 11 * time.Second, 7 * time.Second, time.Minute, []time.Duration{0}, 1, 0, 11 * time.Second, time.Second},
		{"drain too short", 4 * time.Second, time.Second, 2 * time.Second, []time.Duration{0, 5 * time.Second, 9 * time.Second}, 2, 1, 12 * time.Second, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := &fakeTarget{delay: always(tt.delay)}
				g := setUp(t, target, mixOf(t, get(t, "a"), think(tt.pause, tt.pause), get(t, "b")))
				g.Drain = tt.drain
				result := g.RunClosed(t.Context(), nil, crowdOf(1, Span{0, 10 * time.Second}), 0)
				if !slices.Equal(target.sent, tt.sent) {
					t.Errorf("sent at %v, want %v", target.sent, tt.sent)
				}
				if result.Elapsed != tt.elapsed || result.Drained != tt.rest {
					t.Errorf("result = %+v, want elapsed %v, drained %v", result, tt.elapsed, tt.rest)
				}
				wantCounts(t, total(g).Counts, measure.Counts{Planned: tt.finished + tt.left, Succeeded: tt.finished, InFlight: tt.left})
			})
		})
	}
}

func TestClosedStops(t *testing.T) {
	tests := []struct {
		name    string
		hard    bool
		elapsed time.Duration
		counts  measure.Counts
	}{
		{"gracefully", false, 4 * time.Second, measure.Counts{Planned: 2, Succeeded: 2}},
		{"at once", true, 3 * time.Second, measure.Counts{Planned: 2, Succeeded: 1, InFlight: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := &fakeTarget{delay: always(2 * time.Second)}
				g := setUp(t, target, mixOf(t, get(t, "a"), think(time.Minute, time.Minute)))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				stop := make(chan struct{})
				time.AfterFunc(3*time.Second, func() {
					if tt.hard {
						cancel()
						return
					}
					close(stop)
				})
				// At 3 s the first user thinks, the second waits for an answer, and the
				// third is not there yet.
				spans := []Span{{0, time.Hour}, {2 * time.Second, time.Hour}, {5 * time.Second, time.Hour}}
				result := g.RunClosed(ctx, stop, slices.Values(spans), 0)
				if result.Elapsed != tt.elapsed || !result.Stopped || result.Arrivals != 2 {
					t.Errorf("result = %+v, want elapsed %v", result, tt.elapsed)
				}
				wantCounts(t, total(g).Counts, tt.counts)
			})
		})
	}
}

func TestClosedWithNothingToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := setUp(t, &fakeTarget{}, mixOf(t, get(t, "a")))
		result := g.RunClosed(t.Context(), nil, crowdOf(0, Span{}), 0)
		if want := (Result{Started: g.Start}); result != want {
			t.Errorf("no users: result = %+v, want %+v", result, want)
		}
		result = g.RunClosed(t.Context(), nil, crowdOf(4, Span{}), 0)
		if want := (Result{Started: g.Start}); result != want {
			t.Errorf("users of no time: result = %+v, want %+v", result, want)
		}
	})
}
