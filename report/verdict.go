package report

import (
	"fmt"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/slo"
)

// A Verdict is what the whole run comes to.
type Verdict string

// The verdicts, those that outweigh others first.
const (
	Incomplete   Verdict = "incomplete"   // the run was interrupted, or never ended
	Invalid      Verdict = "invalid"      // the generator, not the target, was the limit
	Fail         Verdict = "fail"         // an objective was missed, or a rule aborted the run
	Inconclusive Verdict = "inconclusive" // too few requests to tell, or the load was changed by hand
	Pass         Verdict = "pass"         // every objective was met
)

// judge returns the verdict and the words for it, the alerts that fired included.
func (s *Summary) judge() (Verdict, string) {
	verdict, words := s.verdict()
	if fired := s.Ending.Alerts.words(); fired != "" {
		words += "; " + fired
	}
	return verdict, words
}

func (s *Summary) verdict() (Verdict, string) {
	objectives := s.objectives()
	switch {
	case s.Ending.Interrupted && s.Ending.StoppedBy != "":
		return Incomplete, "stopped by " + quantity.Line(s.Ending.StoppedBy) + " at " + s.progress() + "; " + objectives + " so far"
	case s.Ending.Interrupted:
		return Incomplete, "interrupted at " + s.progress() + "; " + objectives + " so far"
	case s.Ending.Incomplete:
		return Incomplete, "the run never ended; recorded until " + s.progress() + "; " + objectives
	case !s.Generator.Valid:
		return Invalid, "the generator, not the target, was the limit"
	}
	verdict, words := s.outcome(objectives)
	if len(s.Ending.Steered) > 0 && !s.Ending.Interactive {
		return Inconclusive, s.byHand() + "; " + words
	}
	return verdict, words
}

// outcome judges a run that went as planned, or as somebody else wanted.
func (s *Summary) outcome(objectives string) (Verdict, string) {
	if s.Ending.Aborted != "" {
		return Fail, "aborted: " + quantity.Line(s.Ending.Aborted)
	}
	switch slo.Overall(s.Statuses) {
	case slo.Missed:
		return Fail, objectives
	case slo.Inconclusive:
		return Inconclusive, objectives
	case slo.Met:
	}
	switch {
	case s.Measured.Finished() == 0:
		return Inconclusive, "no request finished"
	case s.Measured.Succeeded == 0 && len(s.Statuses) == 0:
		return Inconclusive, "no request succeeded, and there are no objectives to judge it by"
	}
	return Pass, objectives
}

// progress tells how far the run came.
func (s *Summary) progress() string {
	if s.run.Planned <= 0 {
		return quantity.Instant(s.Ending.Elapsed)
	}
	return quantity.Instant(s.Ending.Elapsed) + " of " + quantity.Instant(s.run.Planned)
}

// objectives counts the objectives of the worst kind there is.
func (s *Summary) objectives() string {
	if len(s.Statuses) == 0 {
		return "no objectives"
	}
	n := make(map[slo.Verdict]int)
	for _, status := range s.Statuses {
		n[status.Verdict]++
	}
	of := fmt.Sprintf("of %d objectives", len(s.Statuses))
	if len(s.Statuses) == 1 {
		of = "of 1 objective"
	}
	switch {
	case n[slo.Missed] > 0:
		return fmt.Sprintf("%d %s missed", n[slo.Missed], of)
	case n[slo.Inconclusive] > 0:
		return fmt.Sprintf("%d %s undecided", n[slo.Inconclusive], of)
	}
	return fmt.Sprintf("%d %s met", n[slo.Met], of)
}

// exitCode returns the code that the process ends with.
func (s *Summary) exitCode() int {
	switch s.Verdict {
	case Incomplete:
		if !s.Ending.Interrupted {
			return 3
		}
		if s.Ending.Signal == 0 {
			return 130
		}
		return 128 + s.Ending.Signal
	case Invalid:
		return 5
	case Fail:
		return 1
	case Inconclusive:
		return 3
	case Pass:
		if s.Ending.Alerts.Required && s.Ending.Alerts.Undelivered > 0 {
			return 6
		}
	}
	return 0
}
