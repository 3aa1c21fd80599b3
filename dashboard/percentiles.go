package dashboard

// drawPercentiles draws three percentiles of each second on a logarithmic scale.
func (s *scene) drawPercentiles(a area) {
	h := &s.History
	low, high := 0.0, 0.0
	for _, list := range [][]float64{h.P50, h.P95, h.P99} {
		for _, v := range list {
			if v > 0 && (low == 0 || v < low) {
				low = v
			}
			high = max(high, v)
		}
	}
	limit, expression := s.limitOf()
	if low <= 0 {
		a.put(0, 0, faint, fit("no response yet", a.w))
		return
	}
	if limit > 0 && limit < 20*high {
		low, high = min(low, limit), max(high, limit)
	} else {
		limit = 0
	}
	x := a.put(scaleWidth, 0, median, "p50 ")
	x = a.put(x, 0, upper, "p95 ")
	x = a.put(x, 0, top, "p99 ")
	if limit > 0 {
		a.put(x, 0, warn, fit("┄ SLO "+expression, a.w-x))
	}
	c := chart{
		symbols: s.theme.Symbols, end: h.End, planned: s.Planned, log: true, low: low * 0.8, high: high * 1.25, limit: limit, events: s.marks(),
		label: bound,
		lines: []line{{median, '.', h.P50}, {upper, 'o', h.P95}, {top, '#', h.P99}},
	}
	c.draw(a.part(0, 1, a.w, a.h-1))
}
