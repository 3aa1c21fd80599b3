package dashboard

import "math"

// ticks are the values that a scale of so many lines labels: round ones, as many as have
// room, or the two ends.
func (c *chart) ticks(lines int) []float64 {
	ends := []float64{c.low, c.high}
	switch {
	case lines <= 1:
		return ends[1:]
	case c.log:
		if out := c.logTicks(lines); len(out) > 1 {
			return out
		}
		return ends
	}
	for _, parts := range []int{8, 6, 5, 4, 3, 2} {
		step := (c.high - c.low) / float64(parts)
		if lines < 3*parts || !isRound(step) {
			continue
		}
		out := make([]float64, parts+1)
		for i := range out {
			out[i] = c.low + float64(i)*step
		}
		return out
	}
	return ends
}

// isRound reports whether a step between labels is 1, 2, 2.5 or 5 times a power of ten.
func isRound(step float64) bool {
	if step <= 0 || math.IsInf(step, 0) {
		return false
	}
	head := step / math.Pow(10, math.Floor(math.Log10(step)))
	for _, round := range []float64{1, 2, 2.5, 5, 10} {
		if math.Abs(head-round) < 1e-6 {
			return true
		}
	}
	return false
}

// logTicks are as many steps of each decade as have two lines each.
func (c *chart) logTicks(lines int) (out []float64) {
	decades := math.Log10(c.high / c.low)
	if !(c.low > 0) || !(decades > 0) || decades > 20 {
		return nil
	}
	for _, steps := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		between := map[int]float64{3: 0.3, 2: 0.48, 1: 1}[len(steps)] // decades, at least
		if between*float64(lines)/decades < 1.7 {
			continue
		}
		unit := math.Pow(10, math.Floor(math.Log10(c.low)))
		for ; unit <= c.high; unit *= 10 {
			for _, step := range steps {
				if v := step * unit; v >= c.low && v <= c.high {
					out = append(out, v)
				}
			}
		}
		return out
	}
	return nil
}
