package slo

// Latest returns how many of the requests of the latest interval alone were good, for
// whoever adds them up otherwise than a window does. Of a percentile those are good that
// are on its limit's good side, whether the expression is an aim ("p99 < 1s") or trouble
// ("p99 > 1s"). Requests that became overdue are bad. Metrics that are not about good and bad requests have none.
func (g *Gauge) Latest() Count {
	e, latest := g.objective.Expression, &g.feed.slide
	switch e.Metric {
	case metricQuantile:
		h := &g.feed.joined[e.Clock]
		late := latest.late(g.deadline)
		c := Count{e.within(h), h.Count()}
		if e.AtLeast() {
			c.Good = c.Bad()
		}
		c.Total = max(c.Total+late.New-late.Ended, c.Good)
		return c
	case metricMax, metricMean, metricRate, metricCount:
		return Count{}
	default:
		return g.count(&latest.counters)
	}
}
