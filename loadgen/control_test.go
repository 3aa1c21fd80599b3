package loadgen

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A pause of ten seconds moves all that follows by ten seconds, to the nanosecond, and
// nothing is late.
func TestPauseMovesThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, target, c := minute(t)
		result, changes := steer(t, g, target, c, doing{10*time.Second + halfway, pause}, doing{20*time.Second + halfway, resume})
		want := slices.Collect(every(10*time.Millisecond, 6000))
		for i := range want {
			if want[i] > 10*time.Second {
				want[i] += 10 * time.Second
			}
		}
		if !slices.Equal(target.sent, want) {
			t.Errorf("sent at %v …, want %v …", target.sent[1000:1003], want[1000:1003])
		}
		if result.Arrivals != 6000 || result.Elapsed != 70*time.Second-9*time.Millisecond || result.Stopped {
			t.Errorf("result = %+v", result)
		}
		got := totals(g)
		if sum := got.Select(nil); sum.Lag.Max() != 0 || sum.Succeeded != 6000 {
			t.Errorf("lag up to %v, %+v", sum.Lag.Max(), sum.Counts)
		}
		// The first stage lasted 20 s of the plan, 30 s of the run.
		if one := got.Select(func(s measure.Series) bool { return s.Stage == "one" }); one.Planned != 2000 {
			t.Errorf("%d requests in the first stage, want 2000", one.Planned)
		}
		wantChanges := []Change{
			{10*time.Second + halfway, by, Paused, "one", 10*time.Second + halfway, true, 1, 0},
			{20*time.Second + halfway, by, Resumed, "one", 10*time.Second + halfway, false, 1, 0},
		}
		if !slices.Equal(changes, wantChanges) {
			t.Errorf("changes = %+v, want %+v", changes, wantChanges)
		}
	})
}

// Stages last as long as they should, whatever the rate is; there are as many arrivals as
// the area below the live rate.
func TestLevelChangesTheRateAlone(t *testing.T) {
	tests := []struct {
		name         string
		doings       []doing
		first, after int // sent in the first 10 s and 5 ms, and in all
		one          int64
	}{
		{"a tenth more", []doing{{10*time.Second + halfway, scale(1.1)}}, 1001, 1001 + 5499, 1001 + 1099},
		{"half", []doing{{10*time.Second + halfway, scale(0.5)}}, 1001, 1001 + 2500, 1001 + 500},
		{"typed", []doing{{10*time.Second + halfway, hold(250)}}, 1001, 1001 + 12499, 1001 + 2499},
		{"two steps", []doing{{10*time.Second + halfway, step(2)}, {20*time.Second + halfway, step(0.5)}}, 1001, 7000, 3000},
		{"as planned again", []doing{{10*time.Second + halfway, hold(0)}, {20*time.Second + halfway, scale(1)}}, 1001, 5000, 1001},
		{"nothing to the end", []doing{{10*time.Second + halfway, scale(0)}}, 1001, 1001, 1001},
		{"a step of what is held", []doing{{10*time.Second + halfway, hold(50)}, {20*time.Second + halfway, step(2)}}, 1001, 1001 + 500 + 3999, 1001 + 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, target, c := minute(t)
				result, changes := steer(t, g, target, c, tt.doings...)
				if first := target.sentWithin(0, 10*time.Second+halfway); first != tt.first || len(target.sent) != tt.after {
					t.Errorf("%d sent first, %d in all, want %d and %d", first, len(target.sent), tt.first, tt.after)
				}
				if last := target.sent[len(target.sent)-1]; last >= time.Minute || result.Elapsed > time.Minute {
					t.Errorf("the last was sent at %v, and the run took %v", last, result.Elapsed)
				}
				if one := totals(g).Select(func(s measure.Series) bool { return s.Stage == "one" }); one.Planned != tt.one {
					t.Errorf("%d requests in the first stage, want %d", one.Planned, tt.one)
				}
				if len(changes) != len(tt.doings) || total(g).Lag.Max() != 0 {
					t.Errorf("%d changes, want %d", len(changes), len(tt.doings))
				}
			})
		})
	}
}

// After a change of the rate the next arrival comes when the area under the live rate
// says so: half of the gap has passed, and the other half is passed at the new pace.
func TestLevelChangesWithinAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(0)}
		g := setUp(t, target, mixOf(t, get(t, "a")), Stage{"one", 10 * time.Second, false})
		steer(t, g, target, newCourse(1, 10*time.Second), doing{2500 * time.Millisecond, scale(0.25)}, doing{8 * time.Second, scale(4)})
		want := []time.Duration{0, time.Second, 2 * time.Second, 4500 * time.Millisecond, 8031250 * time.Microsecond}
		for at := want[4]; at < 9750*time.Millisecond; {
			at += 250 * time.Millisecond
			want = append(want, at)
		}
		if !slices.Equal(target.sent, want) {
			t.Errorf("sent at %v, want %v", target.sent, want)
		}
	})
}

// A skip goes on at the end of the stage, and the run is that much shorter.
func TestSkip(t *testing.T) {
	tests := []struct {
		name    string
		doings  []doing
		one     int64
		all     int64
		elapsed time.Duration
	}{
		{"the first stage", []doing{{5*time.Second + halfway, skip}}, 501, 501 + 4000, 45*time.Second + halfway},
		{"the last one", []doing{{25*time.Second + halfway, skip}}, 2000, 2501, 25*time.Second + halfway},
		{"both", []doing{{5*time.Second + halfway, skip}, {6003 * time.Millisecond, skip}}, 501, 501 + 100, 6003 * time.Millisecond},
		{"while paused", []doing{{5*time.Second + halfway, pause}, {6 * time.Second, skip}, {7 * time.Second, resume}}, 501, 501 + 4000, 47 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, target, c := minute(t)
				result, changes := steer(t, g, target, c, tt.doings...)
				one := totals(g).Select(func(s measure.Series) bool { return s.Stage == "one" })
				if one.Planned != tt.one || result.Arrivals != tt.all {
					t.Errorf("%d in the first stage, %d in all, want %d and %d", one.Planned, result.Arrivals, tt.one, tt.all)
				}
				if result.Elapsed != tt.elapsed || result.Stopped {
					t.Errorf("result = %+v, want elapsed %v", result, tt.elapsed)
				}
				if len(changes) != len(tt.doings) {
					t.Errorf("changes = %+v", changes)
				}
			})
		})
	}
}

// Whoever stops or cancels a run that is paused ends it.
func TestPausedEnds(t *testing.T) {
	for _, closed := range []bool{false, true} {
		for _, hard := range []bool{false, true} {
			t.Run(fmt.Sprintf("closed %t hard %t", closed, hard), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g, _, c := minute(t)
					g.Control = &Control{Turn: c.turn}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					stop := make(chan struct{})
					time.AfterFunc(time.Second+halfway, func() { _ = g.Control.Pause(by) })
					time.AfterFunc(30*time.Second, func() {
						if hard {
							cancel()
							return
						}
						close(stop)
					})
					var result Result
					if closed {
						result = g.RunClosed(ctx, stop, crowdOf(3, Span{0, time.Minute}), 0)
					} else {
						result = g.RunOpen(ctx, stop, c.arrivals)
					}
					if result.Elapsed != 30*time.Second || !result.Stopped {
						t.Errorf("result = %+v", result)
					}
					if err := g.Control.Resume(by); !errors.Is(err, ErrNotRunning) {
						t.Errorf("resumed afterwards: %v", err)
					}
				})
			})
		}
	}
}

// A pause stops arrivals, and neither the steps of those under way nor the arrivals that
// wait for a user.
func TestPauseFinishesWhatHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(time.Second)}
		g := setUp(t, target, mixOf(t, get(t, "a"), think(time.Second, time.Second), get(t, "b")), Stage{"one", time.Second, false}, Stage{"two", time.Minute, false})
		g.MaxConnections = 1
		g.Control = &Control{}
		time.AfterFunc(500*time.Millisecond, func() { _ = g.Control.Pause(by) })
		time.AfterFunc(20*time.Second, func() { _ = g.Control.Resume(by) })
		g.RunOpen(t.Context(), nil, slices.Values([]time.Duration{0, 400 * time.Millisecond, 900 * time.Millisecond, 2 * time.Second}))
		s := time.Second
		want := []time.Duration{0, 2 * s, 3 * s, 5 * s, 20*s + 400*time.Millisecond, 22*s + 400*time.Millisecond, 23*s + 400*time.Millisecond, 25*s + 400*time.Millisecond}
		if !slices.Equal(target.sent, want) {
			t.Errorf("sent at %v, want %v", target.sent, want)
		}
		// The plan stood in its first stage while the first two walked.
		one := totals(g).Select(func(s measure.Series) bool { return s.Stage == "one" })
		wantCounts(t, one.Counts, measure.Counts{Planned: 5, Succeeded: 5})
	})
}

// A limit of arrivals ends the load when it is reached, however they have come.
func TestLimitEndsAChangedLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, target, c := minute(t)
		g.Control = &Control{Turn: c.turn, Limit: 2000}
		time.AfterFunc(10*time.Second+halfway, func() { _ = g.Control.Scale(by, 2) })
		limited := func(yield func(time.Duration) bool) {
			k := c.begun
			for at := range c.arrivals {
				if k++; k > 2000 || !yield(at) {
					return
				}
			}
		}
		result := g.RunOpen(t.Context(), nil, limited)
		if result.Arrivals != 2000 || result.Elapsed != target.sent[1999]+time.Millisecond {
			t.Errorf("result = %+v", result)
		}
	})
}

// Every quantum is cut short by a change; what was due before it is still sent.
func TestChangeWakesTheQuantum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, target, c := minute(t)
		g.Quantum = 400 * time.Millisecond
		steer(t, g, target, c, doing{time.Second + halfway, pause}, doing{2*time.Second + halfway, resume})
		if n := target.sentWithin(0, time.Second+halfway+1); n != 101 {
			t.Errorf("%d sent until the pause, want 101", n)
		}
		if n := target.sentWithin(time.Second+halfway+1, 2*time.Second+halfway); n != 0 {
			t.Errorf("%d sent in the pause, want none", n)
		}
		if len(target.sent) != 6000 {
			t.Errorf("%d sent, want 6000", len(target.sent))
		}
	})
}

func TestControlRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, target, c := minute(t)
		idle := &Control{}
		if err := idle.Pause(by); !errors.Is(err, ErrNotRunning) || idle.State() != (State{}) {
			t.Errorf("before a run: %v, %+v", err, idle.State())
		}
		g.Control = &Control{Allows: func(_, fixed float64) error {
			if fixed > 1000 {
				return errors.New("never so much")
			}
			return nil
		}}
		refuse := func(do func(*Control) error) func(*Control) error {
			return func(c *Control) error {
				if err := do(c); err == nil {
					return errors.New("not refused")
				}
				return nil
			}
		}
		none := time.Second + halfway
		_, changes := steer(t, g, target, c,
			doing{none, refuse(scale(-1))}, doing{none + 1, refuse(hold(-1))}, doing{none + 2, refuse(step(-2))},
			doing{none + 3, refuse(hold(1001))}, doing{none + 4, resume}, doing{none + 5, scale(1)})
		if len(changes) != 0 || len(target.sent) != 6000 {
			t.Errorf("changes = %+v, %d sent", changes, len(target.sent))
		}
	})
}

func TestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, target, c := minute(t)
		var states []State
		look := func(c *Control) error { states = append(states, c.State()); return nil }
		s := time.Second
		result, _ := steer(t, g, target, c, doing{5 * s, look}, doing{6 * s, pause}, doing{9 * s, look}, doing{10 * s, hold(50)}, doing{11 * s, skip},
			doing{12 * s, resume}, doing{13 * s, look})
		want := []State{
			{true, 5 * s, 5 * s, 55 * s, "one", false, 1, 0},
			{true, 9 * s, 6 * s, 54 * s, "one", true, 1, 0},
			{true, 13 * s, 21 * s, 39 * s, "two", false, 0, 50},
		}
		if !slices.Equal(states, want) {
			t.Errorf("states = %+v, want %+v", states, want)
		}
		if last := (State{false, 52 * s, 60 * s, 0, "two", false, 0, 50}); g.Control.State() != last {
			t.Errorf("afterwards = %+v of %+v, want %+v", g.Control.State(), result, last)
		}
	})
}

// A pacer that is far behind does not make up for it once somebody has changed the load:
// what should have begun long before is unsent.
func TestChangeOfALoadThatIsBehind(t *testing.T) {
	s := time.Second
	for _, tt := range []struct {
		name   string
		doings []doing
		burst  int // sent in the second after the pacer woke up
		unsent int64
		sent   int
	}{
		{"nothing changes", nil, 499 + 100, 0, 6000},
		{"paused", []doing{{12*s + halfway, pause}, {20*s + halfway, resume}}, 0, 200, 5800},
		{"slower", []doing{{12*s + halfway, hold(0)}}, 0, 200, 1001},
		{"paused just now", []doing{{15*s - halfway, pause}, {20*s + halfway, resume}}, 10, 489, 5511},
		{"skipped", []doing{{12*s + halfway, skip}}, 299 + 100, 200, 5001},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, target, c := minute(t)
				g.Pause = func(_ context.Context, until time.Time) error {
					if until.Sub(g.Start) == 10*s+10*time.Millisecond {
						until = g.Start.Add(15 * s) // it does not get a processor
					}
					time.Sleep(time.Until(until))
					return nil
				}
				steer(t, g, target, c, tt.doings...)
				if n := target.sentWithin(15*s, 16*s); n != tt.burst {
					t.Errorf("%d sent when the pacer was back, want %d", n, tt.burst)
				}
				if got := total(g); got.Unsent != tt.unsent || len(target.sent) != tt.sent || !got.Balanced() {
					t.Errorf("%d sent, %+v, want %d and %d unsent", len(target.sent), got.Counts, tt.sent, tt.unsent)
				}
			})
		})
	}
}
