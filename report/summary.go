package report

import (
	"cmp"
	"io"
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// An Ending is how a run came to an end, as far as the measurements do not tell.
// The zero value is a run that went as planned.
type Ending struct {
	Elapsed       time.Duration // from the start until the last request ended; 0 = what the intervals cover
	Paced         time.Duration // from the start until the last arrival was begun; 0 = not known, or no arrivals
	Interrupted   bool          // by a signal
	Signal        int           // which: 2 (Ctrl-C, also when 0) or 15
	StoppedBy     string        // who asked for the end, such as "floodmark ctl"; "" if nobody but a signal did
	Aborted       string        // why a rule ended the run early, "" if none did
	Incomplete    bool          // read from the files of a run that never ended
	Steered       []Steer       // what was done to the load by hand, in order
	Interactive   bool          // that does not matter for the verdict
	Marks         Marks         // what people wrote down
	LostIntervals int           // that could not be saved
	Alerts        Alerts
	Warnings      []string // sentences for people
	SavedAs       string   // directory of the saved run, "" if it is not saved
}

// A Summary is what a run found. [Summarise] makes one; nothing in it changes
// afterwards, so that it may be read from many goroutines.
type Summary struct {
	Run      Run
	Ending   Ending
	Totals   *measure.Totals
	Statuses []slo.Status

	Verdict  Verdict
	Reason   string // the verdict in words, such as "1 of 4 objectives missed"
	ExitCode int

	Generator Generator
	Measured  *measure.Tally // the whole run without warm-up; every headline number is of it
	Warmup    *measure.Tally // the rest
	Endpoints []Endpoint     // parts of Measured, the one with most requests first

	// Loaded is how long load was asked for and Elapsed how long the run took,
	// draining included; both without warm-up and pauses. Rates of what was sent are per
	// second of the first, of what was completed per second of the second.
	Loaded, Elapsed time.Duration

	run Run // Run, but with the times and the rate that it really had
}

// An Endpoint is what the steps of one name did, in all scenarios and stages but
// warm-up.
type Endpoint struct {
	Name string
	*measure.Tally
}

// A Format writes a summary. Its errors are those of the writer.
type Format func(io.Writer, Summary) error

// Summarise draws the conclusions. Statuses are those of the run's objectives in
// the run's order; totals must not change as long as the summary is in use.
func Summarise(run Run, ending Ending, totals *measure.Totals, statuses []slo.Status) Summary {
	if ending.Elapsed == 0 {
		ending.Elapsed = totals.Elapsed()
	}
	s := Summary{Run: run, Ending: ending, Totals: totals, Statuses: statuses, run: run}
	s.Measured = totals.Select(func(series measure.Series) bool { return !series.Warmup })
	s.Warmup = totals.Select(func(series measure.Series) bool { return series.Warmup })
	s.Endpoints = endpoints(totals)
	s.retime()
	s.Generator = judgeGenerator(&s)
	s.Verdict, s.Reason = s.judge()
	s.ExitCode = s.exitCode()
	return s
}

// retime works out how long the run was, as it was steered.
func (s *Summary) retime() {
	run, elapsed := &s.run, s.Ending.Elapsed
	if len(s.Ending.Steered) > 0 && len(run.Stages) > 0 {
		run.Stages = run.Steered(s.Ending.Steered, elapsed)
		run.Planned = run.Stages[len(run.Stages)-1].End
	}
	s.Elapsed = max(elapsed-run.unmeasured(elapsed), 0)
	s.Loaded = s.Elapsed
	if run.Planned > 0 && run.Planned < elapsed {
		s.Loaded = max(run.Planned-run.unmeasured(run.Planned), 0)
	}
	if len(s.Ending.Steered) > 0 && run.Open {
		run.AskedRate = perSecond(countArrivals(s).Planned, s.Loaded)
	}
}

// endpoints adds up the measured series by name.
func endpoints(totals *measure.Totals) []Endpoint {
	var out []Endpoint
	seen := make(map[string]bool)
	for _, series := range totals.Series() {
		name := series.Endpoint
		if series.Warmup || seen[name] {
			continue
		}
		seen[name] = true
		sum := totals.Select(func(s measure.Series) bool { return s.Endpoint == name && !s.Warmup })
		if sum.Planned > 0 {
			out = append(out, Endpoint{name, sum})
		}
	}
	slices.SortStableFunc(out, func(a, b Endpoint) int {
		return cmp.Or(cmp.Compare(b.Finished(), a.Finished()), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// perSecond returns n per second of d, 0 when there was no time.
func perSecond(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// share returns part of whole as a ratio, 0 of nothing.
func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
