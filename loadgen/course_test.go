package loadgen

import (
	"slices"
	"sync"
	"testing"
	"time"
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
func skip(c *Control) error   { return c.Skip(by, "") }

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
