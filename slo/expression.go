package slo

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A Metric is what an expression measures, by its word in the text. Those that
// name a percentile share the word "p": see Expression.Clock and Quantile.
type Metric string

const (
	metricSuccess  Metric = "success"     // succeeded of finished
	metricErrors   Metric = "errors"      // failed of finished
	metricUnder    Metric = "under"       // succeeded within Threshold, of finished
	metricQuantile Metric = "p"           // percentile of one clock
	metricMax      Metric = "max"         // of the response time
	metricMean     Metric = "mean"        // of the response time
	metricRate     Metric = "rps"         // finished per second
	metricAchieved Metric = "achieved"    // finished of planned
	metricCount    Metric = "count"       // finished
	metricBudget   Metric = "budget_used" // failed of what the target allows to fail
	metricBurn     Metric = "burn"        // budget_used, written as a factor
)

// Units of a limit and of an observed value.
const (
	unitRatio   = "ratio"
	unitSeconds = "seconds"
	unitRate    = "per_second"
	unitCount   = "count"
)

// An Expression compares something measured with a limit. Make it with [Parse];
// it is plain data, and the zero value compares nothing.
type Expression struct {
	Select    []Matcher     // the selector before the metric; all must match
	Metric    Metric        // what is measured
	Clock     measure.Clock // of a percentile: Response, Service or Lag
	Quantile  float64       // of a percentile: between 0 and 1, both excluded
	Threshold time.Duration // of under; of burn and budget_used, that of the SLO's objective if it is under(T)
	Compare   string        // one of < <= > >=
	Limit     float64       // a ratio, seconds, requests per second, or a number
}

// Under returns the threshold of an under(T) expression, or of the budget of one, which
// the recorder must count exactly; ok is false for all others.
func (e Expression) Under() (threshold time.Duration, ok bool) {
	return e.Threshold, e.Metric == metricUnder || e.OfBudget() && e.Threshold > 0
}

// BudgetOf returns the expression for an SLO with the given objective: a budget of one
// about under(T) is of the requests that do not succeed within T.
func (e Expression) BudgetOf(objective Expression) Expression {
	if e.OfBudget() && objective.Metric == metricUnder {
		e.Threshold = objective.Threshold
	}
	return e
}

// AtLeast reports whether the limit is the least that is wanted (> or >=), and
// not the most.
func (e Expression) AtLeast() bool { return strings.HasPrefix(e.Compare, ">") }

// String returns the expression in its canonical spelling, which [Parse] reads
// back to the same expression.
func (e Expression) String() string {
	if e.Metric == "" {
		return ""
	}
	return selectorText(e.Select) + e.indicator() + " " + e.Compare + " " + e.limitText()
}

// indicator returns the left-hand side without the selector: "p99", "under(1s)".
func (e Expression) indicator() string {
	switch e.Metric {
	case metricUnder:
		return "under(" + durationText(e.Threshold) + ")"
	case metricQuantile:
		return clockPrefix(e.Clock) + "p" + percentText(e.Quantile)
	default:
		return string(e.Metric)
	}
}

// clockPrefix returns what stands before the p of a percentile of the clock.
func clockPrefix(c measure.Clock) string {
	if c == measure.Response {
		return ""
	}
	return c.String() + "_"
}

// limitText returns the limit as it is written.
func (e Expression) limitText() string {
	plain := strconv.FormatFloat(e.Limit, 'f', -1, 64)
	switch {
	case e.Metric == metricBurn:
		return plain
	case e.unit() == unitRatio:
		return percentText(e.Limit) + "%"
	case e.unit() == unitSeconds:
		return durationText(time.Duration(math.Round(e.Limit * 1e9)))
	case e.unit() == unitRate:
		return plain + "/s"
	}
	return plain
}

// unit returns what the limit and the observed value are measured in.
func (e Expression) unit() string {
	switch e.Metric {
	case metricQuantile, metricMax, metricMean:
		return unitSeconds
	case metricRate:
		return unitRate
	case metricCount:
		return unitCount
	default:
		return unitRatio
	}
}

// holds reports whether a value satisfies the comparison.
func (e Expression) holds(value float64) bool {
	switch e.Compare {
	case "<":
		return value < e.Limit
	case "<=":
		return value <= e.Limit
	case ">":
		return value > e.Limit
	default:
		return value >= e.Limit
	}
}

// negated returns the expression that holds exactly where this one does not.
func (e Expression) negated() Expression {
	switch e.Compare {
	case "<":
		e.Compare = ">="
	case "<=":
		e.Compare = ">"
	case ">":
		e.Compare = "<="
	default:
		e.Compare = "<"
	}
	return e
}

// percentText returns a ratio in percent. It moves the decimal point of the
// shortest text, since 0.999*100 is not 99.9 in floating point.
func percentText(ratio float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(ratio, 'e', -1, 64), "e")
	digits := strings.Replace(mantissa, ".", "", 1)
	power, err := strconv.Atoi(exponent)
	if err != nil || ratio == 0 {
		return "0"
	}
	point := power + 3 // digits before the point, once multiplied by 100
	if point <= 0 {
		return "0." + strings.Repeat("0", -point) + digits
	}
	if len(digits) <= point {
		return digits + strings.Repeat("0", point-len(digits))
	}
	return digits[:point] + "." + digits[point:]
}

// durationText returns a duration without the zeros of Duration.String: 1m, not
// 1m0s.
func durationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
