package openslo

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// maxWindow is the longest window that conditions have.
const maxWindow = 24 * time.Hour

// operators are OpenSLO's comparisons.
func operators() []string { return []string{"lte", "gte", "lt", "gt"} }

// A burn is a burn rate that is too high: the share of bad events, over the share that the objective allows.
type burn struct {
	compare   string // > or >=
	threshold float64
	window    time.Duration // 0: the run so far
}

// burn reads a burn rate and tells how its operator was understood.
func (im *importer) burn(v profiles.Value, alert string) (b burn, ok bool) {
	op, given := im.mustText(v, "op")
	threshold, isNumber := im.number(v, "threshold")
	window, isLength := im.duration(v, "lookbackWindow")
	for _, key := range []string{"threshold", "lookbackWindow"} {
		if !v.Key(key).Given() {
			im.missing(v, v.Position, key)
		}
	}
	if !given || !isNumber || !isLength {
		return b, false
	}
	b = burn{threshold: rounded(threshold)}
	switch op {
	case "gt", "lte":
		b.compare = ">"
	case "gte", "lt":
		b.compare = ">="
	default:
		im.file.Fault(v.Key("op").Position, didYouMean(op, operators()), "unknown op %q", op)
		return b, false
	}
	if op == "lt" || op == "lte" {
		im.note(v.Key("op").Position, "alert %s: op %s %s is read as what should hold, so it fires at burn %s %s; OpenSLO's own example is worded so", alert, op, plain(threshold), b.compare, plain(threshold))
	}
	switch {
	case b.threshold <= 0:
		im.file.Fault(v.Key("threshold").Position, "1 uses all of the budget", "threshold must be above 0")
	case window == 0:
		im.file.Fault(v.Key("lookbackWindow").Position, "", "lookbackWindow must be above 0")
	case window > maxWindow:
		im.note(v.Key("lookbackWindow").Position, "alert %s: a window of more than 24h becomes the run so far", alert)
	default:
		b.window = window
	}
	return b, b.threshold > 0 && window > 0
}

// impossible returns why an objective cannot burn so fast, "" if it can.
func (b burn) impossible(objective slo.Expression) string {
	goal := objective.Goal()
	if goal <= 0 || goal >= 1 {
		return fmt.Sprintf("%s allows no share of bad requests that could burn", objective)
	}
	bad := rounded(b.threshold * (1 - goal))
	if bad > 1 || bad == 1 && b.compare == ">" {
		return fmt.Sprintf("a burn rate of %s takes more bad requests than there are, as %s allows %s%%", plain(b.threshold), objective, plain(100*(1-goal)))
	}
	return ""
}

// condition returns the trouble of an objective that burns so fast. What is bad about a request, the SLO says by its
// objective: that it failed, or took too long.
func (b burn) condition(objective slo.Expression) slo.Condition {
	rate, _ := slo.Parse("burn " + b.compare + " " + plain(b.threshold)) // it always parses
	rate.Select = objective.Select
	return slo.Condition{Expression: rate, Over: []slo.Window{{Length: b.window}}}
}
