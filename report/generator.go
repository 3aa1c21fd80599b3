package report

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// From where on a generator is not believed.
const (
	busyCPU       = 0.85                  // of the processor time it may use
	busyPacing    = 5 * time.Millisecond  // p99 lateness that counts against a busy generator
	latePacing    = 50 * time.Millisecond // p99 lateness that counts against any
	pacedArrivals = 500                   // of fewer, a single hiccup of the machine makes up the p99
)

// Generator tells whether the measurement can be trusted: whether the generator
// did what the schedule asked, when it asked.
type Generator struct {
	Valid     bool
	Reasons   []string      // why not, and what to do, in sentences
	CPURatio  float64       // share of the processor time it may use, 0 if unknown
	LagP99    time.Duration // of requests, waits for a free connection included
	PacingP99 time.Duration // of arrivals: the generator's own lateness
	Paced     int64         // arrivals that PacingP99 is of, 0 in the closed model
}

// judgeGenerator distrusts a generator whose arrivals were late while it was
// busy, or very late whatever the cause. The closed model has no arrivals and
// is never late.
func judgeGenerator(pacing, lag *measure.Histogram, cpu float64) Generator {
	g := Generator{
		Valid: true, CPURatio: finite(cpu), LagP99: lag.Quantile(0.99),
		PacingP99: pacing.Quantile(0.99), Paced: pacing.Count(),
	}
	if g.Paced < pacedArrivals {
		return g
	}
	late := Duration(g.PacingP99)
	switch {
	case g.PacingP99 > busyPacing && g.CPURatio > busyCPU:
		g.Reasons = append(g.Reasons, fmt.Sprintf(
			"the generator was busy: cpu %.0f%% of what it may use, and 1%% of the arrivals %s late or more; "+
				"lower the rate or give it more cores", 100*g.CPURatio, late))
	case g.PacingP99 > latePacing:
		g.Reasons = append(g.Reasons, fmt.Sprintf(
			"1%% of the arrivals were %s late or more; the machine was busy elsewhere or asleep: "+
				"stop other programs or use another machine", late))
	}
	g.Valid = len(g.Reasons) == 0
	return g
}
