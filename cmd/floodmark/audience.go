package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// An audience is everybody who follows a run while it goes on: who reads its progress
// lines, who sees its dashboard, and who watches from elsewhere. None of them holds it up.
// All methods are the beat's.
type audience struct {
	plan     *plan
	progress *progress
	display  *display        // nil without a dashboard
	server   *control.Server // nil if nobody can come
	camera   *report.Camera  // nil if nobody could see its pictures
	shown    time.Duration   // of the run, as of the latest interval
	last     []byte          // the latest second that was published
}

// open lets the dashboard begin, and others come; from now on there is something to see.
func (a *audience) open(server *control.Server, d *display) {
	a.server, a.display = server, d
	if server != nil || d != nil {
		a.camera = report.NewCamera(a.plan.run, stagesDo(a.plan.schedule))
	}
}

// stagesDo says what each stage of a schedule does.
func stagesDo(s profiles.Schedule) (does []string) {
	for _, part := range s.Stages() {
		does = append(does, stageDoes(part, s.Open()))
	}
	return does
}

// add takes an interval, when the run has come to phase and its load is at pace.
func (a *audience) add(in *measure.Interval, statuses func() []slo.Status, phase report.Phase, pace report.Pace) {
	a.progress.add(in, statuses)
	a.shown = in.End
	if a.camera == nil {
		return
	}
	now := statuses()
	a.camera.Add(in, now)
	a.camera.SetPhase(phase)
	a.camera.SetPace(pace)
	breathe()
	last := phase == report.Draining
	watched := last || a.server.Watched() // the last one stays for those who come while the run is wound up
	if !watched && a.display == nil {
		_ = a.server.Publish(nil) // which cannot be too long
		return
	}
	view := a.camera.Snapshot(a.progress.start.Add(in.End))
	if a.display != nil {
		a.display.feed.Show(view)
	}
	if watched {
		breathe()
		a.last = a.second(in, now)
		a.publish(a.last, view)
	}
}

// second is an interval as progress shows it.
func (a *audience) second(in *measure.Interval, statuses []slo.Status) []byte {
	period := measure.NewTotals(a.plan.series, a.plan.under)
	period.Add(in)
	object, _ := a.progress.picture(in.Start, in.End, period, statuses).JSON() // no number of it is one that JSON has not
	return object
}

// finish shows what the run came to.
func (a *audience) finish(s *report.Summary) {
	if a.camera == nil {
		return
	}
	a.camera.Finish(s)
	view := a.camera.Snapshot(a.progress.start.Add(a.shown))
	if a.display != nil {
		a.display.feed.Show(view)
	}
	a.publish(a.last, view)
}

// publish shows a second to those who watch from elsewhere.
func (a *audience) publish(second []byte, view *report.Snapshot) {
	object, err := json.Marshal(sight{second, view})
	if err == nil {
		err = a.server.Publish(object)
	}
	if err != nil {
		a.progress.warn(err.Error())
	}
}

// A sight is what those who watch from elsewhere are shown once a second: the second as
// --ui json writes it, and all that a dashboard shows.
type sight struct {
	Second json.RawMessage  `json:"second"`
	View   *report.Snapshot `json:"view"`
}

// move says when the stages are, after somebody has changed the load.
func (a *audience) move(stages []report.Stage, paused bool) {
	a.progress.move(stages, paused)
	if a.camera != nil {
		a.camera.SetPlan(stages, planEnd(stages))
	}
}

// note tells of something that happened, of a kind that snapshots have.
func (a *audience) note(now time.Duration, kind, text string) {
	line, key := text, "note"
	if kind == report.EventMarker {
		line, key = "mark: "+text, "mark"
	}
	a.progress.note(now, line)
	a.tell(map[string]any{"at_seconds": now.Seconds(), key: text})
	if a.camera != nil {
		a.camera.Note(now, kind, text)
	}
}

// warn tells of something that went wrong.
func (a *audience) warn(text string) {
	a.progress.warn(text)
	a.tell(map[string]any{"warning": text})
	if a.camera != nil {
		a.camera.Warn(a.shown, text)
	}
}

// alerts tells what became of alerts, and of the messages about them.
func (a *audience) alerts(now time.Duration, changes []report.Change, notices []alert.Notice, deliveries []report.Delivery) {
	for i := range changes {
		a.progress.alert(now, &changes[i])
		a.tell(map[string]any{"at_seconds": now.Seconds(), "alert": &changes[i]})
	}
	if a.camera == nil {
		return
	}
	for i := range changes {
		a.camera.AddChange(changes[i])
	}
	for i := range notices {
		a.camera.AddNotice(&notices[i])
	}
	for i := range deliveries {
		a.camera.AddDelivery(&deliveries[i])
	}
}

// tell tells those who watch from elsewhere of an event.
func (a *audience) tell(event map[string]any) {
	if !a.server.Watched() {
		return
	}
	object, err := json.Marshal(event)
	if err == nil {
		err = a.server.Tell(object)
	}
	if err != nil {
		a.progress.warn(err.Error())
	}
}

// leave goes on without a dashboard that has ended.
func (a *audience) leave(now time.Duration) {
	d := a.display
	a.display = nil
	a.progress.fallBack(now)
	if err := d.close(nil); err != nil {
		a.warn(dashboardGone(err))
	}
}

// dashboardGone says why there is no dashboard any more.
func dashboardGone(err error) string { return fmt.Sprintf("the dashboard has ended: %v", err) }

// close ends what shows the run. A dashboard that stays is left by somebody, or when until
// is closed; nil is for one that does not.
func (a *audience) close(until <-chan struct{}) {
	if a.display != nil {
		if err := a.display.end(until); err != nil {
			a.progress.fallBack(a.shown)
			a.progress.warn(dashboardGone(err))
		}
		a.display = nil
	}
	a.progress.close()
}

// left is closed when the dashboard has left its terminal; nil without one.
func (a *audience) left() <-chan struct{} {
	if a.display == nil {
		return nil
	}
	return a.display.gone
}
