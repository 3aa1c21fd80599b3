package measure

import "time"

// wholeBeat is from which length on an interval's CPU share counts for CPUMax: that
// of the few milliseconds after the last beat says nothing.
const wholeBeat = 500 * time.Millisecond

// HealthTotals adds up the health of a run's intervals. The zero value is ready.
type HealthTotals struct {
	*Health                // all intervals as one, nil if none had a health
	Observed time.Duration // length of the intervals that had one
	CPUMax   float64       // the highest share of allowed CPU of an interval, 0 if unknown
	Stepped  time.Duration // by which the clock was moved, forward and back added up
}

// add adds an interval of the given length; h may be nil.
func (t *HealthTotals) add(h *Health, length time.Duration) {
	if h == nil {
		return
	}
	t.Health = t.Join(h)
	t.Observed += length
	t.Stepped += h.ClockStep.Abs()
	if h.CPU != nil && length >= wholeBeat {
		t.CPUMax = max(t.CPUMax, h.CPU.Ratio())
	}
}

// CPURatio returns the share of the allowed processor time that was used, 0 if
// unknown.
func (t *HealthTotals) CPURatio() float64 {
	if t.Health == nil || t.CPU == nil {
		return 0
	}
	return t.CPU.Ratio()
}

// PerSecond returns an amount as its share of the observed time: 0.4 for threads
// that waited 400 ms in each second. It is 0 if the amount is unknown.
func (t *HealthTotals) PerSecond(amount *time.Duration) float64 {
	if amount == nil || t.Observed <= 0 {
		return 0
	}
	return amount.Seconds() / t.Observed.Seconds()
}
