package slo

import "github.com/floodmark/floodmark/measure"

// Latest returns how many of the requests of the latest interval alone were good, for
// whoever adds them up otherwise than a window does. Of a percentile those are good that
// are on its limit's good side, whether the expression is an aim ("p99 < 1s") or trouble
// ("p99 > 1s"). Metrics that are not about good and bad requests have none.
func (g *Gauge) Latest() Count {
	e, latest := g.objective.Expression, &g.feed.slide
	switch e.Metric {
	case metricQuantile:
		h := &g.feed.joined[e.Clock]
		c := Count{e.within(h), h.Count()}
		if e.AtLeast() {
			c.Good = c.Bad()
		}
		return c
	case metricMax, metricMean, metricRate, metricCount:
		return Count{}
	default:
		return e.countOf(&measure.Tally{Counts: latest.counts, Under: latest.under}, g.under)
	}
}
