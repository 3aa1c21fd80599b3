package slo

import (
	"math"

	"github.com/floodmark/floodmark/measure"
)

// The functions of this file are about expressions that describe trouble, as alerts
// have them, and the aims of the SLO that they belong to.

// Indicator returns what the expression measures, as it is written: "p99",
// "under(300ms)", "success".
func (e Expression) Indicator() string { return e.indicator() }

// Unit returns what the limit and values are in: "ratio", "seconds", "per_second",
// "count", or "" for a plain factor, which a burn rate is.
func (e Expression) Unit() string {
	if e.Metric == metricBurn {
		return ""
	}
	return e.unit()
}

// OfLatency reports whether the expression is about how long requests take.
func (e Expression) OfLatency() bool {
	if _, within := e.Under(); within {
		return true
	}
	switch e.Metric {
	case metricMax, metricMean:
		return true
	case metricQuantile:
		return e.Clock.String() != "lag"
	default:
		return false
	}
}

// OfSuccess reports whether the expression is about how many requests succeed.
func (e Expression) OfSuccess() bool {
	_, within := e.Under()
	return !within && (e.Metric == metricSuccess || e.Metric == metricErrors || e.OfBudget())
}

// OfShare reports whether the expression is about how many requests are good or bad.
func (e Expression) OfShare() bool {
	_, within := e.Under()
	return within || e.OfSuccess()
}

// goal returns the value that the SLO aims at, in terms of this expression: that of the
// first aim that measures the same. The one of a burn rate is 1. ok is false if no aim
// says anything about it.
func (e Expression) goal(aims []Expression) (goal float64, ok bool) {
	if e.Metric == metricBurn {
		return 1, true
	}
	for _, aim := range aims {
		switch {
		case e.sameIndicator(aim):
			return aim.Limit, true
		case e.Metric == metricSuccess && aim.Metric == metricErrors, e.Metric == metricErrors && aim.Metric == metricSuccess:
			return 1 - aim.Limit, true
		}
	}
	return 0, false
}

// sameIndicator reports whether two expressions measure the same, selectors aside.
func (e Expression) sameIndicator(other Expression) bool {
	return e.Metric == other.Metric && e.Clock == other.Clock && e.Quantile == other.Quantile && e.Threshold == other.Threshold
}

// Recovered returns what holds when the trouble is over: that the value is two thirds of
// the way back to what the SLO aims at. A level at the aim itself would never be reached
// by a service that is a little below it, and one at the edge of the trouble flaps.
// Without an aim to go to, it is over when it is not there.
func (e Expression) Recovered(aims []Expression) Expression {
	out := e.negated()
	goal, ok := e.goal(aims)
	if !ok || e.WithinAim(aims) {
		return out
	}
	out.Limit = rounded(e.Limit + 2*(goal-e.Limit)/3)
	switch out.Compare { // the level itself is clear
	case "<":
		out.Compare = "<="
	case ">":
		out.Compare = ">="
	}
	return out
}

// WithinAim reports whether the trouble begins where the SLO is still met, or at its very
// limit: then it is no sign of anything.
func (e Expression) WithinAim(aims []Expression) bool {
	goal, ok := e.goal(aims)
	if e.AtLeast() {
		return ok && goal >= e.Limit
	}
	return ok && goal <= e.Limit
}

// rounded drops digits that only arithmetic has made.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	const digits = 4
	scale := math.Pow(10, digits-1-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

// Enough returns how many requests a window must have for the trouble not to be chance.
// target is the share of good requests that burn rates refer to.
//
//   - A share that healthily is h, with trouble at f: (z √(h(1−h)) / (h−f))², the number at
//     which a healthy window is z = 4.75 standard deviations from f; one in a million is.
//     It is rounded up to tens.
//   - A burn rate b: 2 / (b (1−target)), so that one bad request cannot trip it.
//   - A percentile q: 1 / (1−q), below which it is the maximum.
//   - Else 1.
func (e Expression) Enough(aims []Expression, target float64) int64 {
	const least = 10 // for shares and percentiles
	switch e.Metric {
	case metricBurn:
		return max(least, ceil(2/(e.Limit*(1-target))))
	case metricQuantile:
		return max(least, ceil(1/(1-e.Quantile)))
	case metricSuccess, metricErrors, metricUnder:
		goal, ok := e.goal(aims)
		if !ok || goal == e.Limit {
			return least
		}
		const z = 4.75
		n := ceil(z * z * goal * (1 - goal) / ((goal - e.Limit) * (goal - e.Limit)))
		return max(least, (n+9)/10*10)
	case metricBudget:
		return least
	default:
		return 1
	}
}

// ceil rounds up, but not for a last digit that arithmetic has made.
func ceil(x float64) int64 {
	const most = 1e12
	if !(x < most) {
		return most
	}
	return int64(math.Ceil(x - 1e-9))
}

// Noisy returns the share of windows of n requests in which a service that just meets its
// aim is on the wrong side of an expression that is to hold; 0 if the expression is about
// no share of requests, or no aim says what the service is like. It takes the share as
// normally distributed.
func (e Expression) Noisy(aims []Expression, n float64) float64 {
	goal, ok := e.goal(aims)
	if !ok || n <= 0 || goal <= 0 || goal >= 1 || (e.Metric != metricSuccess && e.Metric != metricErrors && e.Metric != metricUnder) {
		return 0
	}
	distance := (goal - e.Limit) / math.Sqrt(goal*(1-goal)/n)
	if !e.AtLeast() {
		distance = -distance
	}
	return math.Erfc(distance/math.Sqrt2) / 2
}

// ValidateTrouble returns why the expression cannot be trouble for the series of a run
// and an SLO that it belongs to, such as one that is an aim, or that selects nothing. The
// error has a method Hint() string.
func (o Objective) ValidateTrouble(series []measure.Series) error {
	aim := o
	aim.Expression = o.Expression.negated()
	if o.Expression.Metric != "" && aim.Expression.fault() != nil {
		return &objectiveError{
			o.Expression.String() + " is an aim, not trouble",
			"write what must not be: " + aim.Expression.String(),
		}
	}
	return aim.Validate(series)
}
