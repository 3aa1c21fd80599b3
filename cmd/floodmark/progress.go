package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// A progress writes how the run goes to stderr: a line every few seconds, or a
// JSON object every second. What cannot be written is dropped: the display never
// holds up the run. While there is a dashboard it writes nothing.
type progress struct {
	w     io.Writer
	spool *spool // what w is, if it is to be closed
	mode  string // of --ui, other than auto
	every time.Duration
	plan  *plan

	start  time.Time
	totals *measure.Totals // of the run, the caller's
	next   time.Duration
	period *measure.Totals // since the line before
	last   time.Duration
	stages []report.Stage // as they were, or will be
	paused bool
}

// newProgress shows a run in one of the ways of --ui.
func newProgress(p *plan, mode string, every time.Duration, env environment) *progress {
	if mode == uiJSON {
		every = beatLength
	}
	s := newSpool(env.err)
	return &progress{w: s, spool: s, mode: mode, every: every, plan: p, stages: p.run.Stages}
}

// close waits until everything is written, for a moment.
func (g *progress) close() {
	if g.spool != nil {
		g.spool.close()
	}
}

// fallBack writes lines from now on: the dashboard is gone.
func (g *progress) fallBack(now time.Duration) {
	g.mode, g.last = uiPlain, now
	g.next = now.Truncate(g.every) + g.every
	g.period = measure.NewTotals(g.plan.series, g.plan.under)
}

// move says when the stages are, after somebody has changed the load.
func (g *progress) move(stages []report.Stage, paused bool) { g.stages, g.paused = stages, paused }

// begin notes the start of the run and where its intervals are added up.
func (g *progress) begin(start time.Time, totals *measure.Totals) {
	g.start, g.totals, g.next = start, totals, g.every
	g.period = measure.NewTotals(g.plan.series, g.plan.under)
	if g.mode == uiPlain {
		_, _ = fmt.Fprintf(g.w, "%s → %s   %s, Ctrl-C stops\n", g.plan.profile.Name, g.plan.run.Target, g.plan.run.Load)
	}
}

// add takes an interval, and writes a line when one is due.
func (g *progress) add(in *measure.Interval, statuses func() []slo.Status) {
	if g.mode == uiNone || g.mode == uiTUI {
		return
	}
	g.period.Add(in)
	if in.End < g.next {
		return
	}
	for g.next <= in.End {
		g.next += g.every
	}
	g.show(in.End, statuses)
}

// end shows what is left of the last period, to readers that add periods up.
func (g *progress) end(statuses func() []slo.Status) {
	if g.mode == uiJSON && g.period.Intervals() > 0 {
		g.show(g.last+g.period.Elapsed(), statuses)
	}
}

// show writes the period that ends now, and begins another.
func (g *progress) show(now time.Duration, statuses func() []slo.Status) {
	beat := g.beat(now, statuses())
	if g.mode == uiJSON {
		line, err := beat.JSON()
		if err == nil {
			_, _ = fmt.Fprintf(g.w, "%s\n", line)
		}
	} else {
		_, _ = fmt.Fprintln(g.w, beat.Line())
	}
	g.period = measure.NewTotals(g.plan.series, g.plan.under)
}

// beat describes the period that ends now.
func (g *progress) beat(now time.Duration, statuses []slo.Status) report.Beat {
	beat := g.picture(g.last, now, g.period, statuses)
	g.last = now
	return beat
}

// picture describes a period.
func (g *progress) picture(from, now time.Duration, period *measure.Totals, statuses []slo.Status) report.Beat {
	return report.Beat{
		At: now, Planned: planEnd(g.stages), Clock: g.start.Add(now), Stage: g.stage(from + (now-from)/2), Stages: g.stages,
		Period: period, Totals: g.totals, Statuses: statuses, Rules: g.plan.run.Rules,
	}
}

// stage names the stage at an instant, with its place among all.
func (g *progress) stage(at time.Duration) string {
	for i, s := range g.stages {
		name := s.Name
		if g.paused {
			name = "paused"
		}
		if at <= s.End {
			return fmt.Sprintf("%s %d/%d", name, i+1, len(g.stages))
		}
	}
	return "drain"
}

// warn tells of something that went wrong, whatever else is shown.
func (g *progress) warn(text string) {
	switch g.mode {
	case uiJSON:
		_, _ = fmt.Fprintf(g.w, "{\"warning\":%q}\n", text)
	case uiTUI: // where it is shown, and again in the summary
	default:
		_, _ = fmt.Fprintln(g.w, "WARNING: "+text)
	}
}

// alert tells of an alert that fires or is over, at once.
func (g *progress) alert(now time.Duration, c *report.Change) {
	if g.mode == uiJSON {
		if object, err := json.Marshal(c); err == nil {
			_, _ = fmt.Fprintf(g.w, "{\"at_seconds\":%.3f,\"alert\":%s}\n", now.Seconds(), object)
		}
		return
	}
	if line := c.Line(); line != "" {
		g.note(now, line)
	}
}

// note tells of something that happened.
func (g *progress) note(now time.Duration, text string) {
	switch g.mode {
	case uiPlain:
		_, _ = fmt.Fprintf(g.w, "%s %s %s\n", g.start.Add(now).Format(time.TimeOnly), quantity.Instant(now.Round(time.Second)), text)
	case uiJSON:
		_, _ = fmt.Fprintf(g.w, "{\"at_seconds\":%.3f,\"note\":%q}\n", now.Seconds(), text)
	}
}
