package loadgen

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

	"github.com/floodmark/floodmark/measure"
)

// A course is even load at a steady level, which turns as profiles' schedules do.
type course struct {
	rate          float64       // per second; of the plan
	end           time.Duration // of the plan
	from          time.Duration
	area          float64 // arrivals below the curve before from
	begun         int64
	factor, fixed float64
	turns         []Turn
}

func newCourse(rate float64, end time.Duration) *course {
	return &course{rate: rate, end: end, factor: 1}
}

// level is per second, or users.
func (c *course) level() float64 { return c.factor*c.rate + c.fixed }

func (c *course) turn(t Turn) {
	c.turns = append(c.turns, t)
	c.area += (t.At - c.from).Seconds() * c.level()
	c.from, c.begun, c.factor, c.fixed = t.From, t.Begun, t.Factor, t.Fixed
}

func (c *course) arrivals(yield func(time.Duration) bool) {
	for k := c.begun; ; k++ {
		at := c.from + time.Duration(max(float64(k)-c.area, 0)/c.level()*1e9+0.5)
		if c.level() == 0 || at >= c.end || !yield(at) {
			return
		}
	}
}

func (c *course) users(yield func(Span) bool) {
	for range int(c.level()) {
		if c.from >= c.end || !yield(Span{c.from, c.end}) {
			return
		}
	}
}

// A doing is something done to a run at an instant.
type doing struct {
	at time.Duration
	do func(*Control) error
}

// steer runs a course of a minute at 100/s, in two stages, to which things are done. It
// returns when requests were sent, and the changes as they were told.
func steer(t *testing.T, g *Generator, target *fakeTarget, c *course, doings ...doing) (Result, []Change) {
	t.Helper()
	var changes []Change
	if g.Control == nil {
		g.Control = &Control{}
	}
	g.Control.Turn, g.Control.Changed = c.turn, func(c Change) { changes = append(changes, c) }
	var hands sync.WaitGroup
	hands.Go(func() {
		for _, d := range doings {
			time.Sleep(time.Until(g.Start.Add(d.at)))
			if err := d.do(g.Control); err != nil {
				t.Errorf("at %v: %v", d.at, err)
			}
		}
	})
	result := g.RunOpen(t.Context(), nil, c.arrivals)
	hands.Wait()
	slices.Sort(target.sent)
	return result, changes
}

// minute returns a generator for such a course.
func minute(t *testing.T) (*Generator, *fakeTarget, *course) {
	t.Helper()
	target := &fakeTarget{delay: always(time.Millisecond)}
	g := setUp(t, target, mixOf(t, get(t, "a")), Stage{"one", 20 * time.Second, true}, Stage{"two", time.Minute, false})
	return g, target, newCourse(100, time.Minute)
}

const by = "test"

func pause(c *Control) error  { return c.Pause(by) }
func resume(c *Control) error { return c.Resume(by) }
func skip(c *Control) error   { return c.Skip(by) }

func scale(factor float64) func(*Control) error {
	return func(c *Control) error { return c.Scale(by, factor) }
}

func hold(level float64) func(*Control) error {
	return func(c *Control) error { return c.Hold(by, level) }
}

func step(ratio float64) func(*Control) error {
	return func(c *Control) error { return c.Step(by, ratio) }
}

// halfway is between two arrivals, so that nothing else happens then.
const halfway = 5 * time.Millisecond

// sentWithin counts what was sent from one instant to before another.
func (f *fakeTarget) sentWithin(from, to time.Duration) int {
	n := 0
	for _, at := range f.sent {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

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

// Users finish what they have begun, wait, and go on.
func TestClosedPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(300 * time.Millisecond)}
		g := setUp(t, target, mixOf(t, get(t, "a"), get(t, "b")), Stage{"one", 3 * time.Second, false})
		g.Control = &Control{}
		time.AfterFunc(time.Second, func() {
			if g.Control.Skip(by) == nil || g.Control.Scale(by, 2) == nil {
				t.Error("a load that nobody can turn was turned")
			}
			_ = g.Control.Pause(by)
		})
		time.AfterFunc(11*time.Second, func() { _ = g.Control.Resume(by) })
		result := g.RunClosed(t.Context(), nil, crowdOf(2, Span{0, 3 * time.Second}), 0)
		// Iterations begin at 0, 0.6; 11, 11.6, 12.2 and 12.8 s, until 13 s.
		if result.Arrivals != 12 || result.Elapsed != 13400*time.Millisecond || result.Drained != 400*time.Millisecond {
			t.Errorf("result = %+v", result)
		}
		slices.Sort(target.sent)
		if at := 900 * time.Millisecond; target.sent[7] != at || target.sent[8] != 11*time.Second {
			t.Errorf("sent at %v", target.sent)
		}
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 24, Succeeded: 24})
	})
}

// A user who thinks when its time changes leaves when the time it has now is over.
func TestClosedThinksWhileThePlanChanges(t *testing.T) {
	tests := []struct {
		name    string
		doings  []doing
		sent    int
		elapsed time.Duration
	}{
		{"nothing changes", nil, 1, 10 * time.Second},
		{"a pause lets it finish its thought", []doing{{5 * time.Second, pause}, {8 * time.Second, resume}}, 3, 13 * time.Second},
		{"a pause that it outlasts", []doing{{5 * time.Second, pause}, {6 * time.Second, resume}}, 1, 11 * time.Second},
		{"skipped", []doing{{5 * time.Second, skip}}, 1, 5 * time.Second},
		{"dismissed", []doing{{5 * time.Second, hold(0)}, {7 * time.Second, skip}}, 1, 7 * time.Second},
		{"joined", []doing{{5 * time.Second, hold(3)}}, 3, 10 * time.Second},
		{"half of one", []doing{{5 * time.Second, scale(0.5)}, {6 * time.Second, skip}}, 1, 6 * time.Second},
		{"dismissed in a pause", []doing{{4 * time.Second, pause}, {5 * time.Second, hold(0)}, {6 * time.Second, resume}}, 1, 12 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := &fakeTarget{delay: always(time.Second)}
				g := setUp(t, target, mixOf(t, get(t, "a"), think(10*time.Second, 10*time.Second), get(t, "b")), Stage{"one", 10 * time.Second, false})
				c := newCourse(1, 10*time.Second)
				g.Control = &Control{Turn: c.turn}
				for _, d := range tt.doings {
					time.AfterFunc(d.at, func() {
						if err := d.do(g.Control); err != nil {
							t.Errorf("at %v: %v", d.at, err)
						}
					})
				}
				result := g.RunClosed(t.Context(), nil, c.users, 0)
				if len(target.sent) != tt.sent || result.Elapsed != tt.elapsed || result.Stopped {
					t.Errorf("sent at %v, result = %+v, want %d sent in %v", target.sent, result, tt.sent, tt.elapsed)
				}
				if users := len(slices.Compact(slices.Sorted(slices.Values(target.users)))); target.closed.Load() != int64(users) {
					t.Errorf("%d senders closed, want %d", target.closed.Load(), users)
				}
			})
		})
	}
}

// Users who are there stay, whatever their number becomes; only the difference comes or
// goes.
func TestClosedLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(time.Second)}
		g := setUp(t, target, mixOf(t, get(t, "a")), Stage{"one", 20 * time.Second, false})
		c := newCourse(4, 20*time.Second)
		g.Control = &Control{Turn: c.turn}
		for at, level := range map[time.Duration]float64{4995 * time.Millisecond: 6, 9997 * time.Millisecond: 2, 14998 * time.Millisecond: 3} {
			time.AfterFunc(at, func() { _ = g.Control.Hold(by, level) })
		}
		result := g.RunClosed(t.Context(), nil, c.users, 0)
		want := []int{4, 4, 4, 4, 6, 6, 6, 6, 6, 6, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3}
		got := make([]int, 20)
		for _, at := range target.sent {
			got[at/time.Second]++
		}
		if !slices.Equal(got, want) {
			t.Errorf("sent a second: %v, want %v", got, want)
		}
		if users := slices.Max(target.users) + 1; users != 7 {
			t.Errorf("%d users in all, want 7", users)
		}
		if result.Elapsed != 20998*time.Millisecond {
			t.Errorf("result = %+v", result)
		}
	})
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
		p.stop, p.cancel, p.drain, p.maxInFlight, p.maxConnections, p.iterations = 0, 0, time.Minute, 0, 0, 0
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
		if p.closed {
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
