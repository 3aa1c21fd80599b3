package report

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/slo"
)

const stageColumn = 11 // of a progress line

// A Beat is the run's progress at one moment. Latency, rates and errors are of
// the period since the beat before it, warm-up included; statuses are of the run
// so far.
type Beat struct {
	At, Planned time.Duration   // offset in the run, and its planned length, 0 if not known
	Clock       time.Time       // wall clock at At
	Stage       string          // such as "steady 2/3"
	Stages      []Stage         // as they were, or will be
	Period      *measure.Totals // the intervals since the beat before
	Totals      *measure.Totals // all intervals
	Statuses    []slo.Status
	Rules       Rules // for the generator
}

// Line returns the beat in one line without line break, in fixed columns as long
// as values stay usual:
//
//	05:10:49 00:05 ramp 1/3      83/83/s   flight 12   p50 9.4ms  p99 61.0ms err 0.00% slo 4/4 ok left 96% gen ok
//
// The rates are asked and completed per second. In flight is what is due and not
// ended: where it grows, the target does not keep up. Left is what remains of the error
// budget of the planned run, of the objective that has least.
func (b Beat) Line() string {
	t := b.Period.Select(nil)
	length := b.Period.Elapsed()
	return fmt.Sprintf("%s %s %s %4s/%s flight %-4d p50 %s p99 %s err %s slo %s gen %s",
		b.Clock.Format(time.TimeOnly), quantity.Instant(b.At), pad(fit(quantity.Line(b.Stage), stageColumn), stageColumn),
		wholeRate(perSecond(t.Planned, length)), pad(wholeRate(perSecond(t.Finished(), length))+"/s", 6), t.InFlight,
		pad(quantileOrDash(&t.Response, 0.5), 6), pad(quantileOrDash(&t.Response, 0.99), 6),
		pad(errorRatio(t), 5), standing(b.Statuses)+b.budget(), b.generator(t))
}

// wholeRate writes a rate without decimals from 10 on.
func wholeRate(v float64) string {
	if v < 9.95 {
		return quantity.Rate(v)
	}
	return fmt.Sprintf("%.0f", v)
}

// errorRatio writes the share of failed requests, a dash without any.
func errorRatio(t *measure.Tally) string {
	if t.Finished() == 0 {
		return "-"
	}
	if t.Succeeded == 0 {
		return "100%"
	}
	percent := 100 * share(t.Failed, t.Finished())
	if percent >= 9.995 {
		return fmt.Sprintf("%.1f%%", percent)
	}
	return fmt.Sprintf("%.2f%%", percent)
}

// standing says how the objectives stand in two words.
func standing(statuses []slo.Status) string {
	var met, missed int
	for _, s := range statuses {
		switch s.Verdict {
		case slo.Met:
			met++
		case slo.Missed:
			missed++
		case slo.Inconclusive:
		}
	}
	switch {
	case len(statuses) == 0:
		return "none"
	case missed > 0:
		return fmt.Sprintf("%d/%d missed", missed, len(statuses))
	case met < len(statuses):
		return fmt.Sprintf("%d/%d met", met, len(statuses))
	}
	return fmt.Sprintf("%d/%d ok", met, len(statuses))
}

// passed is how much of the planned run has passed, as a share; all, if nobody knows its
// length.
func (b Beat) passed() float64 {
	run := Run{Planned: b.Planned, Stages: b.Stages}
	return run.passed(b.At)
}

// budget says how much of the tightest error budget is left, "" while all of it is.
func (b Beat) budget() string {
	least := 1.0
	for _, s := range b.Statuses {
		if left, ok := budgetLeft(s, b.passed()); ok {
			least = min(least, left)
		}
	}
	if least > 0.995 {
		return ""
	}
	return fmt.Sprintf(" left %.0f%%", 100*max(least, -99)) // of what a service may fail, 99 times is enough to know
}

// budgetLeft returns the share of the planned run's error budget that is left, which is
// negative once more was used; ok is false for objectives without a budget.
func budgetLeft(s slo.Status, passed float64) (left float64, ok bool) {
	return 1 - s.Burn*passed, s.Burn >= 0 && s.HasData
}

// generator says how the generator did in the period.
func (b Beat) generator(t *measure.Tally) string {
	j := b.judge(t)
	switch {
	case j.Valid:
		return "ok"
	case j.late():
		return "late " + quantity.Duration(j.PacingP99)
	}
	return fmt.Sprintf("cpu %.0f%%", 100*j.CPURatio)
}

// judge judges the generator by what is known of the period.
func (b Beat) judge(t *measure.Tally) *judge {
	j := newJudge(b.Rules, b.Period, &t.Lag)
	j.judge()
	return j
}

// A beatJSON is the JSON form of a beat, one object to a line.
type beatJSON struct {
	At         float64     `json:"at_seconds"`
	Planned    float64     `json:"planned_seconds"`
	Clock      time.Time   `json:"time"`
	Stage      string      `json:"stage"`
	Asked      float64     `json:"asked_per_second"`
	Completed  float64     `json:"completed_per_second"`
	Counts     counts      `json:"counts"`
	Response   clock       `json:"response"`
	Service    clock       `json:"service"`
	Lag        clock       `json:"lag"`
	Run        counts      `json:"run_counts"`
	Objectives []objective `json:"slos"`
	Generator  generator   `json:"generator"`
}

// JSON returns the beat as one JSON object without line break.
func (b Beat) JSON() ([]byte, error) {
	t, length := b.Period.Select(nil), b.Period.Elapsed()
	out := beatJSON{
		At: b.At.Seconds(), Planned: b.Planned.Seconds(), Clock: b.Clock.UTC(), Stage: b.Stage,
		Asked: perSecond(t.Planned, length), Completed: perSecond(t.Finished(), length),
		Counts: countsOf(t), Response: clockOf(&t.Response), Service: clockOf(&t.Service), Lag: clockOf(&t.Lag),
		Run: countsOf(b.Totals.Select(nil)), Objectives: []objective{},
		Generator: generatorOf(b.judge(t).Generator),
	}
	for _, s := range b.Statuses {
		out.Objectives = append(out.Objectives, objectiveOf(s, b.passed()))
	}
	return json.Marshal(out)
}
