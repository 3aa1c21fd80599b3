package slo

import (
	"math"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/measure"
)

// A reading is an objective's value with what chance may have done to it.
type reading struct {
	value     float64
	events    int64   // 0: no data, and no value
	plain     bool    // compared plainly; low and high mean nothing
	low, high float64 // one-sided 95 % bounds; high may be +Inf

	// What the verdict comes down to: whether a share of hits in all events is
	// above or below a border.
	hits   int64
	border float64
}

// read returns the objective's reading of all its requests; pace is for rps.
func (o Objective) read(t *measure.Tally, under int, pace pace) reading {
	e := o.Expression
	switch e.Metric {
	case metricSuccess, metricErrors, metricUnder, metricBudget, metricBurn:
		return o.readShare(e.countOf(t, under))
	case metricQuantile:
		return o.readQuantile(t.Clock(e.Clock))
	case metricAchieved:
		c := e.countOf(t, under)
		return reading{value: ratio(c.Good, c.Total), events: c.Total, plain: true}
	case metricRate:
		return reading{value: pace.perSecond(), events: pace.events(), plain: true}
	case metricCount:
		return reading{value: float64(t.Finished()), events: t.Planned, plain: true}
	case metricMax:
		return reading{value: t.Response.Max().Seconds(), events: t.Response.Count(), plain: true}
	case metricMean:
		return reading{value: t.Response.Mean().Seconds(), events: t.Response.Count(), plain: true}
	}
	return reading{}
}

// readShare judges a ratio of requests. A limit of 0 or 1 speaks of every single
// request ("errors <= 0%"), which no number of them could prove of the next one:
// it is compared plainly.
func (o Objective) readShare(c Count) reading {
	if c.Total <= 0 || o.targetFault() != nil {
		return reading{}
	}
	hits, scale := o.share(c)
	limit := o.Expression.Limit / scale
	r := reading{value: ratio(hits, c.Total) * scale, events: c.Total, hits: hits, border: limit}
	r.plain = o.Point || limit <= 0 || limit >= 1
	if !r.plain {
		r.low, r.high = shareBounds(hits, c.Total)
		r.low, r.high = r.low*scale, r.high*scale
	}
	return r
}

// readQuantile judges a percentile, to the histogram's resolution of 0.1 %.
func (o Objective) readQuantile(h *measure.Histogram) reading {
	if h == nil || h.Count() == 0 {
		return reading{}
	}
	q := o.Expression.Quantile
	r := reading{value: h.Quantile(q).Seconds(), events: h.Count(), plain: o.Point}
	if r.plain {
		return r
	}
	low, high := rankBounds(h.Count(), q)
	r.high = math.Inf(1)
	if low >= 1 {
		r.low = h.AtRank(low).Seconds()
	}
	if high <= h.Count() {
		r.high = h.AtRank(high).Seconds()
	}
	r.hits, r.border = o.Expression.within(h), q
	return r
}

// within returns how many values of a histogram satisfy the comparison.
func (e Expression) within(h *measure.Histogram) int64 {
	var sum int64
	for high, n := range h.Buckets {
		if e.holds(min(high, h.Max()).Seconds()) {
			sum += n
		}
	}
	return sum
}

// fill writes the reading and the verdict that follows from it into a status.
func (s *Status) fill(r reading) {
	s.Verdict, s.Reason = Inconclusive, "no data"
	if r.events <= 0 {
		return
	}
	s.HasData, s.Observed, s.Events = true, r.value, r.events
	s.Verdict, s.Reason = s.Objective.Expression.verdict(r), ""
	if !r.plain && !math.IsInf(r.high, 0) {
		s.Low, s.High, s.HasBounds = r.low, r.high, true
	}
	if s.Verdict == Inconclusive {
		s.More = moreNeeded(r.hits, r.events, r.border)
		s.Reason = moreReason(s.More)
	}
}

// verdict judges by the end of the bounds that is worse for the target, and by
// the better one.
func (e Expression) verdict(r reading) Verdict {
	pessimistic, optimistic := r.high, r.low
	if e.AtLeast() {
		pessimistic, optimistic = r.low, r.high
	}
	if r.plain {
		pessimistic, optimistic = r.value, r.value
	}
	switch {
	case e.holds(pessimistic):
		return Met
	case !e.holds(optimistic):
		return Missed
	}
	return Inconclusive
}

// standsOut reports whether a reading of a single interval misses the limit by
// more than chance explains.
func (e Expression) standsOut(r reading) bool {
	switch {
	case r.events <= 0:
		return false
	case r.plain:
		return !e.holds(r.value)
	case e.Metric == metricQuantile || e.AtLeast(): // hits are good
		return chanceOfFewer(r.hits, r.events, r.border) < outstanding
	}
	return chanceOfFewer(r.events-r.hits, r.events, 1-r.border) < outstanding
}

// moreReason tells how far it is to a decision, rounded up to two digits.
func moreReason(more int64) string {
	if more < 0 {
		return "at the limit itself"
	}
	digits := strconv.FormatInt(more, 10)
	if len(digits) > 2 {
		unit := int64(math.Pow10(len(digits) - 2))
		digits = strconv.FormatInt((more+unit-1)/unit, 10) + strings.Repeat("0", len(digits)-2)
	}
	if more == 1 {
		return "needs 1 more request"
	}
	return "needs about " + digits + " more requests"
}

// ratio returns part / whole, 0 if there is no whole.
func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
