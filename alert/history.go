package alert

import (
	"time"

	"github.com/floodmark/floodmark/slo"
)

// A History is what an alert has seen of a run, whether or not it fired: for people who ask
// why it did not, and whether it ever could.
type History struct {
	Rule    *Rule
	Labels  []Label
	Judged  int           // intervals with enough requests to judge
	Most    int64         // requests that a window has had
	Closest float64       // the worst value that was judged, in the unit of the condition
	At      time.Duration // when that was
	Fired   int           // how often it fired
}

// look takes what the alert sees in an interval.
func (h *History) note(at time.Duration, now slo.Reading, seen sight) {
	h.Most = max(h.Most, now.Events)
	if !seen.data {
		return
	}
	if h.Judged == 0 || h.Rule.When.Worse(now.Value, h.Closest) {
		h.Closest, h.At = now.Value, at
	}
	h.Judged++
}

// Histories returns what every alert has seen, in the order of the rules and their labels.
func (b *Board) Histories() []History {
	out := make([]History, 0, len(b.alerts))
	for _, a := range b.alerts {
		out = append(out, a.seen)
	}
	return out
}
