package slo

import "time"

// A Verdict is whether an objective was met.
type Verdict string

// The verdicts. The zero value is none of them.
const (
	Met          Verdict = "met"
	Missed       Verdict = "missed"
	Inconclusive Verdict = "inconclusive"
)

// A Span is a stretch of the run, as offsets from its start.
type Span struct{ Start, End time.Duration }

// Length returns how long the span is.
func (s Span) Length() time.Duration { return s.End - s.Start }

// A Status is how an objective stands, for the requests seen so far.
type Status struct {
	Objective Objective
	Verdict   Verdict
	HasData   bool // whether Observed means anything

	// Observed and Limit are in Unit: "ratio" (0 to 1, and beyond for budgets),
	// "seconds", "per_second" or "count". They are always finite.
	Observed, Limit float64
	Unit            string

	// Low and High are one-sided 95 % bounds each, in Unit: the true value is
	// at least Low, and at most High. They are 0 without HasBounds: for metrics
	// that are plainly compared, and for percentiles of too few requests.
	Low, High float64
	HasBounds bool

	// Events is how many requests were judged.
	Events int64
	// More is about how many further requests like those seen would decide an
	// inconclusive verdict: 0 none needed, -1 no number would, as the observed
	// value is at the limit itself.
	More int64

	// Spans are when it was bad, in order: the intervals that were beyond the
	// limit by more than chance explains (less than 1 % of intervals of a service
	// at its limit are; plainly compared metrics have no such margin), joined
	// across single good ones. At most 64 are kept;
	// beyond that the closest are joined. BadFor is how long it was bad.
	Spans  []Span
	BadFor time.Duration

	// BudgetSpentAt is when more requests had been bad than the objective
	// allows for all requests of the run so far, -1 if never. It is the end of
	// the interval in which it happened, and -1 for metrics without a budget.
	BudgetSpentAt time.Duration

	// Burn is how many times as fast as allowed requests were bad: at 1, the run ends with
	// all of its error budget used. It is -1 for metrics without a budget, without data, and
	// where nothing at all may be bad; budget_used and burn themselves have none either.
	Burn float64

	// Reason tells people in short words why the verdict is inconclusive.
	Reason string
}

// Overall joins verdicts: missed if any is missed, else inconclusive if any is,
// else met. Without objectives nothing was asked for, and that is met.
func Overall(statuses []Status) Verdict {
	overall := Met
	for _, s := range statuses {
		switch s.Verdict {
		case Missed:
			return Missed
		case Met:
		default:
			overall = Inconclusive
		}
	}
	return overall
}
