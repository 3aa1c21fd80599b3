package report

import (
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// lookout follows the generator: the last ten intervals, and the run.
type lookout struct {
	totals *measure.Totals // of the run; pacing and health only
	lag    measure.Histogram
	pacing measure.Sliding
	lags   measure.Sliding
	ring   [tenSeconds]struct{ pacing, lag *measure.Packed }
	health [tenSeconds]*measure.Health
}

// add takes the interval of the given number.
func (w *lookout) add(in *measure.Interval, number int) {
	w.totals.Add(in)
	var lag measure.Histogram
	for _, s := range in.Series {
		lag.Add(&s.Lag)
	}
	w.lag.Add(&lag)
	slot := &w.ring[number%tenSeconds]
	if number >= tenSeconds {
		w.pacing.Drop(slot.pacing)
		w.lags.Drop(slot.lag)
	}
	slot.pacing, slot.lag = in.Pacing.Pack(), lag.Pack()
	w.pacing.Add(slot.pacing)
	w.lags.Add(slot.lag)
	w.health[number%tenSeconds] = in.Health
}

// view returns how the generator does.
func (w *lookout) view(rules Rules) GeneratorView {
	j := newJudge(rules, w.totals, &w.lag)
	j.judge()
	v := GeneratorView{
		Valid: j.Valid, Words: "measurements can be trusted", CPURule: finite(rules.CPU), LagRule: rounded(rules.Lag),
		PacingP99: rounded(w.pacing.Histogram().Quantile(0.99)), LagP99: rounded(w.lags.Histogram().Quantile(0.99)),
	}
	for _, reason := range j.Reasons {
		v.Reasons = append(v.Reasons, fit(quantity.Line(reason), maxReason))
	}
	if !j.Valid {
		v.Words = "NOT to be trusted: the generator is the limit"
	}
	var h *measure.Health
	for _, second := range w.health {
		h = h.Join(second)
	}
	if h == nil {
		return v
	}
	v.Heap, v.GCLongest = h.Heap, rounded(h.GC.Longest)
	if h.CPU != nil && h.CPU.Allowed > 0 {
		v.CPURatio = finite(h.CPU.Ratio())
	}
	v.CPUs = w.cpus()
	if h.Throttled != nil {
		v.Throttled = rounded(*h.Throttled)
	}
	if h.Resident != nil {
		v.Resident = *h.Resident
	}
	if h.Files != nil {
		v.Files, v.FileLimit = h.Files.Open, h.Files.Limit
	}
	if h.Sockets != nil {
		v.TimeWait, v.Ports = h.Sockets.TimeWait, h.Sockets.Ports
	}
	return v
}

// cpus returns how many CPUs the process may use, 0 if unknown.
func (w *lookout) cpus() float64 {
	t := &w.totals.Health
	if t.Health == nil || t.CPU == nil || t.Observed <= 0 {
		return 0
	}
	return tenth(t.CPU.Allowed.Seconds() / t.Observed.Seconds())
}
