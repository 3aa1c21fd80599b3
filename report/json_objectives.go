package report

import "github.com/floodmark/floodmark/slo"

type objective struct {
	Name       string       `json:"name"`
	Expression string       `json:"expression"`
	Select     []string     `json:"select"`
	Observed   *float64     `json:"observed"` // null without data
	Limit      float64      `json:"limit"`
	Unit       string       `json:"unit"`
	Status     slo.Verdict  `json:"status"`
	OK         bool         `json:"ok"`
	Low        *float64     `json:"low"`
	High       *float64     `json:"high"`
	Events     int64        `json:"events"`
	More       int64        `json:"more"`
	Reason     string       `json:"reason"`
	BadSpans   []secondSpan `json:"bad_spans"`
	BadFor     float64      `json:"bad_seconds"`
	SpentAt    *float64     `json:"budget_spent_at_seconds"` // null if never
	Left       *float64     `json:"budget_left"`             // of the planned run's; negative beyond it; null without a budget
	Burn       *float64     `json:"burn"`
}

type secondSpan struct {
	Start float64 `json:"start_seconds"`
	End   float64 `json:"end_seconds"`
}

// objectiveOf describes a status when so much of the planned run has passed, as a share.
func objectiveOf(s slo.Status, passed float64) objective {
	out := objective{
		Name: s.Objective.Name, Expression: s.Objective.Expression.String(), Select: []string{},
		Limit: finite(s.Limit), Unit: s.Unit, Status: s.Verdict, OK: s.Verdict == slo.Met,
		Events: s.Events, More: s.More, Reason: s.Reason,
		BadSpans: []secondSpan{}, BadFor: s.BadFor.Seconds(),
	}
	for _, m := range s.Objective.Select {
		out.Select = append(out.Select, m.String())
	}
	if s.HasData {
		out.Observed = new(finite(s.Observed))
	}
	if s.HasBounds {
		out.Low, out.High = new(finite(s.Low)), new(finite(s.High))
	}
	for _, span := range s.Spans {
		out.BadSpans = append(out.BadSpans, secondSpan{span.Start.Seconds(), span.End.Seconds()})
	}
	if s.HasData && s.BudgetSpentAt >= 0 {
		out.SpentAt = new(s.BudgetSpentAt.Seconds())
	}
	if left, ok := budgetLeft(s, passed); ok {
		out.Left, out.Burn = new(left), new(s.Burn)
	}
	return out
}
