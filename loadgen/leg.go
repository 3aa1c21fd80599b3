package loadgen

import (
	"context"
	"math"
	"sync/atomic"
	"time"
)

// A leg is a part of the run in which nobody changes anything. The plan has a clock of
// its own: a leg begins at an instant of the run and at one of the plan, and from there
// both go on together, or the plan's clock stands. Only the fields at the end change.
type leg struct {
	start    time.Duration // in the run
	position time.Duration // in the plan
	paused   bool          // the plan's clock stands
	turned   bool          // the load goes on otherwise than in the leg before

	factor, fixed float64 // the level is factor times that of the plan, plus fixed

	over   context.Context // ends with the leg, and when no more load should begin
	end    context.CancelFunc
	closed atomic.Bool         // the leg is about to end: no arrival begins in it for being due by now
	next   atomic.Pointer[leg] // set before over ends, if it is not the run's end
}

// never is beyond the end of any run.
const never = time.Duration(math.MaxInt64)

// at returns where in the plan the run is at an instant. What was before the leg counts
// as its beginning: whoever asks has seen it begin.
func (l *leg) at(instant time.Duration) time.Duration {
	if l.paused || instant < l.start {
		return l.position
	}
	return instant - l.shift()
}

// when returns the instant of the run at which it is at a position in the plan.
func (l *leg) when(position time.Duration) time.Duration {
	if l.paused {
		return never
	}
	return position + l.shift()
}

// shift is how much later than planned everything is, in a leg that is not paused.
func (l *leg) shift() time.Duration { return l.start - l.position }

// after returns a leg that goes on as this one does, from an instant on.
func (l *leg) after(now time.Duration) *leg {
	now = max(now, l.start)
	return &leg{start: now, position: l.at(now), paused: l.paused, factor: l.factor, fixed: l.fixed}
}

// edit changes a leg that follows another, and reports whether the load goes on otherwise in it.
func (l *leg) edit(before *leg, edit func(*leg) error) (changed bool, err error) {
	position := l.position
	if err := edit(l); err != nil {
		return false, err
	}
	l.turned = l.position != position || l.factor != before.factor || l.fixed != before.fixed
	return l.turned || l.paused != before.paused, nil
}

// cut returns a leg that goes on from now as another does. Only when nothing can be taken
// for due in that one any more the clock is read: else an arrival could begin in it that is
// due after its end, while whoever changes the load waits for a processor.
func (r *run) cut(before *leg) *leg {
	before.closed.Store(true)
	return before.after(r.now())
}

// begin makes a leg the present one. Whoever waits in the one before wakes up and sees it.
func (r *run) begin(next, before *leg) {
	next.over, next.end = context.WithCancel(r.going)
	before.next.Store(next)
	r.leg.Store(next)
	before.end()
}

// attach begins a run's first leg, and lets the control, if there is one, change the run.
func (r *run) attach() {
	first := &leg{factor: 1, over: r.going, end: func() {}}
	if c := r.Control; c != nil {
		first.over, first.end = context.WithCancel(r.going)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.run = r
	}
	r.leg.Store(first)
}

// detach ends all changes; the load has begun what it ever will.
func (r *run) detach() {
	c := r.Control
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.run = r.state(), nil
	c.last.Running = false
}

// renew wakes all who wait in the present leg, by another that is like it.
func (r *run) renew() {
	r.Control.mu.Lock()
	defer r.Control.mu.Unlock()
	before := r.leg.Load()
	r.begin(r.cut(before), before)
}

// state tells how the run stands; the control's lock is held.
func (r *run) state() State {
	l, now := r.leg.Load(), r.now()
	out := State{
		Running: !r.over(), Elapsed: now, Position: l.at(now), Paused: l.paused, Factor: l.factor, Fixed: l.fixed,
	}
	out.Stage = r.stages[r.stage(out.Position)].Name
	out.Left = max(r.planEnd()-out.Position, 0)
	return out
}
