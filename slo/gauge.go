package slo

import (
	"math"
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A Gauge reads an objective's expression over one window. [Watcher.Gauge] makes it.
//
// Requests that are under way for longer than their deadline count before they end. In
// success, errors, under(T) and budgets each is a bad one, once, in the interval in which
// it became overdue. A percentile and max are of those that ended in the window and all
// that are overdue now, which will take longer than the limit.
type Gauge struct {
	objective Objective
	planned   time.Duration
	feed      *feed
	window    *window
	under     int // index into the thresholds, -1 if not counted
	deadline  int // index into the deadlines, -1 if there is none
}

// A Reading is what a gauge shows.
type Reading struct {
	Value  float64 // in the expression's unit, 0 without events
	Events int64   // requests that it is about; 0: no data
	Holds  bool    // whether the expression holds; false without data
	Least  bool    // the true value is Value or more: requests that decide it are still under way
}

// Gauge returns a gauge of an objective's expression over a window. Series of a
// warm-up are left out. planned is how long the measured part of the run will be, for
// budget_used: 0 means that nobody knows, and then all of the budget is for the
// requests seen so far. Ask for all gauges before the first interval.
func (w *Watcher) Gauge(o Objective, over Window, planned time.Duration) *Gauge {
	f := w.feed(func(s measure.Series) bool { return o.Matches(s) && (over.Stage == "" || over.Stage == s.Stage) })
	g := &Gauge{objective: o, planned: planned, feed: f, window: f.window(over.Length), under: -1, deadline: w.recorded.deadline(o.Expression)}
	switch o.Expression.Metric {
	case metricQuantile:
		f.wanted[o.Expression.Clock] = true
	case metricMax, metricMean:
		f.wanted[measure.Response] = true
	default: // counters are always there
	}
	if threshold, ok := o.Expression.Under(); ok {
		g.under = slices.Index(w.recorded.Under, threshold)
	}
	return g
}

// Plan says how long the measured part of the run will be, if that has changed.
func (g *Gauge) Plan(planned time.Duration) { g.planned = planned }

// Read returns what the gauge shows since the last interval was added.
func (g *Gauge) Read() Reading {
	r := g.measure()
	if r.Events <= 0 {
		return Reading{}
	}
	r.Holds = g.objective.Expression.holds(r.Value)
	return r
}

// measure returns the value and the number of requests behind it.
func (g *Gauge) measure() Reading {
	e, w := g.objective.Expression, g.window
	sum := w.sum.Counts
	switch e.Metric {
	case metricAchieved:
		return Reading{Value: ratio(sum.Planned-sum.Unsent, sum.Planned), Events: sum.Planned * sign(w.latest.Planned)}
	case metricRate:
		return Reading{Value: perSecond(sum.Finished(), w.lasted), Events: sum.Planned * sign(w.latest.Planned)}
	case metricCount:
		return Reading{Value: float64(sum.Finished()), Events: sum.Planned}
	case metricQuantile:
		return g.quantile()
	case metricMax:
		h := w.clocks[measure.Response].Histogram()
		return Reading{Value: h.Max().Seconds(), Events: h.Count()}.orMore(g.open(), e.Limit)
	case metricMean:
		h := w.clocks[measure.Response].Histogram()
		return Reading{Value: h.Mean().Seconds(), Events: h.Count()}
	default:
		return g.share()
	}
}

// open returns how many requests are overdue now.
func (g *Gauge) open() int64 {
	late := g.feed.all.late(g.deadline)
	return late.New - late.Ended
}

// quantile returns a percentile of those that ended and those that are overdue. It is
// exact where the latter cannot change it: while it is within the limit.
func (g *Gauge) quantile() Reading {
	e, open := g.objective.Expression, g.open()
	ended := g.window.clocks[e.Clock].Histogram().Count()
	rank := measure.Rank(e.Quantile, ended+open)
	r := Reading{Value: g.window.atRank(e.Clock, rank).Seconds(), Events: ended}
	if open == 0 || rank <= ended && r.Value <= e.Limit {
		r.Events += open
		return r
	}
	// At the least, all that are overdue take hardly longer than the limit, and come
	// before those that did.
	r.Value = 0
	if rank > open {
		r.Value = g.window.atRank(e.Clock, rank-open).Seconds()
	}
	return r.orMore(open, e.Limit)
}

// orMore is a reading with open requests in addition, each of which takes longer than
// the limit: by the least that a number can be larger.
func (r Reading) orMore(open int64, limit float64) Reading {
	if open > 0 {
		r.Value, r.Events, r.Least = max(r.Value, math.Nextafter(limit, math.Inf(1))), r.Events+open, true
	}
	return r
}

// Count returns how many requests of the window were good, of how many that ended or
// became overdue in it. It is empty for an expression that is about no share of these.
func (g *Gauge) Count() Count { return g.count(&g.window.sum) }

// count returns what counters say, in the terms of the expression.
func (g *Gauge) count(sum *counters) Count {
	e := g.objective.Expression
	late := sum.late(g.deadline)
	c := Count{Total: sum.Finished() + late.New - late.Ended}
	_, within := e.Under()
	switch {
	case within && g.under >= 0:
		c.Good = sum.under[g.under] // none of which took so long that it was overdue
	case e.OfSuccess():
		c.Good = sum.Succeeded - late.Succeeded
	default:
		return Count{}
	}
	// What was recorded only after the cut that found it overdue may be good all the same,
	// or unsent; a window that begins between the two has seen only the latter.
	c.Total = max(c.Total, 0)
	c.Good = min(c.Good, c.Total)
	return c
}

// share returns a ratio of requests.
func (g *Gauge) share() Reading {
	if g.objective.targetFault() != nil {
		return Reading{}
	}
	count := g.Count()
	hits, scale := g.objective.share(count)
	value := ratio(hits, count.Total) * scale
	if g.objective.Expression.Metric == metricBudget && g.planned > 0 {
		value *= min(1, g.window.lasted.Seconds()/g.planned.Seconds())
	}
	return Reading{Value: value, Events: count.Total}
}

// sign is 1 for a positive number, else 0: a rate is judged only while requests are
// planned, and not in the drain.
func sign(n int64) int64 {
	if n > 0 {
		return 1
	}
	return 0
}
