package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// maxMark is how many characters a mark may have.
const maxMark = 200

// ctlName is how a run calls those who command it from elsewhere.
const ctlName = "floodmark ctl"

// openControl lets others watch and command the run, if it has a directory for the
// socket. A run that cannot be reached goes on.
func (d *drive) openControl(out *outputFlags) {
	if d.journal == nil || out.noControl {
		return
	}
	server, err := control.Listen(d.journal.Dir())
	if err != nil {
		d.warn(fmt.Sprintf("%v; the run goes on, and floodmark ctl and attach cannot reach it", err))
		return
	}
	d.control = server
}

// closeControl tells those who watch that the run has ended.
func (d *drive) closeControl() {
	if err := d.control.Close(); err != nil {
		_, _ = fmt.Fprintf(d.env.err, "WARNING: %v\n", err)
	}
}

// obey does what somebody elsewhere asks for. What it changes is an event of the run.
func (d *drive) obey(c control.Command) control.Reply {
	now := time.Since(d.start)
	switch c.Name {
	case "mark":
		return d.mark(now, c)
	case "stop":
		return d.stop(now)
	case "pause", "resume", "rate", "skip":
		return d.steered(c)
	}
	return control.Reply{Error: fmt.Sprintf("unknown command %q", quantity.Line(c.Name)), Hint: "is this floodmark newer than that of the run?"}
}

// mark writes into the run's record what somebody knows of this moment.
func (d *drive) mark(now time.Duration, c control.Command) control.Reply {
	text := d.plan.redactor.Replace(quantity.Line(strings.Join(c.Args, " ")))
	mark := report.Mark{At: now.Seconds(), Text: text}
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return control.Reply{Error: "a mark without text"}
	case n > maxMark:
		return control.Reply{Error: fmt.Sprintf("a mark of %d characters: %d are the most", n, maxMark)}
	case !d.marks.Add(mark):
		return control.Reply{Error: fmt.Sprintf("the run has %d marks, and no room for more", len(d.marks))}
	}
	d.progress.note(now, "mark: "+text)
	d.tellWatchers(map[string]any{"at_seconds": now.Seconds(), "mark": text})
	if d.journal != nil {
		if err := d.journal.Mark(mark); err != nil {
			d.warn(err.Error())
		}
	}
	return control.Reply{OK: true, Text: "marked at " + quantity.Instant(now)}
}

// stop does what the first Ctrl-C does.
func (d *drive) stop(now time.Duration) control.Reply {
	select {
	case <-d.interrupted.stop:
		return control.Reply{Error: "the run is stopping already"}
	default:
	}
	d.stopped = ctlName
	d.note(now, d.stopping()+"; "+ctlName+" asked for it")
	d.interrupted.abort()
	return control.Reply{OK: true, Text: d.stopping()}
}

// steered changes the load.
func (d *drive) steered(c control.Command) control.Reply {
	did, err := d.steering.do(ctlName, c)
	if err != nil {
		return control.Reply{Error: c.Name + ": " + err.Error()}
	}
	return control.Reply{OK: true, Text: did}
}

// refuseAll answers commands when the load has ended, until the function that it returns
// is called: alerts may take their time, and nobody is to wait for that.
func (d *drive) refuseAll() (enough func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case request := <-d.control.Commands():
				request.Answer(control.Reply{Error: "the load has ended"})
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// publish shows an interval to those who watch, if anybody does. The last one stays for
// those who come while the run is being wound up.
func (d *drive) publish(in *measure.Interval) {
	var picture []byte
	if d.ended || d.control.Watched() {
		breathe()
		period := measure.NewTotals(d.plan.series, d.plan.under)
		period.Add(in)
		picture, _ = d.progress.picture(in.Start, in.End, period, d.statuses()).JSON() // no number of it is one that JSON has not
	}
	if err := d.control.Publish(picture); err != nil {
		d.progress.warn(err.Error())
	}
}

// tellWatchers tells those who watch of an event.
func (d *drive) tellWatchers(event map[string]any) {
	if !d.control.Watched() {
		return
	}
	object, err := json.Marshal(event)
	if err == nil {
		err = d.control.Tell(object)
	}
	if err != nil {
		d.progress.warn(err.Error())
	}
}
