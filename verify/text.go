package verify

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// cell is the width of a column of numbers.
const cell = 10

// Text writes the result for people, in at most 80 columns: the verdict, what the
// clocks mean, a table for each scenario, and what the last two teach. version is
// Floodmark's own.
func (r *Result) Text(w io.Writer, version string) error {
	s := &report.Sheet{}
	s.Sides("floodmark "+version+"   verify", fmt.Sprintf("%s arrivals/s for %s, %d times",
		quantity.Count(int64(r.Check.Rate)), quantity.Duration(r.Check.Duration), len(r.Scenarios)))
	s.Blank()
	s.Verdict(string(r.Verdict), r.Reason, fmt.Sprintf("exit code %d", r.Verdict.ExitCode()))
	s.Blank()
	clocks(s)
	for i := range r.Scenarios {
		s.Blank()
		r.table(s, i)
	}
	s.Blank()
	r.lesson(s)
	r.next(s)
	_, err := s.WriteTo(w)
	return err
}

// clocks says what the three clocks mean.
func clocks(s *report.Sheet) {
	s.Words("response", "from the instant a request was due until its answer was complete: the wait of a user, whoever is to blame for it")
	s.Words("service", "from the instant it was sent: the part of the target")
	s.Words("lag", "from the instant it was due until it was sent: the part of the generator, or the wait for a free connection")
}

// table writes what was found in one scenario.
func (r *Result) table(s *report.Sheet, i int) {
	scenario := &r.Scenarios[i]
	s.Words(fmt.Sprintf("%d", i+1), scenario.Name+": "+r.about(scenario))
	var head []string
	for _, p := range percentiles() {
		head = append(head, p.Name)
	}
	s.Cells("", cell, head)
	for _, c := range scenario.Comparisons {
		rows(s, &c)
	}
	s.Cells("  pacing    late by", cell, values(scenario.Pacing, Percentile.measured))
}

// rows writes a comparison: what should be, what was measured, the difference, by how
// much they may differ, and whether that holds. Where the response is compared a
// second time, its values stand above already.
func rows(s *report.Sheet, c *Comparison) {
	label := fmt.Sprintf("  %-10s", c.Clock)
	switch c.Reference {
	case Truth:
		s.Cells(label+"true", cell, values(c.Percentiles, Percentile.want))
	case Limit:
		s.Cells(label+"at most", cell, values(c.Percentiles, Percentile.want))
	case Ideal:
		s.Cells(label+"ideal", cell, values(c.Percentiles, Percentile.want))
	}
	if c.Reference != Ideal {
		s.Cells("            measured", cell, values(c.Percentiles, Percentile.measured))
	}
	s.Cells("            error", cell, values(c.Percentiles, Percentile.difference))
	s.Cells("            bound", cell, values(c.Percentiles, Percentile.bound))
	s.Cells("", cell, values(c.Percentiles, Percentile.mark))
}

// values writes one value of each percentile.
func values(percentiles []Percentile, of func(Percentile) string) []string {
	var out []string
	for _, p := range percentiles {
		out = append(out, of(p))
	}
	return out
}

func (p Percentile) want() string { return quantity.Duration(p.Want) }

func (p Percentile) measured() string { return quantity.Duration(p.Measured) }

func (p Percentile) difference() string { return signed(p.Error()) }

// bound writes by how much the measured value may be off.
func (p Percentile) bound() string {
	if !p.Judged() {
		return "-"
	}
	return "±" + quantity.Duration(p.Bound)
}

// mark says how the percentile stands to its bound.
func (p Percentile) mark() string {
	switch p.Standing {
	case Within:
		return "pass"
	case Off:
		return "✗ fail"
	case Machine:
		return "~ late"
	case Shown:
	}
	return "-"
}

// signed writes a difference.
func signed(d time.Duration) string {
	if d > 0 {
		return "+" + quantity.Duration(d)
	}
	return quantity.Duration(d)
}

// about says what happened in a scenario.
func (r *Result) about(s *Scenario) string {
	requests := fmt.Sprintf("%s requests", quantity.Count(int64(s.Requests)))
	stall := fmt.Sprintf("the server stalls from %s to %s", quantity.Duration(s.Stall.Start), quantity.Duration(s.Stall.End))
	switch {
	case s.Stall.Length() == 0:
		return fmt.Sprintf("%s, each with a known delay of %s to %s", requests,
			quantity.Duration(r.Law[0]), quantity.Duration(r.Law[len(r.Law)-1]))
	case s.Connections == 0:
		return fmt.Sprintf("%s, %s and answers what it held at %s/s; ideal is what arithmetic makes of that",
			requests, stall, quantity.Count(int64(time.Second/s.Stall.Gap)))
	}
	return fmt.Sprintf("%s over %d connections, %s", requests, s.Connections, stall)
}

// lesson says what the stall looks like to a tool whose clock starts on sending, at
// the percentile where that shows most.
func (r *Result) lesson(s *report.Sheet) {
	if len(r.Scenarios) == 0 {
		return
	}
	last := &r.Scenarios[len(r.Scenarios)-1]
	felt, told := last.gap()
	if last.Connections == 0 || told.Measured > felt.Measured/2 {
		return
	}
	s.Words("lesson", fmt.Sprintf("%s of the response in scenario %d is %s: so long users waited. A tool whose clock starts when it "+
		"sends would have reported %s: its %d connections were stuck, and what it could not send it did not count. What it left out is the lag.",
		felt.Name, len(r.Scenarios), quantity.Duration(felt.Measured), quantity.Duration(told.Measured), last.Connections))
}

// gap returns the percentile at which response and service are farthest apart; the
// maximum is none.
func (s *Scenario) gap() (response, service Percentile) {
	values := map[measure.Clock][]Percentile{}
	for _, c := range s.Comparisons {
		values[c.Clock] = c.Percentiles
	}
	for i, p := range values[measure.Service] {
		if q := values[measure.Response][i]; p.Quantile < 1 && q.Measured-p.Measured > response.Measured-service.Measured {
			response, service = q, p
		}
	}
	return response, service
}

// next says what the signs mean that are on the sheet, and what to do.
func (r *Result) next(s *report.Sheet) {
	seen := map[Standing]bool{}
	r.each(func(_ *Scenario, _ *Comparison, p *Percentile) { seen[p.Standing] = true })
	var signs []string
	for _, sign := range []struct {
		standing Standing
		meaning  string
	}{
		{Within, "pass: the error is within the bound."},
		{Off, "✗ fail: it is beyond."},
		{Machine, "~ late: it is beyond, where the machine was late itself."},
		{Shown, "-: not judged, as fewer than five requests lie beyond it, or no ideal knows what a backlog over few connections costs."},
	} {
		if seen[sign.standing] {
			signs = append(signs, sign.meaning)
		}
	}
	s.Words("signs", strings.Join(signs, " "))
	switch r.Verdict {
	case Pass:
		s.Words("next", "floodmark doctor, for how far this machine goes")
	case Fail:
		s.Words("next", "the machine kept time and the numbers are off: please report it, with --json")
	case Invalid:
		s.Words("next", "floodmark doctor; stop other programs, lower --rate, or allow more with --bound")
	}
}
