package verify

import (
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A Result is what a check found. Nothing in it changes once Run has returned it.
type Result struct {
	Check     Check
	Law       Law
	Scenarios []Scenario
	Verdict   Verdict
	Reason    string // the verdict in words
}

// A Scenario is what was found in one of the scenarios.
type Scenario struct {
	Name        string
	Requests    int
	Stall       Stall        // the zero Stall for none
	Connections int          // 0: as many as were needed
	Pacing      []Percentile // how late the pacer was; nothing is wanted of it here
	Comparisons []Comparison
}

// A Reference is what a clock is compared with.
type Reference string

// The references.
const (
	Truth Reference = "truth" // the schedule and the server's notes
	Limit Reference = "limit" // the server's notes of the receipt, before which the request was sent
	Ideal Reference = "ideal" // a replay by arithmetic alone
)

// A Comparison holds one clock against a reference, percentile by percentile.
type Comparison struct {
	Clock       measure.Clock
	Reference   Reference
	Percentiles []Percentile
}

// A Percentile is one value of a clock, measured and as it should be.
type Percentile struct {
	Name           string // p50 to p99.9, or max
	Quantile       float64
	Want, Measured time.Duration
	Bound          time.Duration // by how much they may differ; 0: not judged
	Standing       Standing
}

// Error returns by how much the measured value is too large; negative, too small.
func (p Percentile) Error() time.Duration { return p.Measured - p.Want }

// Ratio returns the error as a share of what it should be, 0 if that is 0.
func (p Percentile) Ratio() float64 {
	if p.Want == 0 {
		return 0
	}
	return p.Error().Seconds() / p.Want.Seconds()
}

// Judged reports whether the percentile counts.
func (p Percentile) Judged() bool { return p.Bound > 0 }

// percentiles returns those that are looked at, without values.
func percentiles() []Percentile {
	return []Percentile{
		{Name: "p50", Quantile: 0.5},
		{Name: "p90", Quantile: 0.9},
		{Name: "p95", Quantile: 0.95},
		{Name: "p99", Quantile: 0.99},
		{Name: "p99.9", Quantile: 0.999},
		{Name: "max", Quantile: 1},
	}
}

// tail is how many requests must lie beyond a percentile for it to be judged. The
// maximum never is: one pause of the machine decides it.
const tail = 5

// compare holds what was measured in a trial against the truth and, where there is a
// stall, the response against the ideal as well.
func (c Check) compare(t *trial, out *outcome) Scenario {
	s := Scenario{
		Name: t.scenario.name, Requests: len(t.arrivals),
		Stall: t.scenario.stall, Connections: t.scenario.connections,
	}
	for _, p := range percentiles() {
		p.Measured = out.pacing.Quantile(p.Quantile)
		p.Standing = Shown
		s.Pacing = append(s.Pacing, p)
	}
	y := yardstick{check: c, pacing: out.pacing}
	m, sent := out.measured, y
	stalls := t.scenario.stall.Length() > 0
	if stalls && t.scenario.connections == 0 {
		sent = y.loose() // between sending and receipt a connection is opened, for every request of the stall
	}
	s.Comparisons = []Comparison{
		y.compare(measure.Response, Truth, &out.truth.response, &m.Response),
		y.compare(measure.Service, Truth, &out.truth.service, &m.Service),
		sent.compare(measure.Lag, Limit, &out.truth.lag, &m.Lag),
	}
	if stalls {
		var ideal measure.Histogram
		for _, response := range replay(t.arrivals, t.delays(), t.scenario.stall, t.scenario.connections) {
			ideal.Record(response)
		}
		against := y.loose()
		against.lenient = t.scenario.connections > 0
		s.Comparisons = append(s.Comparisons, against.compare(measure.Response, Ideal, &ideal, &m.Response))
	}
	return s
}

// A yardstick knows how far a percentile may be off, and how late the machine was.
type yardstick struct {
	check  Check
	pacing *measure.Histogram

	// lenient judges nothing: over few connections every request of a backlog waits
	// for what all before it took besides their delays, which no ideal knows.
	lenient bool
}

// loose returns the yardstick for what cannot be equal: an ideal server, whose
// requests nobody must be woken for, or the receipt of what is sent on a connection
// that must be opened first. Each wake-up may take as long as the bound allows.
func (y yardstick) loose() yardstick {
	y.check.Bound *= wakeups
	return y
}

// compare compares the percentiles of two histograms.
func (y yardstick) compare(clock measure.Clock, reference Reference, want, measured *measure.Histogram) Comparison {
	out := Comparison{Clock: clock, Reference: reference}
	for _, p := range percentiles() {
		p.Want, p.Measured = want.Quantile(p.Quantile), measured.Quantile(p.Quantile)
		if beyond := (1 - p.Quantile) * float64(want.Count()); beyond > tail-0.5 && !y.lenient {
			p.Bound = max(y.check.Bound, time.Duration(y.check.Share*float64(p.Want)))
		}
		p.Standing = p.stand(y.pacing.Quantile, y.check.Bound)
		out.Percentiles = append(out.Percentiles, p)
	}
	return out
}
