package slo

import "github.com/floodmark/floodmark/measure"

// A Count is how many events were good, of how many in total.
type Count struct{ Good, Total int64 }

// Bad returns how many events were not good.
func (c Count) Bad() int64 { return c.Total - c.Good }

// countOf returns what a ratio metric calls good among the requests of a tally;
// under is the index of the expression's threshold in Tally.Under. Requests
// that found no place never reached the target: they count in achieved alone.
func (e Expression) countOf(t *measure.Tally, under int) Count {
	_, within := e.Under()
	switch {
	case e.Metric == metricAchieved:
		return Count{t.Finished(), t.Planned}
	case !within:
		return Count{t.Succeeded, t.Finished()}
	case under >= 0 && under < len(t.Under):
		return Count{t.Under[under], t.Finished()}
	}
	return Count{} // not counted: no data
}

// addCounts adds what requests did, times 1 or -1, to a sum of as many thresholds. How
// many are in flight is a level, and left alone.
func addCounts(sum *measure.Counts, sumUnder []int64, c measure.Counts, under []int64, sign int64) {
	sum.Planned += sign * c.Planned
	sum.Succeeded += sign * c.Succeeded
	sum.Failed += sign * c.Failed
	sum.Unsent += sign * c.Unsent
	for i, n := range under[:min(len(under), len(sumUnder))] {
		sumUnder[i] += sign * n
	}
}

// share returns which part of a count the objective's value is of, and by what
// the part is multiplied: "errors" looks at the bad ones, "budget_used" at the
// bad ones in terms of those allowed.
func (o Objective) share(c Count) (hits int64, scale float64) {
	switch o.Expression.Metric {
	case metricErrors:
		return c.Bad(), 1
	case metricBudget, metricBurn:
		return c.Bad(), 1 / (1 - o.Target)
	default:
		return c.Good, 1
	}
}

// Allowed returns which share of all requests may be bad before the objective is
// missed; ok is false for metrics that have no such budget. Of an expression that
// describes trouble it is the share at which that begins: 0.2 for "success < 80%".
func (o Objective) Allowed() (share float64, ok bool) {
	e := o.Expression
	switch e.Metric {
	case metricSuccess, metricUnder:
		return 1 - e.Limit, true
	case metricErrors:
		return e.Limit, true
	case metricBudget, metricBurn:
		return e.Limit * (1 - o.Target), true
	default:
		return 0, false
	}
}
