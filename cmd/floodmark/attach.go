package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/dashboard"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// An attachment is floodmark attach.
type attachment struct {
	root, run string
	every     time.Duration
	json      bool
	steer     bool
	ui        string
	look      lookFlags
	env       environment
}

func newAttachCmd(env environment) *cobra.Command {
	a := attachment{env: env}
	cmd := &cobra.Command{
		Use:   "attach [RUN]",
		Short: "Watch a run that is under way, from elsewhere",
		Long: `Watch a run that is under way, over the socket in its directory: in its dashboard, or
in lines where there is no terminal. Without RUN it is the only one that is under
way. Up to 16 may watch at once; they come and go, and the run takes no notice. q
or Ctrl-C leaves, and the run goes on.

Keys only change what is seen, unless --steer lets them change the run.

Exit codes: 0 the run ended, or you left; 1 the run was killed or does not answer;
2 there is no such run or the usage is wrong.`,
		Args:              atMostOne,
		ValidArgsFunction: completeRuns(&a.root),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				a.run = args[0]
			}
			return a.attach(cmd.Context())
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&a.root, "runs", defaultRuns, "directory of the saved runs")
	fs.DurationVar(&a.every, "progress", 5*time.Second, "time between progress lines")
	fs.BoolVar(&a.json, "json", false, "write an object a second, and one for each event")
	fs.BoolVar(&a.steer, "steer", false, "let the keys of the dashboard change the run")
	fs.StringVar(&a.ui, "ui", uiAuto, "how it is shown: auto, tui or plain; auto is a dashboard in a terminal, else lines")
	offer(cmd, "ui", uiAuto, uiTUI, uiPlain)
	a.look.register(cmd)
	return cmd
}

// attach watches until the run ends, or who watches has seen enough.
func (a *attachment) attach(parent context.Context) error {
	if a.every < time.Second {
		return usageFault(fmt.Errorf("--progress %v: less than a second, which is how long an interval is", a.every))
	}
	on, err := a.stage()
	if err != nil {
		return err
	}
	defer on.close()
	ctx, release := untilSignal(parent)
	defer release(nil) //nolint:errcheck // to leave is no fault
	mode := control.ReadOnly
	if a.steer {
		mode = control.Steer
	}
	run, err := reach(ctx, a.root, a.run, mode)
	if err != nil {
		return err
	}
	defer run.Close() //nolint:errcheck // nothing was asked of it
	if on != nil {
		return a.enter(ctx, run, on)
	}
	err = a.lines(ctx, run)
	if err == nil {
		_, _ = fmt.Fprintf(a.env.err, "%s has ended: floodmark report %s\n", run.name, run.name)
	}
	return left(run, err)
}

// left is what the end of a watch means.
func left(run *reached, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return &fault{code: exitRefused, err: fmt.Errorf("%s: %w", run.name, err), hints: []string{"what it recorded: floodmark report " + run.name}}
}

// stage returns the terminal for a dashboard, nil if there are to be lines.
func (a *attachment) stage() (*screen, error) {
	if !slices.Contains([]string{uiAuto, uiTUI, uiPlain}, a.ui) {
		return nil, usageFault(fmt.Errorf("--ui %q: not auto, tui or plain", a.ui))
	}
	if err := a.look.check(); err != nil {
		return nil, err
	}
	ui := a.ui
	if a.json {
		ui = uiPlain
	}
	_, on, err := a.look.stage(ui, a.env)
	if on == nil && err == nil && a.steer {
		return nil, usageFault(errors.New("--steer: there is no dashboard, and thus no keys"), "floodmark ctl steers without one")
	}
	return on, err
}

// enter shows the run in its dashboard, until somebody leaves it. How the run has ended
// stays to be seen.
func (a *attachment) enter(parent context.Context, run *reached, on *screen) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	keys := dashboard.Control{Apart: true}
	if a.steer {
		keys = commands(func(c control.Command) (string, error) {
			ctx, cancel := context.WithTimeout(ctx, answerTime)
			defer cancel()
			reply, err := run.Do(ctx, c)
			if err != nil {
				return "", err
			}
			return replied(reply)
		}, true)
	}
	d := on.show(ctx, keys, true, nil)
	defer d.emergency()
	watched := make(chan error, 1)
	go func() { watched <- run.Watch(ctx, control.Show{Snapshot: a.feed(d.feed)}) }()
	var ended error
	select {
	case <-d.gone: // nobody looks any more
		cancel()
		ended = <-watched
	case ended = <-watched:
	}
	if err := d.end(parent.Done()); err != nil {
		return internal(fmt.Errorf("the dashboard has ended: %w", err))
	}
	return left(run, ended)
}

// feed shows snapshots to a dashboard.
func (a *attachment) feed(f *dashboard.Feed) func([]byte) {
	return func(object []byte) {
		var s struct {
			View *report.Snapshot `json:"view"`
		}
		if err := json.Unmarshal(object, &s); err == nil && s.View != nil { // else it is of another version, and there is no news
			f.Show(s.View)
		}
	}
}

// lines writes how the run goes.
func (a *attachment) lines(ctx context.Context, run *reached) error {
	plain := plainView{attachment: a}
	show := control.Show{Snapshot: plain.snapshot, Event: plain.event, Missed: plain.missed}
	if a.json {
		show = control.Show{Snapshot: a.second, Event: a.raw}
	}
	show.Snapshot = a.greeted(run, show.Snapshot)
	return run.Watch(ctx, show)
}

// greeted says which run it is with its first snapshot.
func (a *attachment) greeted(run *reached, show func([]byte)) func([]byte) {
	said := false
	return func(object []byte) {
		if !said {
			said = true
			_, _ = fmt.Fprintf(a.env.err, "%s, process %d; Ctrl-C leaves, and the run goes on\n", run.name, run.PID())
		}
		show(object)
	}
}

func (a *attachment) second(object []byte) {
	if second, err := secondOf(object); err == nil {
		a.raw(second)
	}
}

func (a *attachment) raw(object []byte) { _, _ = fmt.Fprintf(a.env.out, "%s\n", object) }

// A plainView writes lines: a snapshot now and then, and each event.
type plainView struct {
	*attachment
	next time.Duration // of the run, when a line is due
}

func (v *plainView) snapshot(object []byte) {
	p, err := parsePicture(object)
	if err != nil {
		_, _ = fmt.Fprintf(v.env.err, "WARNING: %v\n", err)
		return
	}
	if at := time.Duration(p.At * float64(time.Second)); at >= v.next {
		v.next = at - at%v.every + v.every
		_, _ = fmt.Fprintln(v.env.out, p.line())
	}
}

func (v *plainView) missed(events int) {
	_, _ = fmt.Fprintf(v.env.out, "%s were missed: the run's files have them\n", plural(events, "event"))
}

func (v *plainView) event(object []byte) {
	var e struct {
		At      float64        `json:"at_seconds"`
		Note    string         `json:"note"`
		Mark    string         `json:"mark"`
		Warning string         `json:"warning"`
		Alert   *report.Change `json:"alert"`
	}
	if err := json.Unmarshal(object, &e); err != nil {
		_, _ = fmt.Fprintf(v.env.err, "WARNING: event: %v\n", err)
		return
	}
	text := e.Note
	switch {
	case e.Mark != "":
		text = "mark: " + e.Mark
	case e.Warning != "":
		_, _ = fmt.Fprintln(v.env.out, "WARNING: "+quantity.Line(e.Warning))
	case e.Alert != nil:
		text = e.Alert.Line()
	}
	if text != "" {
		_, _ = fmt.Fprintf(v.env.out, "%s %s\n", instant(e.At), quantity.Line(text))
	}
}
