package runs

import "github.com/floodmark/floodmark/measure"

// join returns two intervals that follow each other as one. What is in flight is
// what was at the end of the second, nothing where it leaves a series out.
func join(a, b *measure.Interval) *measure.Interval {
	out := &measure.Interval{Index: b.Index, Start: a.Start, End: b.End, Health: a.Health.Join(b.Health), Paused: a.Paused + b.Paused}
	out.Pacing.Add(&a.Pacing)
	out.Pacing.Add(&b.Pacing)
	out.Backends = measure.AddBackends(measure.AddBackends(nil, a.Backends), b.Backends)
	parts := make(map[int]*measure.Tally)
	for _, in := range []*measure.Interval{a, b} {
		for _, part := range parts {
			part.InFlight = 0
		}
		for _, from := range in.Series {
			to := parts[from.Series]
			if to == nil {
				to = &measure.Tally{Under: make([]int64, len(from.Under))}
				parts[from.Series] = to
				out.Series = append(out.Series, measure.SeriesInterval{Series: from.Series, Tally: to})
			}
			to.Add(from.Tally)
		}
	}
	return out
}
