package report

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// A Run is what was asked of floodmark, known before anything is sent. Its JSON
// form is the head of a saved run, so that a report can be made from files
// alone. It holds no secrets as long as Source and Target hold none.
type Run struct {
	Version  string        // of floodmark
	Name     string        // the profile's
	Source   string        // path of the profile, or the URL given instead of one
	Target   string        // base URL
	Started  time.Time     // wall clock at offset 0 of the run
	Planned  time.Duration // length of the schedule, without draining; 0 when not known beforehand
	Load     string        // the schedule in words, such as "500/s for 5m"
	Executor string        // the schedule's kind, such as "constant-arrival-rate"
	Seed     uint64
	Open     bool // arrivals come whatever the target does; else users loop

	// AskedRate is the mean of arrivals per second that the schedule wants
	// outside warm-up, 0 in the closed model.
	AskedRate float64

	MaxInFlight int   // arrivals beyond so many unfinished ones are unsent; 0 when not known
	Rules       Rules // for the generator

	Stages     []Stage
	Series     []measure.Series // what the numbers in intervals stand for
	Under      []time.Duration  // thresholds counted exactly
	Deadlines  []time.Duration  // after which those under way are counted as overdue; ascending
	Failing    time.Duration    // after how long those under way count as failed; 0 unknown
	Objectives []ObjectiveText
}

// Recorded returns what the run's recorder counts, for alerts to follow its intervals.
func (r *Run) Recorded() slo.Recorded {
	return slo.Recorded{Series: r.Series, Under: r.Under, Deadlines: r.Deadlines, Failing: r.Failing}
}

// A Stage is a part of the schedule, from Start until End of the run.
type Stage struct {
	Name       string
	Start, End time.Duration
	Warmup     bool // outside verdict and headline numbers

	Paused time.Duration // how long somebody paused it; unknown before the run
}

// An ObjectiveText is an objective as it is written down. [Describe] makes one.
type ObjectiveText struct {
	Name       string
	Expression string
	Select     []slo.Matcher
	Point      bool          // plain comparison, without asking for enough requests
	Target     float64       // the ratio that budgets refer to, 0 if there is none
	Within     time.Duration // of a budget of under(T): T; else 0
}

// Describe writes an objective down.
func Describe(o slo.Objective) ObjectiveText {
	t := ObjectiveText{
		Name: o.Name, Expression: o.Expression.String(), Select: o.Select, Point: o.Point, Target: o.Target,
	}
	if o.Expression.OfBudget() {
		t.Within = o.Expression.Threshold
	}
	return t
}

// Objective is the inverse of [Describe]. Its error says which expression cannot
// be read.
func (t ObjectiveText) Objective() (slo.Objective, error) {
	expression, err := slo.Parse(t.Expression)
	if err != nil {
		return slo.Objective{}, fmt.Errorf("objective %q: %w", t.Name, err)
	}
	if t.Within > 0 {
		expression.Threshold = t.Within
	}
	return slo.Objective{
		Name: t.Name, Expression: expression, Select: t.Select, Point: t.Point, Target: t.Target,
	}, nil
}

// warmup returns how much of the run's first part up to elapsed was warm-up.
func (r *Run) warmup(elapsed time.Duration) time.Duration {
	var sum time.Duration
	for _, stage := range r.Stages {
		if stage.Warmup {
			sum += max(min(stage.End, elapsed)-stage.Start, 0)
		}
	}
	return sum
}

// unmeasured returns how much of the run's first part up to elapsed does not count for
// rates: warm-up and pauses.
func (r *Run) unmeasured(elapsed time.Duration) time.Duration {
	sum := r.warmup(elapsed)
	for _, stage := range r.Stages {
		if !stage.Warmup {
			sum += stage.Paused
		}
	}
	return sum
}

// passed returns how much of the load that is measured has passed at an instant, as a share;
// all, if nobody knows how much there will be.
func (r *Run) passed(at time.Duration) float64 {
	all := r.Planned - r.unmeasured(r.Planned)
	if r.Planned <= 0 || at >= r.Planned || all <= 0 {
		return 1
	}
	return max(at-r.unmeasured(at), 0).Seconds() / all.Seconds()
}
