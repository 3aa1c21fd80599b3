package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// A steering is the one control of a run's load, and all that was done with it. The
// control is for anybody; take and stages are the beat's.
type steering struct {
	control *loadgen.Control
	plan    *plan
	course  profiles.Schedule // the schedule as it goes on; the generator's

	mu     sync.Mutex
	last   loadgen.Change // the latest
	latest report.Steer   // the same
	made   int            // how many there were
	news   []report.Steer // not taken yet
	all    []report.Steer // taken
}

// newSteering returns what steers a plan's load.
func newSteering(p *plan) *steering {
	s := &steering{plan: p, course: p.schedule, last: loadgen.Change{Factor: 1}}
	s.control = &loadgen.Control{
		Turn:   func(t loadgen.Turn) { s.course = s.course.Turn(profiles.Turn(t)) },
		Allows: p.schedule.Allows, Limit: p.profile.Load.Requests, Changed: s.changed,
	}
	return s
}

// arrivals yields when requests start, as the load is now.
func (s *steering) arrivals() iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) { s.course.Arrivals()(yield) }
}

// users yields when users are there, as the load is now.
func (s *steering) users() iter.Seq[loadgen.Span] {
	return func(yield func(loadgen.Span) bool) { spans(s.course)(yield) }
}

// changed takes a change, from whoever made it.
func (s *steering) changed(c loadgen.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.last.Position
	if !s.last.Paused {
		was += c.At - s.last.At
	}
	level := func(position time.Duration, c loadgen.Change) float64 {
		return c.Factor*s.plan.schedule.RateAt(position) + c.Fixed
	}
	s.latest = report.Steer{
		At: c.At.Seconds(), By: c.By, What: string(c.What), Stage: c.Stage, Position: c.Position.Seconds(), Paused: c.Paused,
		Factor: c.Factor, Fixed: c.Fixed, Before: level(was, s.last), Level: level(c.Position, c),
	}
	s.news = append(s.news, s.latest)
	s.made++
	s.last = c
}

// do does what somebody asks for by name, and says what became of the load.
func (s *steering) do(by string, c control.Command) (did string, err error) {
	s.mu.Lock()
	made := s.made
	s.mu.Unlock()
	arg := strings.Join(c.Args, " ")
	switch c.Name {
	case "pause":
		err = s.control.Pause(by)
	case "resume":
		err = s.control.Resume(by)
	case "skip":
		err = s.control.Skip(by, arg)
	case "rate":
		var to level
		if to, err = parseLevel(arg); err == nil {
			err = to.apply(s.control, by, s.plan.run.Open)
		}
	default:
		err = fmt.Errorf("unknown command %q", quantity.Line(c.Name))
	}
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == made {
		return "nothing to change: it is so already", nil
	}
	return s.latest.Line(s.plan.run.Open) + " at " + quantity.Instant(measure.FromSeconds(s.latest.At)), nil
}

// pace says how the load is now, beside its plan.
func (s *steering) pace() report.Pace {
	const doubtful = 2 // times the plan's peak
	now := s.control.State()
	pace := report.Pace{Most: doubtful * s.plan.schedule.Peak()}
	if now.Running {
		pace.Now = now.Factor*s.plan.schedule.RateAt(now.Position) + now.Fixed
		pace.ByHand = now.Factor != 1 || now.Fixed != 0
	}
	return pace
}

// take returns the changes since it was called last.
func (s *steering) take() []report.Steer {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := s.news
	s.news = nil
	s.all = append(s.all, news...)
	return news
}

// stages returns when the stages were, or will be, as things stand at an instant.
func (s *steering) stages(now time.Duration) []report.Stage {
	if len(s.all) == 0 {
		return s.plan.run.Stages
	}
	return s.plan.run.Steered(s.all, now)
}

// steer notices what was done to the load by hand, and moves the stages of the plan to where
// they are now.
func (d *drive) steer(now time.Duration) {
	d.tellSteers()
	if len(d.steering.all) > 0 {
		stages, paused := d.steering.stages(now), pausedAt(d.steering.all, now)
		d.audience.move(stages, paused)
		d.alarms.move(stages)
	}
}

// tellSteers tells what was done to the load by hand, and keeps it.
func (d *drive) tellSteers() {
	for _, steer := range d.steering.take() {
		d.audience.note(measure.FromSeconds(steer.At), report.EventControl, steer.Line(d.plan.run.Open))
		if d.journal == nil {
			continue
		}
		if err := d.journal.Control(steer); err != nil {
			d.warn(err.Error())
		}
	}
}

// pausedAt reports whether the load was paused at an instant.
func pausedAt(steers []report.Steer, at time.Duration) (paused bool) {
	for _, s := range steers {
		if measure.FromSeconds(s.At) <= at {
			paused = s.Paused
		}
	}
	return paused
}

// pausedWithin returns how much of an interval the load was paused.
func pausedWithin(steers []report.Steer, in *measure.Interval) (sum time.Duration) {
	for i, s := range steers {
		if !s.Paused {
			continue
		}
		from, to := measure.FromSeconds(s.At), in.End
		if i+1 < len(steers) {
			to = min(to, measure.FromSeconds(steers[i+1].At))
		}
		sum += max(to-max(from, in.Start), 0)
	}
	return sum
}

// planEnd returns when the last of some stages ends, 0 without any.
func planEnd(stages []report.Stage) time.Duration {
	if len(stages) == 0 {
		return 0
	}
	return slices.MaxFunc(stages, func(a, b report.Stage) int { return int(a.End - b.End) }).End
}
