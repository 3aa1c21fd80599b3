package report

import (
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// What it takes to judge a generator.
const (
	pacedArrivals = 500         // of fewer, a single hiccup of the machine makes up the p99
	watched       = time.Second // a shorter run is mostly its start

	hiccup = 100 * time.Millisecond // an end that is no later than this says nothing of the rate
)

// Generator tells whether the measurement can be trusted: whether the generator
// did what the schedule asked, when it asked.
type Generator struct {
	Valid     bool
	Reasons   []string      // why not, and what to do
	Notes     []string      // what else to know of this measurement; it is valid all the same
	CPURatio  float64       // share of the processor time it may use, 0 if unknown
	LagP99    time.Duration // of requests, waits for a free connection included
	PacingP99 time.Duration // of arrivals: the generator's own lateness
	Paced     int64         // arrivals that PacingP99 is of, 0 in the closed model

	// Of the run without warm-up; not known in a beat.
	Asked     int64   // arrivals of the open model
	Unsent    int64   // those for which max_in_flight left no room, or a change by hand no time
	SentRatio float64 // share of the asked arrivals that were sent in the time planned for them, 0 if none were asked

	Health measure.HealthTotals
}

// A judge draws the conclusions about a generator. Its fields are the evidence.
type judge struct {
	Generator
	rules       Rules
	pacing      *measure.Histogram
	open        bool
	steered     bool // the load was changed by hand
	maxInFlight int
	sent        sentArrivals // zero in a beat
	connections int64        // opened in the run
}

// judgeGenerator distrusts a generator that broke one of the rules. Lateness and
// CPU are those of the whole run, warm-up included: a generator that is out of
// breath at the start has not done what follows as it should.
func judgeGenerator(s *Summary) Generator {
	j := newJudge(s.Run.Rules, s.Totals, &s.Measured.Lag)
	j.open, j.maxInFlight, j.steered = s.Run.Open, s.Run.MaxInFlight, len(s.Ending.Steered) > 0
	j.sent = countSent(s)
	j.connections = s.Measured.Connect.Count() + s.Warmup.Connect.Count()
	if j.open {
		j.Asked, j.Unsent, j.SentRatio = j.sent.asked, j.sent.unsent, j.sent.ratio(true)
	}
	j.judge()
	j.note()
	return j.Generator
}

// newJudge gathers what totals tell.
func newJudge(rules Rules, totals *measure.Totals, lag *measure.Histogram) *judge {
	return &judge{
		Generator: Generator{
			CPURatio: finite(totals.Health.CPURatio()), LagP99: lag.Quantile(0.99),
			PacingP99: totals.Pacing.Quantile(0.99), Paced: totals.Pacing.Count(), Health: totals.Health,
		},
		rules: rules, pacing: &totals.Pacing,
	}
}

// judge asks rule after rule.
func (j *judge) judge() {
	late, busy := j.late(), j.busy()
	if late {
		j.Reasons = append(j.Reasons, j.lagReason())
	}
	if busy {
		j.Reasons = append(j.Reasons, j.cpuReason())
	}
	if j.underSent(late || busy) {
		j.Reasons = append(j.Reasons, j.sentReason(late || busy))
	}
	j.Valid = len(j.Reasons) == 0
}

// late reports whether the pacer broke the rule. The closed model has no arrivals
// and is never late.
func (j *judge) late() bool {
	return j.paced() && j.pacing.Quantile(j.rules.LagQuantile) >= j.rules.Lag
}

// paced reports whether there is a rule for lateness, and enough to judge by it.
func (j *judge) paced() bool { return j.rules.Lag > 0 && j.Paced >= pacedArrivals }

// busy reports whether too little of the processor time was left.
func (j *judge) busy() bool {
	return j.rules.CPU > 0 && j.Health.Observed >= watched && j.CPURatio >= j.rules.CPU
}

// underSent reports whether too little was sent through the generator's own fault.
// An arrival that finds max_in_flight reached is one: only if the generator was
// late or busy. Otherwise it did its part on time, and it is the target that has
// so many requests under way.
func (j *judge) underSent(ill bool) bool {
	return j.rules.SentRate > 0 && j.sent.asked > 0 && j.sent.ratio(ill) < j.rules.SentRate
}

// sentArrivals counts what became of the arrivals outside warm-up.
type sentArrivals struct {
	asked, unsent int64
	starved       int64         // requests that this machine had no port or descriptor for
	why           string        // what it had none of
	loaded, over  time.Duration // how long the arrivals should have taken, and how much longer they took
}

// countSent looks at the first request of each scenario: a series for each stage,
// and the only one whose requests can be unsent. In the closed model it takes all
// requests for arrivals, of which only those for want of something are missing.
func countSent(s *Summary) sentArrivals {
	var out sentArrivals
	out.starved, out.why = starved(s.Measured)
	if !s.Run.Open {
		out.asked = s.Measured.Planned
		return out
	}
	out.loaded, out.over = s.Loaded, overtime(s)
	out.asked, out.unsent = countArrivals(s).Planned, s.Measured.Unsent
	return out
}

// countArrivals adds up the first requests of scenarios outside warm-up.
func countArrivals(s *Summary) *measure.Tally {
	var before measure.Series
	first := make(map[measure.Series]bool)
	for i, series := range s.Totals.Series() {
		if i == 0 || series.Scenario != before.Scenario || series.Stage != before.Stage {
			first[series] = !series.Warmup
		}
		before = series
	}
	return s.Totals.Select(func(series measure.Series) bool { return first[series] })
}

// overtime returns how much longer than planned the arrivals took.
func overtime(s *Summary) time.Duration {
	if over := s.Ending.Paced - s.run.Planned; s.run.Planned > 0 && over > hiccup {
		return over
	}
	return 0
}

// ratio returns the share of the arrivals that was sent in time; those that found
// max_in_flight reached count as sent unless they are asked for.
func (a sentArrivals) ratio(unsent bool) float64 {
	if a.asked == 0 {
		return 0
	}
	missing := a.starved
	if unsent {
		missing += a.unsent
	}
	ratio := 1 - min(share(missing, a.asked), 1)
	if a.loaded > 0 {
		ratio *= a.loaded.Seconds() / (a.loaded + a.over).Seconds()
	}
	return ratio
}

// starved returns how many requests failed for want of something on this machine,
// and of what, by the words in which targets tells it. Where the first failure
// without an answer was of that kind, the others are taken for such, too.
func starved(t *measure.Tally) (int64, string) {
	for _, e := range t.Exemplars {
		if e.Outcome != measure.Network {
			continue
		}
		for _, what := range []string{noPort, noDescriptor} {
			if strings.Contains(e.Detail, "this machine has no "+what+" left") {
				return t.Outcomes[measure.Network], what
			}
		}
	}
	return 0, ""
}

// What a machine can run out of.
const (
	noPort       = "free port"
	noDescriptor = "file descriptor"
)
