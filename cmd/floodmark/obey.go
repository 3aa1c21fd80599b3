package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// maxMark is how many characters a mark may have.
const maxMark = 200

// ctlName is how a run calls those who command it from elsewhere.
const ctlName = "floodmark ctl"

// keyboardName is how it calls those who type into its dashboard.
const keyboardName = "keyboard"

// openControl lets others watch and command the run, if it has a directory for the
// socket; nil if nobody can. A run that cannot be reached goes on.
func (d *drive) openControl(out *outputFlags) *control.Server {
	if d.journal == nil || out.noControl {
		return nil
	}
	server, err := control.Listen(d.journal.Dir())
	if err != nil {
		d.warn(fmt.Sprintf("%v; the run goes on, and floodmark ctl and attach cannot reach it", err))
		return nil
	}
	return server
}

// closeControl tells those who watch that the run has ended.
func (d *drive) closeControl() {
	if err := d.audience.server.Close(); err != nil {
		_, _ = fmt.Fprintf(d.env.err, "WARNING: %v\n", err)
	}
}

// obey does what somebody asks for. What it changes is an event of the run.
func (d *drive) obey(by string, c control.Command) control.Reply {
	now := time.Since(d.start)
	switch c.Name {
	case "mark":
		return d.mark(now, c)
	case "mute":
		return d.mute(now, by, c)
	case "stop":
		return d.stop(now, by)
	case "pause", "resume", "rate", "skip":
		return d.steered(by, c)
	}
	return control.Reply{Error: fmt.Sprintf("unknown command %q", quantity.Line(c.Name)), Hint: "is this floodmark newer than that of the run?"}
}

// mark writes into the run's record what somebody knows of this moment.
func (d *drive) mark(now time.Duration, c control.Command) control.Reply {
	if err := d.setMark(now, strings.Join(c.Args, " ")); err != nil {
		return control.Reply{Error: err.Error()}
	}
	return control.Reply{OK: true, Text: "marked at " + quantity.Instant(now)}
}

// setMark makes a mark, and says why it cannot be.
func (d *drive) setMark(at time.Duration, text string) error {
	text = d.plan.redactor.Replace(quantity.Line(text))
	mark := report.Mark{At: at.Seconds(), Text: text}
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return errors.New("a mark without text")
	case n > maxMark:
		return fmt.Errorf("a mark of %d characters: %d are the most", n, maxMark)
	case !d.marks.Add(mark):
		return fmt.Errorf("the run has %d marks, and no room for more", len(d.marks))
	}
	d.audience.note(at, report.EventMarker, text)
	if d.journal != nil {
		if err := d.journal.Mark(mark); err != nil {
			d.warn(err.Error())
		}
	}
	return nil
}

// mute lets nobody be told of alerts for a while, five minutes unless it says how long; 0
// ends that, as does a second time without a length.
func (d *drive) mute(now time.Duration, by string, c control.Command) control.Reply {
	const usual, most = 5 * time.Minute, 24 * time.Hour
	length := usual
	if d.alarms.desk.Muted() > now {
		length = 0
	}
	if text := strings.Join(c.Args, " "); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil || length < 0 || length > most {
			return control.Reply{Error: fmt.Sprintf("mute %q: write how long, such as 5m, up to 24h; 0s ends it", quantity.Line(text))}
		}
	}
	text := "alerts are muted until " + quantity.Instant(now+length) + " by " + by
	if length == 0 {
		text = "alerts are told again, by " + by
	}
	d.alarms.desk.Mute(now + length)
	d.note(now, text)
	return control.Reply{OK: true, Text: text}
}

// stop does what the first Ctrl-C does.
func (d *drive) stop(now time.Duration, by string) control.Reply {
	if d.interrupted.stopping() {
		return control.Reply{Error: "the run is stopping already"}
	}
	d.stopped = by
	d.note(now, d.stopping()+"; "+by+" asked for it")
	d.interrupted.abort()
	return control.Reply{OK: true, Text: d.stopping()}
}

// steered changes the load. That is told at once, in the order of what people do.
func (d *drive) steered(by string, c control.Command) control.Reply {
	did, err := d.steering.do(by, c)
	d.tellSteers()
	if err != nil {
		return control.Reply{Error: c.Name + ": " + err.Error()}
	}
	return control.Reply{OK: true, Text: did}
}

// A typed command comes from the keys of the dashboard.
type typed struct {
	control.Command
	reply chan control.Reply // holds one
}

// keyed takes what keys ask for, from any goroutine. To stop is what the signal does: a
// second time it does not wait.
func (d *drive) keyed(c control.Command) (did string, err error) {
	if c.Name == "stop" {
		d.interrupted.press()
		return d.stopping() + "; ctrl+c again ends at once", nil
	}
	t := typed{c, make(chan control.Reply, 1)}
	select {
	case d.keys <- t:
	case <-d.done:
		return "", errLoadEnded
	}
	select {
	case r := <-t.reply:
		return replied(r)
	case <-d.done:
		return "", errLoadEnded
	}
}

// errLoadEnded is why there is nothing left to change.
var errLoadEnded = errors.New("the load has ended")

// refuseAll answers commands when the load has ended, until the function that it returns
// is called: alerts may take their time, and nobody is to wait for that.
func (d *drive) refuseAll() (enough func()) {
	close(d.done)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case request := <-d.audience.server.Commands():
				request.Answer(control.Reply{Error: errLoadEnded.Error()})
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
