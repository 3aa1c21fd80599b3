package alert

import (
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// minSilence is how long nothing must have come in before that can mean anything: a
// run begins with silence, and so does a slow target's.
const minSilence = 5 * time.Second

// A Stage is a named part of the run, from the end of the one before it.
type Stage struct {
	Name   string
	End    time.Duration
	Warmup bool          // nothing is judged in it, and its silence means nothing
	Paused time.Duration // how much of it nobody asked for load, as far as is known
}

// A Transition is an alert that has changed its state.
type Transition struct {
	Rule     *Rule
	Labels   []Label // empty unless the rule has By
	From, To State
	Why      Reason
	At       time.Duration // the end of the interval that decided it
	Began    time.Duration // when the breach began that led here

	Value  float64 // of the first window of When, now; in the unit of its expression
	Least  bool    // the true value is Value or more: requests are still under way
	Worst  float64 // since the breach began
	Events int64   // requests in that window
	Flaps  int     // how often it went from recovering back to firing
	Bad    int64   // requests that went wrong since the breach began; -1 if the rule is about no share of requests
	Budget float64 // share of the run's error budget used so far; -1 if the SLO has none

	alert *alert // whose it is; nil in a transition that no board made
}

// A Board follows all rules through a run. Make it with [NewBoard]. It is not safe for
// concurrent use.
type Board struct {
	watcher *slo.Watcher
	lost    string // why the run is lost, "" as long as it is not
	stages  []Stage
	alerts  []*alert
}

// An alert is a rule for one set of labels.
type alert struct {
	rule    *Rule
	labels  []Label
	when    []*slo.Gauge
	resolve []*slo.Gauge
	silence time.Duration
	machine machine
	worst   float64

	run    *slo.Gauge // all of the run, for Bad; nil if the rule is about no share of requests
	before int64      // requests that had gone wrong before the breach began
	budget *slo.Gauge // nil without a budget
	seen   History
	abort  *Abort // nil unless the rule may end the run
}

// NewBoard returns a board for rules about what a recorder counts. A rule
// that is about none of the series has no alert.
func NewBoard(rules []*Rule, recorded slo.Recorded, stages []Stage) *Board {
	b := &Board{watcher: slo.NewWatcher(recorded), stages: stages}
	for _, r := range rules {
		sets := labelSets(r, recorded.Series)
		for _, labels := range sets {
			a := b.watch(r, labels)
			if r.Abort {
				a.abort = &Abort{Test: r.Test, After: min(r.When.Longest(), darkFor)}
				a.abort.Test.Alpha /= float64(len(sets)) // each has a chance to be wrong
			}
			b.alerts = append(b.alerts, a)
		}
	}
	return b
}

// Move says that the stages are at other times than before: somebody has changed the load.
// What is said of the whole run's budget is of that of the run as it is now.
func (b *Board) Move(stages []Stage) {
	b.stages = stages
	planned, start := time.Duration(0), time.Duration(0)
	for _, s := range stages {
		if !s.Warmup {
			planned += s.End - start - s.Paused
		}
		start = s.End
	}
	for _, a := range b.alerts {
		for _, g := range slices.Concat(a.when, a.resolve, []*slo.Gauge{a.budget}) {
			if g != nil && a.rule.Planned > 0 {
				g.Plan(planned)
			}
		}
	}
}

// labelSets returns the sets of values that the labels of By have among the series that
// the rule is about, in order; a rule without By has the one empty set.
func labelSets(r *Rule, series []measure.Series) [][]Label {
	var sets [][]Label
	about := r.objective(r.When, nil)
	for _, s := range series {
		if !about.Matches(s) {
			continue
		}
		var set []Label
		for _, name := range r.By {
			value, _ := s.Label(name)
			set = append(set, Label{name, value})
		}
		if !slices.ContainsFunc(sets, func(other []Label) bool { return slices.Equal(other, set) }) {
			sets = append(sets, set)
		}
	}
	slices.SortFunc(sets, func(a, b []Label) int { // of the same names
		return slices.CompareFunc(a, b, func(a, b Label) int { return strings.Compare(a.Value, b.Value) })
	})
	return sets
}

// counts reports whether the rule is about a stage.
func (r *Rule) counts(stage string) bool {
	return len(r.During) == 0 || slices.Contains(r.During, stage)
}

// watch makes an alert and its gauges.
func (b *Board) watch(r *Rule, labels []Label) *alert {
	a := &alert{rule: r, labels: labels, silence: max(2*r.For, r.When.Longest(), minSilence)}
	gauges := func(c slo.Condition) (all []*slo.Gauge) {
		o := r.objective(c, labels)
		for _, w := range c.Over {
			all = append(all, b.watcher.Gauge(o, w, r.Planned))
		}
		return all
	}
	a.when, a.resolve = gauges(r.When), gauges(r.Resolve)
	a.seen = History{Rule: r, Labels: labels}
	if r.When.OfShare() {
		a.run = b.watcher.Gauge(r.objective(r.When, labels), slo.Window{}, r.Planned)
	}
	if r.Target > 0 && r.Target < 1 {
		a.budget = b.watcher.Gauge(r.wholeBudget(), slo.Window{}, r.Planned)
	}
	return a
}

// Add judges an interval and returns what has changed, in the order of the rules and
// their labels. A pause is not judged: its silence means nothing, and no breach lasts for the length of it. Intervals come in
// order, each once, and are not kept.
func (b *Board) Add(in *measure.Interval) []Transition {
	b.watcher.Add(in)
	stage, known := b.stageOf(in)
	if stage.Warmup || in.Paused > 0 {
		for _, a := range b.alerts {
			a.machine.stand(in.End)
		}
		return nil
	}
	var out []Transition
	for _, a := range b.alerts {
		var t Transition
		var changed bool
		if known && !a.rule.counts(stage.Name) {
			t, changed = a.end(in.End, StageEnded)
		} else {
			t, changed = a.judge(in.End)
			if b.givesUp(a, in) && !a.machine.current().Active() {
				t, changed = a.force(in.End), true
			}
		}
		if changed {
			out = append(out, t)
		}
	}
	return out
}

// givesUp reports whether an alert finds in an interval that the run is lost.
func (b *Board) givesUp(a *alert, in *measure.Interval) bool {
	if a.abort == nil || b.lost != "" {
		return false
	}
	lost, why := a.abort.Add(a.when[0].Latest(), in.Length())
	if lost {
		b.lost = a.rule.ID() + ": " + why
	}
	return lost
}

// force makes the alert fire, whatever its condition says: what ends a run is told.
func (a *alert) force(at time.Duration) Transition {
	from := a.machine.current()
	if from == Inactive {
		a.machine.began, a.machine.since, a.before = at, at, a.badBefore()
	}
	a.machine.state = Firing
	a.seen.Fired++
	now := a.when[0].Read()
	a.worst = now.Value
	return a.transition(from, Firing, RunAborted, at, now)
}

// Lost returns why the run is to be ended early, "" as long as it is not.
func (b *Board) Lost() string { return b.lost }

// End ends all alerts, as the run does, and returns those that were not inactive.
func (b *Board) End(at time.Duration) []Transition {
	why := RunEnded
	if b.lost != "" {
		why = RunAborted
	}
	var out []Transition
	for _, a := range b.alerts {
		if t, changed := a.end(at, why); changed {
			out = append(out, t)
		}
	}
	return out
}

// Stage names the stage in which most of an interval lies, "" in a run without stages and
// in the drain.
func (b *Board) Stage(in *measure.Interval) string {
	stage, _ := b.stageOf(in)
	return stage.Name
}

// stageOf returns the stage in which most of an interval lies; known is false in a run without stages and
// after the last one, in the drain, which belongs to whatever was before.
func (b *Board) stageOf(in *measure.Interval) (stage Stage, known bool) {
	at := in.Start + in.Length()/2
	for _, s := range b.stages {
		if at < s.End {
			return s, true
		}
	}
	return Stage{}, false
}

// judge lets the alert make a step, and tells of it if that changed anything.
func (a *alert) judge(at time.Duration) (t Transition, changed bool) {
	s := sight{at: at, breach: true, clear: true, data: true, silent: true}
	var now slo.Reading // of the first window
	for i, g := range a.when {
		r := g.Read()
		if i == 0 {
			now = r
		}
		s.breach = s.breach && r.Holds
		s.data = s.data && r.Events >= max(a.rule.MinEvents, 1)
		s.silent = s.silent && r.Events == 0
	}
	for _, g := range a.resolve {
		s.clear = s.clear && g.Read().Holds
	}
	s.clear = s.clear && !s.breach
	a.seen.note(at, now, s)
	from := a.machine.current()
	to, why := a.machine.step(a.rule, s, a.silence)
	if from == Inactive {
		a.before = a.badBefore()
	}
	if from == Inactive || now.Events > 0 && a.rule.When.Worse(now.Value, a.worst) {
		a.worst = now.Value
	}
	if from == to {
		return Transition{}, false
	}
	if why == Breached && (to == Inactive || to == Recovering) {
		why = Cleared
	}
	if to == Firing && !from.Active() {
		a.seen.Fired++
	}
	return a.transition(from, to, why, at, now), true
}

// end makes the alert inactive, and tells of it if it was not.
func (a *alert) end(at time.Duration, why Reason) (t Transition, changed bool) {
	from := a.machine.current()
	if from != Inactive {
		t, changed = a.transition(from, Inactive, why, at, a.when[0].Read()), true
	}
	a.machine = machine{}
	return t, changed
}

// transition tells of a change of state, with what the first window shows now.
func (a *alert) transition(from, to State, why Reason, at time.Duration, now slo.Reading) Transition {
	t := Transition{
		Rule: a.rule, Labels: a.labels, From: from, To: to, Why: why, At: at, Began: a.machine.began,
		Value: now.Value, Least: now.Least, Worst: a.worst, Events: now.Events, Flaps: a.machine.flaps, Bad: -1, Budget: -1, alert: a,
	}
	if a.run != nil {
		t.Bad = a.run.Count().Bad() - a.before
	}
	if a.budget != nil {
		if used := a.budget.Read(); used.Events > 0 {
			t.Budget = used.Value
		}
	}
	return t
}

// badBefore returns how many requests had gone wrong before those in the first window:
// when a breach is seen, that window holds what led to it.
func (a *alert) badBefore() int64 {
	if a.run == nil {
		return 0
	}
	return a.run.Count().Bad() - a.when[0].Count().Bad()
}

// Now returns how the alert stands that the transition is of, once its board has judged
// the interval that ends at an instant: From and To are the same.
func (t Transition) Now(at time.Duration) Transition {
	if t.alert == nil {
		t.At = at
		return t
	}
	state := t.alert.machine.current()
	return t.alert.transition(state, state, "", at, t.alert.when[0].Read())
}
