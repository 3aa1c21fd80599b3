package dashboard

import (
	"fmt"
	"math"
	"strings"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// alertLine is an alert in words: how it stands, since when, who knows, and how bad it is.
// Where the width is too small, the middle of its name is left out.
func (s *scene) alertLine(v *report.AlertView, width int) (string, ink) {
	value := quantity.Beside(v.Unit, v.Value, v.Limit)
	since, state, ink := v.Began, strings.ToUpper(v.State), warn
	more := []string{v.When + ": " + value, v.When} // whole words only
	if v.Unit == "ratio" || v.Unit == "seconds" {   // which tells what it is
		more = append(more, value)
	}
	switch v.State {
	case "firing":
		ink = bad
	case "recovering":
		more = []string{"now " + value}
	case "inactive":
		worst := "worst " + quantity.Value(v.Unit, v.Worst, 0)
		since, state, more, ink = v.At, "RESOLVED", []string{s.lasted(v) + worst, worst}, good
	}
	start, told := instant(since)+" "+state+" ", s.told(v)
	name := fitMiddle(v.Name, max(width-columns(start)-columns(told), 6))
	text := start + name + told
	for _, m := range more {
		if columns(text)+2+columns(m) <= width {
			return text + "  " + m, ink
		}
	}
	return text, ink
}

// lasted says how long an alert was on, if that is known.
func (s *scene) lasted(v *report.AlertView) string {
	if v.At <= v.Began || v.Began < 0 {
		return ""
	}
	text := quantity.Duration(span(v.At - v.Began))
	if seconds := math.Round(v.At - v.Began); seconds >= 1 && seconds < 60 { // as the event has it
		text = fmt.Sprintf("%.0f s", seconds)
	}
	return "after " + text + ", "
}

// told says what became of the notice at each receiver.
func (s *scene) told(v *report.AlertView) string {
	if len(v.Told) == 0 {
		return ""
	}
	var parts []string
	for _, t := range v.Told {
		sign := "…" // on its way
		switch t.Outcome {
		case "delivered", "accepted":
			sign = "✓"
		case "refused", "gone":
			sign = "✗"
		case "retry":
			sign = "retry " + quantity.Count(int64(t.Attempts))
		}
		name := t.Receiver
		if s.theme.Masked {
			name = "•••"
		}
		parts = append(parts, name+" "+sign)
	}
	return " → " + strings.Join(parts, " ")
}
