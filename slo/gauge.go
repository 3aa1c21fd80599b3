package slo

import (
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A Gauge reads an objective's expression over one window. [Watcher.Gauge] makes it.
type Gauge struct {
	objective Objective
	planned   time.Duration
	feed      *feed
	window    *window
	under     int // index into the thresholds, -1 if not counted
}

// A Reading is what a gauge shows.
type Reading struct {
	Value  float64 // in the expression's unit, 0 without events
	Events int64   // requests that it is about; 0: no data
	Holds  bool    // whether the expression holds; false without data
}

// Gauge returns a gauge of an objective's expression over a window. Series of a
// warm-up are left out. planned is how long the measured part of the run will be, for
// budget_used: 0 means that nobody knows, and then all of the budget is for the
// requests seen so far. Ask for all gauges before the first interval.
func (w *Watcher) Gauge(o Objective, over Window, planned time.Duration) *Gauge {
	f := w.feed(func(s measure.Series) bool { return o.Matches(s) && (over.Stage == "" || over.Stage == s.Stage) })
	g := &Gauge{objective: o, planned: planned, feed: f, window: f.window(over.Length), under: -1}
	switch o.Expression.Metric {
	case metricQuantile:
		f.wanted[o.Expression.Clock] = true
	case metricMax, metricMean:
		f.wanted[measure.Response] = true
	case metricUnder:
		g.under = slices.Index(w.under, o.Expression.Threshold)
	default: // counters are always there
	}
	return g
}

// Read returns what the gauge shows since the last interval was added.
func (g *Gauge) Read() Reading {
	value, events := g.measure()
	if events <= 0 {
		return Reading{}
	}
	return Reading{value, events, g.objective.Expression.holds(value)}
}

// measure returns the value and the number of requests behind it.
func (g *Gauge) measure() (value float64, events int64) {
	e, w := g.objective.Expression, g.window
	sum := w.sum.counts
	switch e.Metric {
	case metricAchieved:
		return ratio(sum.Planned-sum.Unsent, sum.Planned), sum.Planned * sign(w.latest.Planned)
	case metricRate:
		return perSecond(sum.Finished(), w.sum.length), sum.Planned * sign(w.latest.Planned)
	case metricCount:
		return float64(sum.Finished()), sum.Planned
	case metricQuantile:
		return w.quantile(e.Clock, e.Quantile).Seconds(), w.clocks[e.Clock].Histogram().Count()
	case metricMax:
		return w.clocks[measure.Response].Histogram().Max().Seconds(), w.clocks[measure.Response].Histogram().Count()
	case metricMean:
		return w.clocks[measure.Response].Histogram().Mean().Seconds(), w.clocks[measure.Response].Histogram().Count()
	default:
		return g.share()
	}
}

// Count returns how many of the requests in the window were good, for expressions about a
// share of requests; it is zero for others.
func (g *Gauge) Count() Count {
	return g.objective.Expression.countOf(&measure.Tally{Counts: g.window.sum.counts, Under: g.window.sum.under}, g.under)
}

// share returns a ratio of requests.
func (g *Gauge) share() (value float64, events int64) {
	e, w := g.objective.Expression, g.window
	if g.objective.targetFault() != nil {
		return 0, 0
	}
	count := g.Count()
	hits, scale := g.objective.share(count)
	value = ratio(hits, count.Total) * scale
	if e.Metric == metricBudget && g.planned > 0 {
		value *= min(1, w.sum.length.Seconds()/g.planned.Seconds())
	}
	return value, count.Total
}

// sign is 1 for a positive number, else 0: a rate is judged only while requests are
// planned, and not in the drain.
func sign(n int64) int64 {
	if n > 0 {
		return 1
	}
	return 0
}
