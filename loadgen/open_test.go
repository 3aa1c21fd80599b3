package loadgen

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/measure"
)

func TestOpenStartsOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(300 * time.Millisecond)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		at := []time.Duration{0, 0, time.Millisecond, 7 * time.Second, time.Hour + 1}
		result := g.RunOpen(t.Context(), nil, slices.Values(at))
		if !slices.Equal(target.sent, at) {
			t.Errorf("sent at %v, want %v", target.sent, at)
		}
		want := Result{Started: g.Start, Elapsed: time.Hour + 1 + 300*time.Millisecond, Drained: 300 * time.Millisecond, Arrivals: 5}
		if result != want {
			t.Errorf("result = %+v, want %+v", result, want)
		}
		got := total(g)
		wantCounts(t, got.Counts, measure.Counts{Planned: 5, Succeeded: 5})
		if got.Lag.Max() != 0 || got.Response.Min() != 300*time.Millisecond || got.Response.Max() != 300*time.Millisecond {
			t.Errorf("lag up to %v, response %v to %v", got.Lag.Max(), got.Response.Min(), got.Response.Max())
		}
	})
}

func TestOpenBeginsInTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(time.Second)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		g.Start = g.Start.Add(time.Minute)
		g.RunOpen(t.Context(), nil, every(time.Second, 2))
		if want := []time.Duration{time.Minute, time.Minute + time.Second}; !slices.Equal(target.sent, want) {
			t.Errorf("sent at %v, want %v", target.sent, want)
		}
	})
}

// A target that freezes from 6 s to 12 s of a 30 s run at 100/s: 600 requests wait
// for its end, evenly from 6 s down to 10 ms, however many connections they have.
func TestStallIsCounted(t *testing.T) {
	const freeze, thaw = 6 * time.Second, 12 * time.Second
	for _, connections := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			target := &fakeTarget{delay: func(sent time.Duration) time.Duration {
				if sent < freeze || sent >= thaw {
					return 0
				}
				return thaw - sent
			}}
			g := setUp(t, target, mixOf(t, get(t, "a")))
			g.MaxConnections = connections
			result := g.RunOpen(t.Context(), nil, every(10*time.Millisecond, 3000))
			if want := 29990 * time.Millisecond; result.Elapsed != want {
				t.Errorf("%d connections: elapsed %v, want %v", connections, result.Elapsed, want)
			}
			got := total(g)
			wantCounts(t, got.Counts, measure.Counts{Planned: 3000, Succeeded: 3000})
			near(t, "response p50", got.Response.Quantile(0.5), 0)
			near(t, "response p90", got.Response.Quantile(0.9), 3*time.Second)
			near(t, "response p99", got.Response.Quantile(0.99), 5700*time.Millisecond)
			near(t, "response max", got.Response.Max(), 6*time.Second)
			if got.Response.Sum() != 1803*time.Second { // 10 ms · (1 + … + 600)
				t.Errorf("sum of responses = %v, want 30m3s", got.Response.Sum())
			}
			if connections == 0 {
				near(t, "lag max", got.Lag.Max(), 0)
				near(t, "service max", got.Service.Max(), 6*time.Second)
				return
			}
			near(t, "service max", got.Service.Max(), 6*time.Second)
			if slow := got.Service.Count() - got.Service.CountAtMost(time.Millisecond); slow != 1 {
				t.Errorf("%d requests of slow service, want 1", slow)
			}
			near(t, "lag max", got.Lag.Max(), 5990*time.Millisecond)
			if got.Lag.Sum() != 1797*time.Second {
				t.Errorf("sum of lags = %v, want 29m57s", got.Lag.Sum())
			}
			if slices.Max(target.users) != 0 {
				t.Errorf("user %d sent, want user 0 alone", slices.Max(target.users))
			}
		})
	}
}

// near compares durations that went through a histogram of three digits.
func near(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if (got - want).Abs() > max(want/1000, time.Microsecond) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func TestUnsentBeyondMaxInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(-1)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		g.MaxInFlight, g.MaxConnections, g.Drain = 10, 3, time.Second
		result := g.RunOpen(t.Context(), nil, every(10*time.Millisecond, 100))
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 100, Unsent: 90, InFlight: 10})
		if len(target.sent) != 3 {
			t.Errorf("%d sent, want 3 and 7 waiting", len(target.sent))
		}
		if result.Arrivals != 100 || result.Drained != time.Second || result.Stopped {
			t.Errorf("result = %+v", result)
		}
	})
}

func TestUnsentEndsWhenThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(950 * time.Millisecond)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		g.MaxInFlight = 1
		g.RunOpen(t.Context(), nil, every(100*time.Millisecond, 30))
		want := []time.Duration{0, time.Second, 2 * time.Second}
		if !slices.Equal(target.sent, want) {
			t.Errorf("sent at %v, want %v", target.sent, want)
		}
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 30, Succeeded: 3, Unsent: 27})
	})
}

func TestWaitingArrivalsGoInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := setUp(t, &fakeTarget{delay: always(time.Second)}, mixOf(t, get(t, "a")))
		g.MaxConnections = 1
		g.RunOpen(t.Context(), nil, every(100*time.Millisecond, 40))
		got := total(g)
		// In order, each waits 900 ms longer than the one before; any other order
		// has a longer longest wait or a shorter one.
		near(t, "response max", got.Response.Max(), time.Second+39*900*time.Millisecond)
		near(t, "response p50", got.Response.Quantile(0.5), time.Second+19*900*time.Millisecond)
	})
}

func TestWarmestUserIsTakenFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: func(sent time.Duration) time.Duration {
			if sent == time.Millisecond {
				return 300 * time.Millisecond // so user 1 is free last
			}
			return 100 * time.Millisecond
		}}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		at := []time.Duration{0, time.Millisecond, 2 * time.Millisecond, time.Second, 2 * time.Second, 3 * time.Second}
		g.RunOpen(t.Context(), nil, slices.Values(at))
		if want := []int{0, 1, 2, 1, 1, 1}; !slices.Equal(target.users, want) {
			t.Errorf("users %v, want %v", target.users, want)
		}
		if got := target.closed.Load(); got != 3 {
			t.Errorf("%d senders closed, want 3", got)
		}
	})
}

func TestDrainIsBounded(t *testing.T) {
	tests := []struct {
		name           string
		delay, drain   time.Duration
		drained        time.Duration
		finished, left int64
	}{
		{"enough", 3 * time.Second, 5 * time.Second, 3 * time.Second, 5, 0},
		{"too short", 3 * time.Second, 2500 * time.Millisecond, 2500 * time.Millisecond, 2, 3},
		{"none", 500 * time.Millisecond, 0, 0, 2, 3},
		{"never answered", -1, time.Second, time.Second, 0, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := setUp(t, &fakeTarget{delay: always(tt.delay)}, mixOf(t, get(t, "a")))
				g.Drain = tt.drain
				result := g.RunOpen(t.Context(), nil, every(200*time.Millisecond, 5))
				if result.Drained != tt.drained || result.Stopped {
					t.Errorf("result = %+v, want drained %v", result, tt.drained)
				}
				wantCounts(t, total(g).Counts, measure.Counts{Planned: 5, Succeeded: tt.finished, InFlight: tt.left})
			})
		})
	}
}

func TestOpenStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(2 * time.Second)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		stop := make(chan struct{})
		time.AfterFunc(1005*time.Millisecond, func() { close(stop) })
		result := g.RunOpen(t.Context(), stop, every(10*time.Millisecond, 3000))
		want := Result{Started: g.Start, Elapsed: 3 * time.Second, Drained: 1995 * time.Millisecond, Arrivals: 101, Stopped: true}
		if result != want {
			t.Errorf("result = %+v, want %+v", result, want)
		}
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 101, Succeeded: 101})
	})
}

func TestOpenIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(2 * time.Second)}
		g := setUp(t, target, mixOf(t, get(t, "a"), think(time.Second, time.Second), get(t, "b")))
		g.MaxConnections = 50
		ctx, cancel := context.WithTimeout(t.Context(), 2005*time.Millisecond)
		defer cancel()
		result := g.RunOpen(ctx, nil, every(10*time.Millisecond, 3000))
		if result.Elapsed != 2005*time.Millisecond || !result.Stopped || result.Arrivals != 201 {
			t.Errorf("result = %+v", result)
		}
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 201, Succeeded: 1, InFlight: 200})
		if got := target.closed.Load(); got != 50 {
			t.Errorf("%d senders closed, want 50", got)
		}
	})
}

func TestOpenWithNothingToDo(t *testing.T) {
	tests := []struct {
		name    string
		arrive  int
		stopped bool
		ended   bool
		want    Result
	}{
		{"no arrivals", 0, false, false, Result{}},
		{"stopped before", 5, true, false, Result{Stopped: true}},
		{"cancelled before", 5, false, true, Result{Stopped: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := setUp(t, &fakeTarget{}, mixOf(t, get(t, "a")))
				g.Start = g.Start.Add(time.Second) // so that stopping comes first
				stop := make(chan struct{})
				if tt.stopped {
					close(stop)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.ended {
					cancel()
				}
				got := g.RunOpen(ctx, stop, every(time.Second, tt.arrive))
				if got.Arrivals != 0 || got.Stopped != tt.want.Stopped {
					t.Errorf("result = %+v, want %+v", got, tt.want)
				}
				wantCounts(t, total(g).Counts, measure.Counts{})
			})
		})
	}
}

// The caller's own sleeper is used, and its end is the arrivals' end.
func TestSleepIsTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		var mu sync.Mutex
		var asked []time.Duration
		g.Sleep = func(_ context.Context, at time.Time) error {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, at.Sub(g.Start))
			if len(asked) == 3 {
				return errors.New("closed")
			}
			time.Sleep(time.Until(at) + time.Millisecond)
			return nil
		}
		result := g.RunOpen(t.Context(), nil, every(time.Second, 9))
		if want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}; !slices.Equal(asked, want) {
			t.Errorf("asked for %v, want %v", asked, want)
		}
		if !result.Stopped || result.Arrivals != 3 {
			t.Errorf("result = %+v", result)
		}
		interval := g.Recorder.Cut(time.Since(g.Start))
		near(t, "pacing max", interval.Pacing.Max(), time.Millisecond)
		if got := interval.Pacing.Count(); got != 3 {
			t.Errorf("paced %d, want 3", got)
		}
	})
}

// A pacer that was held up sends what is late at once, none of it dropped, and the
// wait counts from the schedule's instants.
func TestLateArrivalsKeepTheirSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(time.Millisecond)}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		g.Sleep = func(_ context.Context, at time.Time) error {
			if at.Equal(g.Start.Add(time.Second)) {
				at = at.Add(time.Second)
			}
			time.Sleep(time.Until(at))
			return nil
		}
		g.RunOpen(t.Context(), nil, every(100*time.Millisecond, 30))
		got := total(g)
		wantCounts(t, got.Counts, measure.Counts{Planned: 30, Succeeded: 30})
		if at := 2 * time.Second; !slices.Equal(target.sent[10:21], slices.Repeat([]time.Duration{at}, 11)) {
			t.Errorf("sent at %v, want ten late ones at %v", target.sent, at)
		}
		// Lags of 1 s, 0.9 s … 0.1 s.
		if got.Lag.Sum() != 5500*time.Millisecond || got.Late != 10 {
			t.Errorf("sum of lags = %v, %d late, want 5.5s and 10", got.Lag.Sum(), got.Late)
		}
		near(t, "response max", got.Response.Max(), 1001*time.Millisecond)
		near(t, "service max", got.Service.Max(), time.Millisecond)
	})
}
