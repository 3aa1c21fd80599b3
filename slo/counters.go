package slo

import "github.com/floodmark/floodmark/measure"

// counters are what windows add and subtract: whole numbers, so that nothing drifts.
type counters struct {
	measure.Counts                   // but InFlight
	under          []int64           // by threshold
	overdue        []measure.Overdue // by deadline; may end early, while nothing is overdue
}

// countersOf returns the counters of a tally, and shares its lists.
func countersOf(t *measure.Tally) counters {
	return counters{t.Counts, t.Under, t.Overdue}
}

// add adds other counters, times 1 or -1.
func (c *counters) add(other counters, sign int64) {
	addCounts(&c.Counts, c.under, other.Counts, other.under, sign)
	if missing := len(other.overdue) - len(c.overdue); missing > 0 {
		c.overdue = append(c.overdue, make([]measure.Overdue, missing)...)
	}
	for i, o := range other.overdue {
		c.overdue[i].Add(o, sign)
	}
}

// late returns what is overdue for a deadline, nothing if that is -1.
func (c *counters) late(deadline int) measure.Overdue {
	if deadline < 0 || deadline >= len(c.overdue) {
		return measure.Overdue{}
	}
	return c.overdue[deadline]
}
