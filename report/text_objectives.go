package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/slo"
)

const (
	maxExpression = 36 // columns; a longer expression gets a line of its own
	maxSpans      = 3  // shown
)

// objectives shows a line for each objective, and below it what there is to say.
func (p *page) objectives(statuses []slo.Status) {
	if len(statuses) == 0 {
		return
	}
	var words, expressions, values int
	for _, status := range statuses {
		words = max(words, columns(string(status.Verdict)))
		values = max(values, columns(observed(status)))
		if n := columns(expression(status)); n <= maxExpression {
			expressions = max(expressions, n)
		}
	}
	indent := strings.Repeat(" ", 2+2+words+2)
	for _, status := range statuses {
		left := "  " + sign(status.Verdict) + " " + pad(string(status.Verdict), words) + "  "
		text := expression(status)
		if columns(text) > maxExpression {
			for _, line := range wrap(strings.Fields(text), " ", pageWidth-columns(left)) {
				p.line(left + line)
				left = indent
			}
			p.line(indent + observed(status) + "  " + margin(status))
		} else {
			p.line(left + pad(text, expressions) + "  " + padLeft(observed(status), values) + "  " + margin(status))
		}
		for _, line := range wrap(notes(status), " ", pageWidth-columns(indent)) {
			p.line(indent + line)
		}
	}
	p.blank()
}

// sign returns the verdict as one character.
func sign(v slo.Verdict) string {
	switch v {
	case slo.Met:
		return "✓"
	case slo.Missed:
		return "✗"
	case slo.Inconclusive:
	}
	return "?"
}

// expression returns what was promised, selection included.
func expression(s slo.Status) string {
	text := quantity.Line(s.Objective.Expression.String())
	if len(s.Objective.Select) == 0 {
		return text
	}
	var parts []string
	for _, m := range s.Objective.Select {
		parts = append(parts, quantity.Line(m.String()))
	}
	return "{" + strings.Join(parts, ", ") + "} " + text
}

// observed returns the value seen, with as many digits as tell it from the
// limit.
func observed(s slo.Status) string {
	if !s.HasData {
		return "no data"
	}
	return quantity.Beside(unit(s), s.Observed, s.Limit)
}

// unit returns the unit to show a value in. A burn rate is a ratio of ratios,
// which people know as a plain factor.
func unit(s slo.Status) string {
	if s.Objective.Expression.Metric == "burn" {
		return ""
	}
	return s.Unit
}

// margin returns how far the value is from the limit: in percentage points for
// ratios, else relative to the limit.
func margin(s slo.Status) string {
	diff := s.Observed - s.Limit
	switch {
	case !s.HasData:
		return ""
	case unit(s) == "ratio":
		return signed(100*diff, 2) + "pt"
	case s.Limit == 0, math.Abs(s.Limit) < math.Abs(diff)/1e6:
		return "" // beyond comparison
	}
	relative := 100 * diff / s.Limit
	if relative > 999 {
		return fmt.Sprintf("×%.0f", s.Observed/s.Limit)
	}
	return signed(relative, 0) + "%"
}

// signed writes v with its sign and as many digits as keep it from showing as 0.
func signed(v float64, digits int) string {
	for extra := range 4 {
		text := fmt.Sprintf("%+.*f", digits+extra, v)
		if v == 0 || strings.ContainsAny(text, "123456789") {
			return text
		}
	}
	return fmt.Sprintf("%+.*f", digits, v)
}

// notes returns the words below an objective: when it was bad, or what it lacks.
func notes(s slo.Status) []string {
	switch s.Verdict {
	case slo.Missed:
		return strings.Fields(whenBad(s))
	case slo.Inconclusive:
		return strings.Fields(undecided(s))
	case slo.Met:
		if left, ok := budgetLeft(s, 1); ok && s.Burn > 0 {
			return []string{"budget", quantity.Percent(left, 0), "left"}
		}
	}
	return nil
}

// whenBad tells when an objective was missed.
func whenBad(s slo.Status) string {
	var parts []string
	if s.Unit == "ratio" && s.BudgetSpentAt >= 0 {
		text := "budget spent at " + quantity.Instant(s.BudgetSpentAt)
		if s.Burn >= 0 {
			text += fmt.Sprintf(", burn %.3g", s.Burn)
		}
		parts = append(parts, text)
	}
	var spans []string
	for _, span := range s.Spans[:min(len(s.Spans), maxSpans)] {
		spans = append(spans, "from "+begin(span)+" to "+end(span))
	}
	if more := len(s.Spans) - len(spans); more > 0 {
		spans = append(spans, fmt.Sprintf("%d more times", more))
	}
	if len(spans) == 0 && s.Unit == "ratio" {
		parts = append(parts, "a little beyond the limit throughout, no second stands out")
	}
	if len(spans) > 0 {
		parts = append(parts, "bad "+strings.Join(spans, ", ")+" ("+seconds(s.BadFor)+")")
	}
	return strings.Join(parts, "; ")
}

// undecided tells what would decide an objective.
func undecided(s slo.Status) string {
	switch {
	case !s.HasData:
		return "no request that it selects has finished"
	case s.More > 0:
		return "needs about " + quantity.Plural(roundUp(s.More), "more request", "more requests")
	case s.Reason != "":
		return quantity.Line(s.Reason)
	}
	return "too close to the limit: no number of requests would tell"
}

// roundUp keeps the first two digits of an estimate.
func roundUp(n int64) int64 {
	unit := int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

// begin and end round to the second, as beats come a little late. A span that is
// shorter than that still ends after it begins.
func begin(span slo.Span) string { return quantity.Instant(span.Start.Round(time.Second)) }

func end(span slo.Span) string {
	return quantity.Instant(max(span.End.Round(time.Second), span.Start.Round(time.Second)+time.Second))
}
