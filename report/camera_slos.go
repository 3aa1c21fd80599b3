package report

import (
	"github.com/floodmark/floodmark/slo"
)

// slos returns how the objectives stand.
func (c *Camera) slos() []SLOView {
	passed := c.run.passed(c.at)
	var out []SLOView
	for _, s := range c.statuses[:min(len(c.statuses), maxViews)] {
		v := SLOView{
			Name: short(s.Objective.Name), Expression: short(expression(s)), Verdict: string(s.Verdict), HasData: s.HasData,
			Observed: s.Observed, Limit: s.Limit, Unit: unit(s), Margin: margin(s), Window: "run",
		}
		if left, ok := budgetLeft(s, passed); ok {
			v.Left, v.Burn = new(finite(left)), new(finite(s.Burn))
		}
		if e := s.Objective.Expression; e.OfLatency() {
			v.Latency = e.Limit
			if threshold, within := e.Under(); within {
				v.Latency = threshold.Seconds()
			}
		}
		switch s.Verdict {
		case slo.Missed:
			if v.Left != nil && *v.Left > 0 {
				s.BudgetSpentAt = -1 // more than its share of the run so far, but not that of the plan
			}
			v.Note = short(whenBad(s))
		case slo.Inconclusive:
			v.Note = short(undecided(s))
		case slo.Met:
		}
		out = append(out, v)
	}
	return out
}
