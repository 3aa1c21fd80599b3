package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// alarms are a run's alerts on their way: from intervals to transitions, from these to
// what people are told, and to the receivers. All methods are the beat's.
type alarms struct {
	plan    *plan
	board   *alert.Board
	desk    *alert.Desk
	post    *post              // nil when nobody is told
	samples []measure.Exemplar // the latest failure of each series
	record  report.Alerts
}

// news is what an interval has brought.
type news struct {
	changes    []report.Change
	notices    []alert.Notice
	deliveries []report.Delivery
}

// newAlarms follows the plan's rules; post is nil when nobody is told.
func newAlarms(p *plan, run alert.Run, f *deliveryFlags, post *post) *alarms {
	a := &alarms{plan: p, post: post, samples: make([]measure.Exemplar, len(p.series))}
	a.record.Required = f.required
	a.board = alert.NewBoard(p.rules, p.run.Recorded(), nil)
	a.move(p.run.Stages)
	a.desk = alert.NewDesk(run, p.series, p.run.Planned, f.scope)
	return a
}

// move says when the stages are; again, after somebody has changed the load.
func (a *alarms) move(stages []report.Stage) {
	moved := make([]alert.Stage, len(stages))
	for i, s := range stages {
		moved[i] = alert.Stage{Name: s.Name, End: s.End, Warmup: s.Warmup, Paused: s.Paused}
	}
	a.board.Move(moved)
}

// warnings sends what goes wrong to warn.
func (a *alarms) warnings(warn func(string)) {
	if a.post != nil {
		a.post.warn = warn
	}
}

// close ends the delivery.
func (a *alarms) close(env environment) {
	if a.post == nil {
		return
	}
	kept, err := a.post.close()
	if err != nil {
		_, _ = fmt.Fprintf(env.err, "WARNING: %v\n", err)
	}
	if kept != "" {
		_, _ = fmt.Fprintf(env.err, "hint: the run is not saved, but its outbox is: floodmark outbox flush %s --profile %s\n", kept, a.plan.run.Source)
	}
}

// add judges an interval. When it returns, what people are to be told is in the outbox.
func (a *alarms) add(in *measure.Interval) news {
	if len(a.plan.rules) == 0 {
		return news{}
	}
	a.sample(in)
	changes := a.board.Add(in)
	notices := a.desk.Add(in.End, a.board.Stage(in), changes)
	return a.hand(changes, notices)
}

// end ends all alerts, as the run does.
func (a *alarms) end(at time.Duration) news {
	changes := a.board.End(at)
	return a.hand(changes, a.desk.End(at, changes))
}

// drain waits until people have been told, for as long as there is patience, or until ctx
// or done end it. waiting is called if that takes a moment.
func (a *alarms) drain(ctx context.Context, patience time.Duration, done <-chan struct{}, waiting func()) news {
	if a.post == nil {
		return news{}
	}
	const moment = time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	left := make(chan int, 1)
	go func() { left <- a.post.drain(ctx) }()
	timer := time.NewTimer(moment)
	defer timer.Stop()
	for {
		select {
		case a.record.Undelivered = <-left:
			return a.hand(nil, nil)
		case <-timer.C:
			waiting()
		case <-done:
			cancel()
			done = nil
		}
	}
}

// hand puts notices into the outbox, and writes everything down.
func (a *alarms) hand(changes []alert.Transition, notices []alert.Notice) news {
	var out news
	for i := range notices {
		notices[i].Sample = a.sampleFor(&notices[i])
	}
	out.notices = notices
	if a.post != nil {
		a.post.notify(notices)
		out.deliveries = a.post.take()
	}
	for _, t := range changes {
		c := report.ChangeOf(t)
		for i := range notices {
			if n := &notices[i]; n.SLO == c.SLO && n.Rule == c.Rule && n.At == t.At && slices.Equal(n.Labels, t.Labels) && announces(n.Kind, t) {
				c.Notice = n.ID
			}
		}
		out.changes = append(out.changes, c)
		a.record.AddChange(c)
	}
	for _, n := range notices {
		a.record.AddNotice(n)
	}
	for _, d := range out.deliveries {
		a.record.AddDelivery(d)
	}
	return out
}

// announces reports whether a notice is about a transition of the same alert at the same
// time.
func announces(kind alert.Kind, t alert.Transition) bool {
	if kind == alert.Resolved {
		return t.To == alert.Inactive
	}
	return t.To == alert.Firing
}

// sample remembers the latest failure of each series.
func (a *alarms) sample(in *measure.Interval) {
	for _, part := range in.Series {
		if part.Series < 0 || part.Series >= len(a.samples) {
			continue
		}
		if n := len(part.Exemplars); n > 0 {
			a.samples[part.Series] = part.Exemplars[n-1]
		}
	}
}

// exemplarText tells of a failure.
func exemplarText(e measure.Exemplar) string {
	text := e.Outcome.String()
	if e.Status > 0 {
		text = fmt.Sprintf("HTTP %d", e.Status)
	}
	if e.Detail != "" {
		text += " " + e.Detail
	}
	return text
}

// sampleFor returns the latest failure of the requests that a notice is about, since a
// window before it began.
func (a *alarms) sampleFor(n *alert.Notice) string {
	var latest measure.Exemplar
	endpoint := ""
	for _, r := range a.plan.rules {
		if r.SLO != n.SLO || r.Name != n.Rule {
			continue
		}
		for i, s := range a.plan.series {
			got := a.samples[i]
			if got.Outcome != measure.None && got.At >= latest.At && got.At >= n.Began-r.When.Longest() && r.About(s, n.Labels) {
				latest, endpoint = got, s.Endpoint
			}
		}
	}
	if latest.Outcome == measure.None {
		return ""
	}
	return endpoint + ": " + exemplarText(latest)
}
