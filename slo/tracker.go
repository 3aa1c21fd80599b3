package slo

import (
	"slices"

	"github.com/floodmark/floodmark/measure"
)

// A Tracker follows one objective through the run. Make it with [NewTracker].
//
// What it keeps does not grow with the run: the verdict comes from the totals,
// and from the intervals it remembers only when it was bad. It is not safe for
// concurrent use.
type Tracker struct {
	objective Objective
	totals    *measure.Totals
	matches   map[measure.Series]bool
	series    []bool // by series: the objective is about it
	foreign   []bool // by series: of a stage that the objective is not about
	under     int    // index into Tally.Under, -1 if not counted

	second   measure.Tally // what matched in one interval; kept for its memory
	pace     pace
	spending spending
	spans    spans
}

// NewTracker returns a tracker of an objective over the series of the totals,
// which the caller goes on adding to. The objective should have been validated;
// one that matches nothing has no data for ever.
func NewTracker(o Objective, totals *measure.Totals) *Tracker {
	t := &Tracker{
		objective: o, totals: totals, matches: make(map[measure.Series]bool), under: -1,
		second: measure.Tally{Under: make([]int64, len(totals.Under()))},
	}
	type stage struct {
		name   string
		warmup bool
	}
	stages := make(map[stage]bool)
	for _, s := range totals.Series() {
		t.matches[s] = o.Matches(s)
		t.series = append(t.series, t.matches[s])
		if t.matches[s] {
			stages[stage{s.Stage, s.Warmup}] = true
		}
	}
	for _, s := range totals.Series() {
		t.foreign = append(t.foreign, !stages[stage{s.Stage, s.Warmup}])
	}
	if threshold, ok := o.Expression.Under(); ok {
		t.under = slices.Index(totals.Under(), threshold)
	}
	t.spending.allowed, _ = o.Allowed()
	return t
}

// Add notes whether the objective was missed in one interval, beyond what chance
// explains. Intervals come in order, each once, and are not kept.
func (t *Tracker) Add(in *measure.Interval) {
	foreign := t.gather(in)
	if !foreign {
		t.pace.add(t.second.Counts, in.Loaded())
	}
	if _, ok := t.objective.Allowed(); ok {
		t.spending.add(t.objective.Expression.countOf(&t.second, t.under), in.End)
	}
	bad, ok := t.trouble(in, foreign)
	switch {
	case ok && bad:
		t.spans.addBad(Span{in.Start, in.End})
	case !ok && t.second.InFlight > 0:
		t.spans.addStalled(in.Start)
	default:
		t.spans.addGood()
	}
}

// gather sums up what matches in the interval, and reports whether a stage that
// the objective is not about planned requests in it.
func (t *Tracker) gather(in *measure.Interval) (foreign bool) {
	t.second.Counts = measure.Counts{}
	clear(t.second.Under)
	clock := t.objective.Expression.histogram(&t.second)
	if clock != nil {
		clock.Reset()
	}
	for _, part := range in.Series {
		if part.Series < 0 || part.Series >= len(t.series) {
			continue // of another run
		}
		foreign = foreign || t.foreign[part.Series] && part.Planned > 0
		if !t.series[part.Series] {
			continue
		}
		addCounts(&t.second.Counts, t.second.Under, part.Counts, part.Under, 1)
		t.second.InFlight += part.InFlight
		if clock != nil {
			clock.Add(t.objective.Expression.histogram(part.Tally))
		}
	}
	return foreign
}

// histogram returns the histogram that the metric is read from, nil if none is.
func (e Expression) histogram(t *measure.Tally) *measure.Histogram {
	switch e.Metric {
	case metricQuantile:
		return t.Clock(e.Clock)
	case metricMax, metricMean:
		return &t.Response
	default:
		return nil
	}
}

// trouble reports whether the interval that was gathered was bad; ok is false when
// there is nothing to judge. A second's count says nothing about the run's, and a
// request in flight may yet be achieved: only one without a place cannot.
func (t *Tracker) trouble(in *measure.Interval, foreign bool) (bad, ok bool) {
	c, e := t.second.Counts, t.objective.Expression
	switch e.Metric {
	case metricCount:
		return false, false
	case metricAchieved:
		return !e.holds(ratio(c.Planned-c.Unsent, c.Planned)), c.Planned > 0
	case metricRate:
		ok = c.Planned > 0 && !foreign && in.Loaded() > 0
		return ok && !e.holds(float64(c.Finished())/in.Loaded().Seconds()), ok
	default:
		r := t.objective.read(&t.second, t.under, pace{})
		return e.standsOut(r), r.events > 0
	}
}

// Status judges what the totals hold, at any time and at the end.
func (t *Tracker) Status() Status {
	e := t.objective.Expression
	s := Status{
		Objective: t.objective, Limit: e.Limit, Unit: e.unit(),
		Spans: slices.Clone(t.spans.all), BadFor: t.spans.total, BudgetSpentAt: t.spending.at(), Burn: -1,
	}
	if !e.OfBudget() { // which say it themselves
		s.Burn = t.spending.burn()
	}
	tally := t.totals.Select(func(s measure.Series) bool { return t.matches[s] })
	s.fill(t.objective.read(tally, t.under, t.pace))
	if _, within := e.Under(); within && t.under < 0 {
		s.Reason = e.indicator() + " was not counted"
	}
	return s
}
