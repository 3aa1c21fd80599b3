package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// An attachment is floodmark attach.
type attachment struct {
	root, run string
	every     time.Duration
	json      bool
	env       environment
}

func newAttachCmd(env environment) *cobra.Command {
	a := attachment{env: env}
	cmd := &cobra.Command{
		Use:   "attach [RUN]",
		Short: "Watch a run that is under way, from elsewhere",
		Long: `Watch a run that is under way, over the socket in its directory. Without RUN it is the
only one that is under way. Up to 16 may watch at once; they come and go, and the
run takes no notice. Ctrl-C leaves, and the run goes on.

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
	return cmd
}

// attach watches until the run ends, or who watches has seen enough.
func (a *attachment) attach(parent context.Context) error {
	if a.every < time.Second {
		return usageFault(fmt.Errorf("--progress %v: less than a second, which is how long an interval is", a.every))
	}
	ctx, release := untilSignal(parent)
	defer release(nil) //nolint:errcheck // to leave is no fault
	run, err := reach(ctx, a.root, a.run, control.ReadOnly)
	if err != nil {
		return err
	}
	defer run.Close() //nolint:errcheck // nothing was asked of it
	err = a.view(ctx, run)
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case err != nil:
		return &fault{code: exitRefused, err: fmt.Errorf("%s: %w", run.name, err), hints: []string{"what it recorded: floodmark report " + run.name}}
	}
	_, _ = fmt.Fprintf(a.env.err, "%s has ended: floodmark report %s\n", run.name, run.name)
	return nil
}

// view shows the run. This is the place for a display that needs a terminal: it is given
// the same snapshots and events.
func (a *attachment) view(ctx context.Context, run *reached) error {
	plain := plainView{attachment: a}
	show := control.Show{Snapshot: plain.snapshot, Event: plain.event, Missed: plain.missed}
	if a.json {
		show = control.Show{Snapshot: a.raw, Event: a.raw}
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
