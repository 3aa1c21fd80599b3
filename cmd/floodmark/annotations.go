package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/admin"
	"github.com/floodmark/floodmark/demo-server/events"
	"github.com/floodmark/floodmark/quantity"
)

// annotationsPause is between two attempts to follow a backend.
const annotationsPause = time.Second

// annotationsRoom is how many events wait for the beat; more of them wait in the backend.
const annotationsRoom = 64

// annotationsFlag says where the events come from.
const annotationsFlag = "annotations"

// parseAnnotations reads the admin address of a backend: 127.0.0.1:8081, or a URL.
func parseAnnotations(text string) (base string, err error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		err = errors.New("no URL")
	case u.User != nil:
		// What went wrong names the address, and must not name a password.
		return "", usageFault(fmt.Errorf("--%s: a URL with credentials", annotationsFlag), "the token belongs in the environment variable "+admin.TokenVariable)
	case u.Scheme != "http" && u.Scheme != "https":
		err = errors.New("neither http nor https")
	case u.Hostname() == "":
		err = errors.New("no host")
	case u.RawQuery != "" || u.Fragment != "":
		err = errors.New("more than the address of a backend")
	}
	if err != nil {
		return "", usageFault(fmt.Errorf("--%s %q: %w", annotationsFlag, quantity.Line(text), err), "write the admin address of a demo backend, such as "+demoAdmin)
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

// An annotation is what the beat is told of a backend: an event of it, or that there is
// trouble with following it.
type annotation struct {
	event   events.Event
	trouble string // "" for an event
}

// annotations follow the events of a backend while a run goes on. The beat takes them when
// it has time; while it has none they wait, here and then in the backend, and nothing waits
// for them. A nil *annotations is a run without.
type annotations struct {
	follower events.Follower
	start    time.Time // of the run: what was before does not matter
	news     chan annotation
	cancel   context.CancelFunc
	ended    sync.WaitGroup

	last    events.Event // that was taken
	trouble string       // why nobody follows; "" while somebody does. To be read after stop
}

// annotate begins to follow the backend at a base URL, until stop.
func annotate(ctx context.Context, base, token string, start time.Time) *annotations {
	ctx, cancel := context.WithCancel(ctx)
	a := &annotations{start: start.Round(0), news: make(chan annotation, annotationsRoom), cancel: cancel, trouble: "events of " + base + ": no answer"}
	a.follower = events.Follower{
		BaseURL: base, Token: token,
		Began: func() { a.trouble = "" },
		Each:  func(e events.Event) { a.take(ctx, e) },
	}
	a.ended.Go(func() { a.follow(ctx) })
	return a
}

// follow follows until stop, and tries again each second where it cannot. Each time it asks
// for everything: a backend that was started anew counts from 1 again.
func (a *annotations) follow(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for told := false; ; {
		err := a.follower.Run(ctx, 0)
		if ctx.Err() != nil {
			return
		}
		if told = told && a.trouble != ""; !told {
			told = true
			a.put(ctx, annotation{trouble: err.Error()})
		}
		a.trouble = err.Error()
		timer.Reset(annotationsPause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// take passes an event on, unless it is from before the run, or was taken in an earlier
// stream. What is missing before it is missing only if it was not taken, either.
func (a *annotations) take(ctx context.Context, e events.Event) {
	if e.ID <= a.last.ID && !e.At.After(a.last.At) {
		return
	}
	if e.Missed > 0 && e.ID > a.last.ID {
		e.Missed = e.ID - 1 - a.last.ID
	}
	a.last = e
	if !e.At.Before(a.start) {
		a.put(ctx, annotation{event: e})
	}
}

// put waits until there is room.
func (a *annotations) put(ctx context.Context, it annotation) {
	select {
	case a.news <- it:
	case <-ctx.Done():
	}
}

// arrivals are for the beat.
func (a *annotations) arrivals() <-chan annotation {
	if a == nil {
		return nil
	}
	return a.news
}

// stop ends it, and returns what has arrived and was not taken.
func (a *annotations) stop() (left []annotation) {
	if a == nil {
		return nil
	}
	a.cancel()
	a.ended.Wait()
	close(a.news)
	for it := range a.news {
		left = append(left, it)
	}
	return left
}

// annotate makes a mark of an event, at the event's own time: how long it was under way
// does not shift it. Trouble is told once, and does the run no harm.
func (d *drive) annotate(it annotation) {
	if it.trouble != "" {
		d.audience.warn(d.plan.redactor.Replace(fmt.Sprintf("annotations: %s; the run goes on, and tries again every second", it.trouble)))
		return
	}
	e := it.event
	at := min(max(e.At.Sub(d.start.Round(0)), 0), time.Since(d.start))
	d.unmarked += e.Missed
	text := e.Text
	if text == "" {
		text = strings.TrimSpace(e.Subject + " " + e.Kind)
	}
	if d.setMark(at, shortMark(text)) != nil {
		d.unmarked++
	}
}

// shortMark cuts a text to what a mark takes.
func shortMark(text string) string {
	runes := []rune(quantity.Line(text))
	if len(runes) <= maxMark {
		return string(runes)
	}
	return string(runes[:maxMark-1]) + "…"
}

// endAnnotations ends following the backend, makes marks of what it has told, and says what
// is not there.
func (d *drive) endAnnotations() {
	a := d.annotations
	if a == nil {
		return
	}
	for _, it := range a.stop() {
		d.annotate(it)
	}
	if a.trouble != "" {
		// It has been said on the way, and belongs in the report, too.
		d.warnings = append(d.warnings, d.plan.redactor.Replace(fmt.Sprintf("annotations: %s; no events after that are among the marks", a.trouble)))
	}
	if d.unmarked > 0 {
		d.warn(fmt.Sprintf("annotations: %s of the backend %s no mark: there was no room for more", quantity.Plural(int64(min(d.unmarked, 1<<53)), "event", "events"), has(d.unmarked)))
	}
	d.annotations = nil
}

// has is the verb for so many.
func has(n uint64) string {
	if n == 1 {
		return "has"
	}
	return "have"
}
