package alert

import (
	"time"

	"github.com/floodmark/floodmark/quantity"
)

// A Kind says what a notice is for.
type Kind string

// The kinds.
const (
	Fired       Kind = "firing"   // it has begun
	StillFiring Kind = "repeat"   // a reminder, in long runs
	Flapping    Kind = "flapping" // it comes and goes; one more notice follows when it has settled
	Resolved    Kind = "resolved" // it is over
)

// A Notice is what people are to be told about one alert. It is complete: whoever
// has only the notice can say all there is to say, also in another process and a day
// later. It is plain data, and JSON by its methods.
type Notice struct {
	ID        string // the same wherever and however often it is sent; no dots, no spaces
	Key       string // the alert's: the same for all of its notices
	Kind      Kind
	Receivers []string // who is told; may be empty

	SLO, Rule string
	Labels    []Label // empty unless the rule has By
	Severity  string  // may be empty
	Objective string  // of the SLO, such as "success >= 95%"
	When      string  // such as "success < 80% over 30s"
	Resolve   string

	Metric string        // what Value is of, such as "success" or "p99"
	Window string        // what Value is over, such as "30s"
	Unit   string        // of Value, Worst and Limit: "ratio", "seconds", "per_second", else a plain number
	Value  float64       // at At
	Least  bool          // the true value is Value or more: requests are still under way
	Limit  float64       // at which it fires
	Worst  float64       // since it began
	Events int64         // requests that Value is of
	Bad    int64         // requests that went wrong since it began; -1 unknown
	Budget float64       // share of the run's error budget used so far; -1 unknown
	Why    Reason        // what decided it
	Flaps  int           // how often it came back
	Began  time.Duration // offset in the run at which the breach began
	At     time.Duration // offset of the end of the interval that decided it

	StartsAt time.Time // Began and At on the wall clock
	EndsAt   time.Time // zero while it is firing
	Sample   string    // one failure, in words, may be empty; from the target: do not trust it
}

// Name returns the SLO's and the rule's name, as people say it.
func (n *Notice) Name() string { return n.SLO + " / " + n.Rule }

// Ended reports whether the alert is over.
func (n *Notice) Ended() bool { return n.Kind == Resolved }

// Duration returns how long it has lasted.
func (n *Notice) Duration() time.Duration { return n.At - n.Began }

// ValueText returns the value as people read it, with as many digits as tell it from the
// limit: "71.3%", "4.20s or more".
func (n *Notice) ValueText() string {
	if n.Least { // it may be hardly above the limit
		return quantity.Value(n.Unit, n.Value, 0) + " or more"
	}
	return quantity.Beside(n.Unit, n.Value, n.Limit)
}

// WorstText returns the worst value as people read it.
func (n *Notice) WorstText() string { return quantity.Value(n.Unit, n.Worst, 0) }

// BudgetText returns the share of the budget as people read it, "" if it is unknown.
func (n *Notice) BudgetText() string {
	if n.Budget < 0 {
		return ""
	}
	return quantity.Percent(n.Budget, 0)
}
