package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"time"

	"github.com/floodmark/floodmark/demo-server/admin"
	"github.com/floodmark/floodmark/health"
	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/runs"
	"github.com/floodmark/floodmark/sleeper"
	"github.com/floodmark/floodmark/slo"
)

// beatLength is the length of an interval.
const beatLength = time.Second

// An act is something that happens at its offset while a run goes on, such as
// the outage of the demo, or a change of the load.
type act struct {
	at   time.Duration
	name string
	do   func(*loadgen.Control) error
}

// A drive takes a plan through its run. One goroutine, that of run, does
// everything here but generating.
type drive struct {
	plan        *plan
	env         environment
	journal     *runs.Journal // nil when the run is not saved
	audience    *audience
	interrupted *interruption
	acts        []act
	alarms      *alarms
	steering    *steering
	annotated   string          // base URL of the backend whose events become marks, "" if none do
	annotations *annotations    // these, while the load goes on
	unmarked    uint64          // events that are not among the marks
	interactive bool            // that the load is changed does not matter for the verdict
	patience    time.Duration   // for alerts that are not delivered when the load has ended
	keys        chan typed      // of the dashboard
	done        chan struct{}   // closed when the load has ended
	hung        <-chan struct{} // closed with the terminal
	emergency   func()          // leaves the terminal as it was, for somebody who panics

	recorder *measure.Recorder
	monitor  *health.Monitor
	totals   *measure.Totals
	trackers []*slo.Tracker
	pacer    *sleeper.Solo
	senders  senders
	start    time.Time
	warnings []string
	aborted  string // why a rule ended the run, "" if none did
	marks    report.Marks
	stopped  string // who asked for the end of the run, "" if nobody but a signal did
	ended    bool   // the generator is done, and the next beat is the last
}

// run generates the load, keeps the beat until it has ended, and sums up.
func (d *drive) run(ctx context.Context) (report.Summary, error) {
	wake, err := sleeper.New()
	if err != nil {
		return report.Summary{}, &fault{code: exitInternal, err: err}
	}
	defer func() { _ = wake.Close() }()
	if d.pacer, err = sleeper.NewSolo(); err != nil {
		return report.Summary{}, &fault{code: exitInternal, err: err}
	}
	defer func() { _ = d.pacer.Close() }()
	if d.senders, err = d.plan.senders(ctx); err != nil {
		return report.Summary{}, err
	}
	defer d.senders.close()
	d.prepare()
	if d.annotated != "" {
		d.annotations = annotate(ctx, d.annotated, d.env.getenv(admin.TokenVariable), d.start)
	}
	defer func() { _ = d.annotations.stop() }() // after a panic; else it has been stopped by then
	done := make(chan loadgen.Result, 1)
	go func() {
		defer d.panics()
		done <- d.generate(ctx, wake)
	}()
	result := d.beats(done)
	defer d.refuseAll()()
	d.endAnnotations()
	d.ended = true
	d.beat(result.Elapsed)
	d.audience.progress.end(d.statuses)
	d.endAlarms(ctx, result.Elapsed)
	summary := d.sumUp(result)
	d.audience.finish(&summary)
	return summary, nil
}

// panics, deferred, leaves the terminal in order before the process ends of a panic.
func (d *drive) panics() {
	if p := recover(); p != nil {
		d.emergency()
		panic(p)
	}
}

// prepare makes the recorder and everything that adds up its intervals.
func (d *drive) prepare() {
	p := d.plan
	d.recorder = measure.NewRecorder(p.series, p.under, runtime.GOMAXPROCS(0))
	d.recorder.Deadlines(p.deadlines...)
	d.totals = measure.NewTotals(p.series, p.under)
	for _, o := range p.objectives {
		d.trackers = append(d.trackers, slo.NewTracker(o, d.totals))
	}
	d.monitor = health.New()
	d.monitor.Beat() // the first one is slow
	d.start = time.Now()
	d.audience.progress.begin(d.start, d.totals)
}

// generate is the generator's side of the run; it returns when the last request
// has ended or was given up.
func (d *drive) generate(ctx context.Context, wake *sleeper.Sleeper) loadgen.Result {
	p := d.plan
	load := p.profile.Load
	g := &loadgen.Generator{
		Mix: p.mix, Success: success(p.profile.Success), Seed: p.profile.Seed,
		NewSender: func(int) loadgen.Sender { return d.senders.next() },
		Recorder:  d.recorder, Stages: p.stages, Start: d.start, Sleep: wake.Until,
		Quantum: load.Pacing.Quantum(), Pause: d.pacer.Until, MaxInFlight: load.MaxInFlight, MaxConnections: p.maxUsers(d.senders.protocol), Drain: load.Drain,
		Control: d.steering.control, Panicking: d.emergency,
	}
	if p.schedule.Open() {
		return g.RunOpen(ctx, d.interrupted.stop, d.steering.arrivals())
	}
	return g.RunClosed(ctx, d.interrupted.stop, d.steering.users(), load.Requests)
}

// spans hands the schedule's users to the generator.
func spans(s profiles.Schedule) iter.Seq[loadgen.Span] {
	return func(yield func(loadgen.Span) bool) {
		for u := range s.Users() {
			if !yield(loadgen.Span{Start: u.Start, End: u.End}) {
				return
			}
		}
	}
}

// beats cuts an interval every second until the generator is done.
func (d *drive) beats(done <-chan loadgen.Result) loadgen.Result {
	timer := time.NewTimer(beatLength)
	defer timer.Stop()
	stopped, hung := d.interrupted.stop, d.hung
	for next := beatLength; ; {
		select {
		case result := <-done:
			return result
		case <-stopped:
			stopped = nil
			if d.aborted == "" && d.stopped == "" {
				d.tellStop()
			}
			continue
		case request := <-d.audience.server.Commands():
			request.Answer(d.obey(ctlName, request.Command))
			continue
		case t := <-d.keys:
			t.reply <- d.obey(keyboardName, t.Command)
			continue
		case it := <-d.annotations.arrivals():
			d.annotate(it)
			continue
		case <-d.audience.left():
			d.audience.leave(time.Since(d.start))
			continue
		case <-hung:
			hung = nil
			d.note(time.Since(d.start), "the terminal was closed: the run goes on")
			continue
		case <-timer.C:
		}
		now := time.Since(d.start)
		d.beat(now)
		next += beatLength
		if next <= now { // the machine slept; intervals are as long as they are
			next = now.Truncate(beatLength) + beatLength
		}
		timer.Reset(time.Until(d.start.Add(next)))
	}
}

// tellStop says what the first Ctrl-C began and what a second one would do.
func (d *drive) tellStop() {
	d.note(time.Since(d.start), d.stopping()+"; Ctrl-C again ends at once")
}

// stopping says what a run does from then on.
func (d *drive) stopping() string {
	return fmt.Sprintf("stopping: no new arrivals, up to %s for those under way", profiles.FormatDuration(d.plan.profile.Load.Drain))
}

// beat takes what was recorded up to now and hands it to everybody to whom it
// matters.
func (d *drive) beat(now time.Duration) {
	interval := d.recorder.Cut(now)
	breathe()
	d.steer(now)
	interval.Paused = pausedWithin(d.steering.all, &interval)
	interval.Health = d.monitor.Beat()
	breathe()
	d.redact(&interval)
	d.totals.Add(&interval)
	for _, t := range d.trackers {
		t.Add(&interval)
	}
	breathe()
	news := d.alarms.add(&interval) // who is to be told does not wait for the disk to have the rest
	breathe()
	d.save(&interval)
	breathe()
	d.tell(now, news)
	d.act(now)
	d.audience.add(&interval, d.statuses, d.phase(now), d.pace(now))
}

// phase says what the run is at.
func (d *drive) phase(now time.Duration) report.Phase {
	switch {
	case d.ended, d.interrupted.stopping(), now >= planEnd(d.steering.stages(now)):
		return report.Draining
	case pausedAt(d.steering.all, now):
		return report.Paused
	}
	return report.Running
}

// pace says how the load differs from its plan.
func (d *drive) pace(now time.Duration) report.Pace {
	pace := d.steering.pace()
	if muted := d.alarms.desk.Muted(); muted > now {
		pace.Muted = muted.Seconds()
	}
	return pace
}

// breathe lets the generator have the CPU for a moment where there is only one: a
// pacer that had to wait for a whole beat would be milliseconds late.
func breathe() {
	const moment = 100 * time.Microsecond
	if runtime.GOMAXPROCS(0) == 1 {
		time.Sleep(moment)
	}
}

// redact takes secrets out of what targets and systems said about failures.
func (d *drive) redact(interval *measure.Interval) {
	for _, part := range interval.Series {
		for i := range part.Exemplars {
			part.Exemplars[i].Detail = d.plan.redactor.Replace(part.Exemplars[i].Detail)
		}
	}
}

// save appends the interval to the saved run. A disk that is full does not stop
// the run, but everybody hears of it.
func (d *drive) save(interval *measure.Interval) {
	if d.journal == nil {
		return
	}
	err := d.journal.Append(interval)
	if err == nil {
		return
	}
	if lost := d.journal.Lost(); lost == 1 || lost%60 == 0 {
		d.warn(fmt.Sprintf("%s not saved: %v; the run goes on, and what is missing is kept in memory and tried again", plural(lost, "interval"), err))
	}
}

// warn tells people now, and again in the summary.
func (d *drive) warn(text string) {
	text = d.plan.redactor.Replace(text)
	d.warnings = append(d.warnings, text)
	d.audience.warn(text)
}

// tell shows what became of alerts, and keeps it.
func (d *drive) tell(now time.Duration, n news) {
	var faults []error
	d.audience.alerts(now, n.changes, n.notices, n.deliveries)
	if d.journal != nil {
		for _, c := range n.changes {
			faults = append(faults, d.journal.Change(c))
		}
		for _, notice := range n.notices {
			faults = append(faults, d.journal.Notice(notice))
		}
		for _, delivery := range n.deliveries {
			faults = append(faults, d.journal.Delivery(delivery))
		}
	}
	if err := errors.Join(faults...); err != nil {
		d.warn(err.Error())
	}
	if why := d.alarms.board.Lost(); why != "" && d.aborted == "" {
		d.aborted = why
		d.note(now, "stopping: "+why)
		d.interrupted.abort()
	}
}

// endAlarms ends all alerts with the run, and waits until people have been told, for as
// long as there is patience.
func (d *drive) endAlarms(ctx context.Context, now time.Duration) {
	d.tell(now, d.alarms.end(now))
	done := d.interrupted.stop
	if d.interrupted.stopping() {
		done = nil // it ended the load; ctx ends the waiting
	}
	left := d.alarms.drain(ctx, d.patience, done, func() {
		d.audience.note(time.Since(d.start), report.EventNote, "waiting up to "+profiles.FormatDuration(d.patience)+" for alerts to be delivered; Ctrl-C ends it")
	})
	d.tell(now, left)
}

// act does what is due, and marks it in the run's record.
func (d *drive) act(now time.Duration) {
	for len(d.acts) > 0 && d.acts[0].at <= now {
		a := d.acts[0]
		d.acts = d.acts[1:]
		if err := a.do(d.steering.control); err != nil {
			d.warn(fmt.Sprintf("%s: %v", a.name, err))
			continue
		}
		if err := d.setMark(now, a.name); err != nil {
			d.warn(fmt.Sprintf("%s: %v", a.name, err))
		}
	}
}

// note tells of something that happened, and keeps it.
func (d *drive) note(now time.Duration, text string) {
	d.audience.note(now, report.EventNote, text)
	if d.journal == nil {
		return
	}
	if err := d.journal.Event("note", now, map[string]any{"text": text}); err != nil {
		d.warn(err.Error())
	}
}

func (d *drive) statuses() []slo.Status {
	out := make([]slo.Status, 0, len(d.trackers))
	for _, t := range d.trackers {
		out = append(out, t.Status())
	}
	return out
}

// sumUp draws the conclusions when all has ended.
func (d *drive) sumUp(result loadgen.Result) report.Summary {
	elapsed := result.Elapsed
	if !result.Stopped && d.plan.profile.Load.Requests == 0 {
		elapsed = max(elapsed, planEnd(d.steering.stages(elapsed))) // the last answer may come before the last interval of the plan is over
	}
	ending := report.Ending{
		Elapsed:     elapsed,
		Paced:       result.Elapsed - result.Drained,
		Interrupted: result.Stopped && d.aborted == "", Signal: d.interrupted.signalNumber(), Aborted: d.aborted, StoppedBy: d.stopped,
		Steered: d.steering.all, Interactive: d.interactive, Marks: d.marks,
		Alerts: d.alarms.record, Warnings: d.warnings,
	}
	if d.journal != nil {
		ending.SavedAs, ending.LostIntervals = d.journal.Dir(), d.journal.Lost()
	}
	return report.Summarise(d.plan.run, ending, d.totals, d.statuses())
}
