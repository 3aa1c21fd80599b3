package slo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/nearest"
)

// An Objective is what must hold for the requests that it selects. It is plain
// data; the zero value has no expression, and Validate says so.
type Objective struct {
	Name       string // of the SLO it belongs to
	Expression Expression
	Select     []Matcher // in addition to the expression's own selector
	Point      bool      // compare plainly, without bounds

	// Target is the ratio that budget_used and burn refer to, that of the SLO's
	// own objective: with 0.99 one request in a hundred may fail.
	Target float64
}

// Matches reports whether the objective is about a series: all matchers match,
// and it is not a warm-up.
func (o Objective) Matches(s measure.Series) bool {
	return !s.Warmup && matchesAll(o.Select, s) && matchesAll(o.Expression.Select, s)
}

// objectiveError says what is wrong with an objective, and a way out.
type objectiveError struct{ message, advice string }

// Error returns what is wrong.
func (e *objectiveError) Error() string { return e.message }

// Hint returns what to do about it.
func (e *objectiveError) Hint() string { return e.advice }

// Validate returns the first thing that is wrong with the objective for a run
// with the given series: it compares in a direction that cannot be an aim, lacks
// a target, or selects nothing. The error has a method Hint() string.
func (o Objective) Validate(series []measure.Series) error {
	if fault := o.fault(series); fault != nil {
		return fault
	}
	return nil
}

// Validate returns why the expression cannot be an aim in any run, such as one
// that describes trouble. The error has a method Hint() string.
func (e Expression) Validate() error {
	if fault := e.fault(); fault != nil {
		return fault
	}
	return nil
}

// Goal returns the share of requests that an expression wants to be good, for
// budgets to refer to: 0.95 for success >= 95 % and for errors < 5 %, and 0 for
// an expression that is about no such share.
func (e Expression) Goal() float64 {
	switch e.Metric {
	case metricSuccess, metricUnder:
		return e.Limit
	case metricErrors:
		return 1 - e.Limit
	default:
		return 0
	}
}

// fault is Validate with a concrete type.
func (o Objective) fault(series []measure.Series) *objectiveError {
	if o.Expression.Metric == "" {
		return &objectiveError{"an objective without an expression", "write for example success >= 95%"}
	}
	if fault := o.Expression.fault(); fault != nil {
		return fault
	}
	if fault := o.targetFault(); fault != nil {
		return fault
	}
	for _, m := range o.matchers() {
		if fault := m.fault(); fault != nil {
			return fault
		}
	}
	return o.seriesFault(series)
}

// matchers returns all matchers, those of the expression last.
func (o Objective) matchers() []Matcher { return slices.Concat(o.Select, o.Expression.Select) }

// fault returns why an expression cannot be an aim.
func (e Expression) fault() *objectiveError {
	if (e.wantsMore() && !e.AtLeast()) || (e.wantsLess() && e.AtLeast()) {
		return &objectiveError{
			e.indicator() + " " + e.Compare + " " + e.limitText() + " describes trouble, not an aim",
			"write what must hold: " + e.negated().String(),
		}
	}
	if e.Compare == "<" && e.Limit == 0 || e.Compare == ">" && e.Limit == 1 && e.unit() == unitRatio {
		return &objectiveError{e.String() + " can never hold", "write " + e.Compare + "= to include the limit"}
	}
	return nil
}

// wantsMore reports whether more of the metric is always better.
func (e Expression) wantsMore() bool {
	return slices.Contains([]Metric{metricSuccess, metricUnder, metricAchieved}, e.Metric)
}

// wantsLess reports whether less of the metric is always better. A rate and a
// count can be aimed at from either side.
func (e Expression) wantsLess() bool {
	return !e.wantsMore() && e.Metric != metricRate && e.Metric != metricCount
}

// OfBudget reports whether the metric refers to the objective's target.
func (e Expression) OfBudget() bool { return e.Metric == metricBudget || e.Metric == metricBurn }

// targetFault returns why there is no budget to speak of.
func (o Objective) targetFault() *objectiveError {
	switch {
	case !o.Expression.OfBudget():
		return nil
	case o.Target == 1:
		return &objectiveError{"a target of 100% leaves no budget for " + o.Expression.indicator(), "aim at 99.99% or less"}
	case !(o.Target > 0 && o.Target < 1):
		return &objectiveError{
			o.Expression.indicator() + " needs a ratio to be a budget of",
			"make the SLO's objective a ratio, such as success >= 99%",
		}
	}
	return nil
}

// seriesFault returns why the objective is about none of the series.
func (o Objective) seriesFault(series []measure.Series) *objectiveError {
	if slices.ContainsFunc(series, o.Matches) {
		return nil
	}
	for _, m := range o.matchers() {
		if !slices.ContainsFunc(series, m.matches) {
			return &objectiveError{"nothing in this run has " + m.String(), m.advice(series)}
		}
	}
	if slices.ContainsFunc(series, func(s measure.Series) bool { s.Warmup = false; return o.Matches(s) }) {
		return &objectiveError{"only warm-up requests match, and they are not judged", "add or select a stage after the warm-up"}
	}
	if len(o.matchers()) == 0 {
		return &objectiveError{"this run has no request to judge", "give a scenario steps"}
	}
	selector := strings.TrimSpace(selectorText(o.matchers()))
	return &objectiveError{"nothing in this run matches " + selector, "loosen the selector"}
}

// advice names the value that was probably meant, or those that there are.
func (m Matcher) advice(series []measure.Series) string {
	const shown = 8
	var values []string
	for _, s := range series {
		if value, _ := s.Label(m.Label); value != "" && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	if near := nearest.Word(m.Value, values); near != "" && m.Op == "=" {
		return fmt.Sprintf("did you mean %s=%q?", m.Label, near)
	}
	if len(values) == 0 {
		return "no " + m.Label + " has a name in this run"
	}
	slices.Sort(values)
	rest := ""
	if len(values) > shown {
		values, rest = values[:shown], " and others"
	}
	return m.Label + " is one of " + strings.Join(values, ", ") + rest
}
