package loadgen

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// ErrNotRunning says that a control has no load to change: it has not begun, or is over.
var ErrNotRunning = errors.New("there is no load to change: it has not begun, or has ended")

// maxChanges bounds how often a run can be changed, as all changes are kept.
const maxChanges = 10_000

// A Control changes one run of a generator while it goes on. Any number of goroutines may
// use it at once. Each change has an author, a word or two such as "keyboard". What would
// change nothing is no change.
//
// The plan has a clock. A pause stops it, so that nothing is late afterwards and nothing
// comes in a burst; a skip moves it to the end of a stage; and a change of the level leaves
// it alone: stages last as long as they should.
//
// What was due before a change begins all the same, unless the generator is behind by more
// than a tenth of a second: what it has not begun by then counts as unsent.
type Control struct {
	// Turn makes the arrivals, or the users, that were handed to the run yield from then on
	// what comes after a turn: positions in the plan from Turn.From on. It is called from
	// the run's goroutine. Without it neither level nor position can be changed.
	Turn func(Turn)

	// Allows refuses a level that cannot be; nil means any that is not negative.
	Allows func(factor, fixed float64) error

	// Limit is how many arrivals there are at most, 0 if there is no such limit. It lets a
	// run whose rate was changed end when it is reached, before its plan is over.
	Limit int64

	// Changed is told of each change, in order. It must not block, nor use the control.
	Changed func(Change)

	mu      sync.Mutex
	run     *run // nil when there is none
	changes int
	last    State // when the load had ended
}

// A Turn is a point from which the load goes on otherwise.
type Turn struct {
	Begun         int64         // arrivals up to it, in the whole run
	At, From      time.Duration // the plan was followed until At, and is from From on
	Factor, Fixed float64       // the level from then on is Factor times that of the plan, plus Fixed
}

// A What is a kind of change.
type What string

// The kinds of changes.
const (
	Paused  What = "pause"
	Resumed What = "resume"
	Leveled What = "level"
	Skipped What = "skip"
)

// A Change is what somebody did to the load, and how it stands from then on.
type Change struct {
	At            time.Duration // since the start of the run
	By            string
	What          What
	Stage         string        // in which it was done
	Position      time.Duration // in the plan, from which it goes on
	Paused        bool
	Factor, Fixed float64 // the level is Factor times that of the plan, plus Fixed
}

// A State is how a run stands.
type State struct {
	Running       bool          // the load can be changed
	Elapsed       time.Duration // since the start of the run
	Position      time.Duration // in the plan
	Left          time.Duration // of the plan, pauses to come not counted
	Stage         string
	Paused        bool
	Factor, Fixed float64 // the level is Factor times that of the plan, plus Fixed
}

// Pause stops the plan's clock: no arrival and no iteration begins any more. What has
// begun is finished, all steps of its scenario.
func (c *Control) Pause(by string) error {
	return c.change(by, Paused, func(l *leg) error { l.paused = true; return nil })
}

// Resume lets the plan's clock go on.
func (c *Control) Resume(by string) error {
	return c.change(by, Resumed, func(l *leg) error { l.paused = false; return nil })
}

// Scale makes the level a multiple of the plan's, stages and ramps included; 1 is as
// planned. The level is a rate in the open model, a number of users in the closed one.
func (c *Control) Scale(by string, factor float64) error {
	return c.change(by, Leveled, func(l *leg) error { return c.level(l, factor, 0) })
}

// Hold keeps the level at a value, arrivals per second or users, whatever the plan says
// until it ends or Scale follows it again. 0 is allowed.
func (c *Control) Hold(by string, level float64) error {
	return c.change(by, Leveled, func(l *leg) error { return c.level(l, 0, level) })
}

// Step multiplies the level, as it is.
func (c *Control) Step(by string, ratio float64) error {
	return c.change(by, Leveled, func(l *leg) error { return c.level(l, l.factor*ratio, l.fixed*ratio) })
}

// Skip ends the stage that the plan is in. If that is not the stage that is named, it ends
// none: the plan has gone on since somebody decided it; "" names any. After the last one
// there is nothing left but the drain.
func (c *Control) Skip(by, stage string) error {
	return c.change(by, Skipped, func(l *leg) error {
		for _, now := range c.run.stages {
			if now.End > l.position {
				if stage != "" && stage != now.Name {
					return fmt.Errorf("stage %s is over, or has not begun: the plan is in %s", stage, now.Name)
				}
				l.position = now.End
				return c.turns()
			}
		}
		return errors.New("there is no stage left to skip")
	})
}

// State returns how the run stands.
func (c *Control) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil {
		return c.last
	}
	return c.run.state()
}

// level sets the level of a leg.
func (c *Control) level(l *leg, factor, fixed float64) error {
	if !(factor >= 0 && fixed >= 0) || math.IsInf(factor+fixed, 1) { // so it also holds for what is not a number
		return errors.New("a level is 0 or more, and finite")
	}
	if c.Allows != nil {
		if err := c.Allows(factor, fixed); err != nil {
			return err
		}
	}
	l.factor, l.fixed = factor, fixed
	return c.turns()
}

// turns refuses changes that nobody could follow.
func (c *Control) turns() error {
	if c.Turn == nil {
		return errors.New("the load of this run can only be paused")
	}
	return nil
}

// change begins a leg that is like the present one but for what edit does to it.
func (c *Control) change(by string, what What, edit func(*leg) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil || c.run.over() {
		return ErrNotRunning
	}
	before := c.run.leg.Load()
	if c.changes >= maxChanges && what != Resumed {
		return errors.New("the load was changed too often")
	}
	if changed, err := before.after(c.run.now()).edit(before, edit); err != nil || !changed {
		return err
	}
	next := c.run.cut(before)
	position := next.position
	changed, err := next.edit(before, edit) // again: the plan may have gone on to another stage meanwhile
	c.run.begin(next, before)
	if err != nil || !changed {
		return err
	}
	c.changes++
	if c.Changed != nil {
		c.Changed(Change{
			At: next.start, By: by, What: what, Stage: c.run.stages[c.run.stage(position)].Name,
			Position: next.position, Paused: next.paused, Factor: next.factor, Fixed: next.fixed,
		})
	}
	return nil
}
