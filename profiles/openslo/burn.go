package openslo

import (
	"fmt"
	"time"

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

// of returns the condition for an objective, or why there is none. The metric burn counts requests that fail; of
// requests that are too slow, the same is said by their share.
func (b burn) of(objective slo.Expression) (when, why string) {
	goal := objective.Goal()
	if goal <= 0 || goal >= 1 {
		return "", fmt.Sprintf("%s allows no share of bad requests that could burn", objective)
	}
	bad := b.threshold * (1 - goal)
	if rounded(bad) >= 1 {
		return "", fmt.Sprintf("a burn rate of %s takes more bad requests than there are, as %s allows %s%%", plain(b.threshold), objective, plain(100*(1-goal)))
	}
	c := slo.Condition{Expression: objective, Over: []slo.Window{{Length: b.window}}}
	if _, isUnder := objective.Under(); isUnder {
		c.Compare, c.Limit = "<", rounded(1-bad)
		if b.compare == ">=" {
			c.Compare = "<="
		}
		return c.String(), ""
	}
	rate, err := slo.Parse("burn " + b.compare + " " + plain(b.threshold))
	if err != nil {
		return "", err.Error()
	}
	rate.Select = objective.Select
	c.Expression = rate
	return c.String(), ""
}
