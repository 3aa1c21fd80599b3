package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/delivery"
	"github.com/floodmark/floodmark/alert/outbox"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/runs"
)

// A post tells receivers while a run goes on. Its methods are the beat's.
type post struct {
	box        *outbox.Box
	dispatcher *delivery.Dispatcher
	path       string // of the outbox
	temporary  bool   // the run is not saved, and the outbox goes with it
	start      time.Time
	warn       func(string)
	durable    bool // no warning was given yet that the disk does not take notices
	cancel     context.CancelFunc
	ended      chan struct{}

	mu       sync.Mutex
	attempts []report.Delivery
	failing  map[string]bool // receivers of which people know that they fail
	warnings []string
}

// openPost makes the outbox of a run, beside its other files if it is saved, and begins to
// deliver what comes into it. Without receivers there is none.
func openPost(parent context.Context, journal *runs.Journal, run alert.Run, all []delivery.Lane) (*post, error) {
	if len(all) == 0 {
		return nil, nil
	}
	p := &post{start: run.Started, durable: true, failing: map[string]bool{}, ended: make(chan struct{}), temporary: journal == nil}
	var dir string
	if journal != nil {
		dir = journal.Dir()
	} else {
		var err error
		if dir, err = os.MkdirTemp("", "floodmark-outbox-"); err != nil {
			return nil, withExit(exitUsage, err)
		}
	}
	p.path = filepath.Join(dir, outbox.File)
	box, err := outbox.Create(p.path, run)
	if err != nil {
		return nil, withExit(exitUsage, err)
	}
	p.box = box
	p.dispatcher = delivery.New(box, run, all, p.told)
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent)) // it ends by close: what is left is delivered first
	p.cancel = cancel
	go func() {
		defer close(p.ended)
		p.dispatcher.Run(ctx)
	}()
	return p, nil
}

// told takes what a receiver answered; it is called from the receiver's goroutine.
func (p *post) told(d delivery.Delivery) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.Disk != nil {
		p.notDurable(d.Disk)
	}
	if d.Refresh || d.Attempt == 0 {
		if d.Attempt == 0 {
			p.warnings = append(p.warnings, fmt.Sprintf("%s is not told of %s: %s", d.Receiver, plural(len(d.Notices), "notice"), d.Detail))
		}
		return
	}
	p.attempts = append(p.attempts, report.Delivery{
		Receiver: d.Receiver, Message: d.Message, Notices: d.Notices, At: d.At.Sub(p.start).Seconds(), Attempt: d.Attempt,
		Outcome: d.Outcome, Status: d.Status, Detail: d.Detail, Took: d.Took.Seconds(),
	})
	switch failed := !d.Outcome.OK(); {
	case d.Outcome == alert.Refused || d.Outcome == alert.Gone:
		p.warnings = append(p.warnings, fmt.Sprintf("%s refused a message: %s", d.Receiver, d.Detail))
	case failed && !p.failing[d.Receiver]:
		p.failing[d.Receiver] = true
		p.warnings = append(p.warnings, fmt.Sprintf("%s cannot be reached: %s; tried again until it can", d.Receiver, d.Detail))
	case !failed && p.failing[d.Receiver]:
		delete(p.failing, d.Receiver)
	}
}

// notDurable tells once that a crash would now lose alerts; the lock is held.
func (p *post) notDurable(err error) {
	if p.durable {
		p.durable = false
		p.warnings = append(p.warnings, fmt.Sprintf("alerts are not durable: %v; they are delivered all the same, but a crash would lose them", err))
	}
}

// notify hands notices over. What receivers it is for nobody waits here.
func (p *post) notify(notices []alert.Notice) {
	notices = slices.DeleteFunc(slices.Clone(notices), func(n alert.Notice) bool { return len(n.Receivers) == 0 })
	if len(notices) == 0 {
		return
	}
	if err := p.dispatcher.Notify(notices...); err != nil {
		p.mu.Lock()
		p.notDurable(err)
		p.mu.Unlock()
	}
}

// take returns the attempts since it was called last, and warns of what went wrong.
func (p *post) take() []report.Delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range p.warnings {
		p.warn(text)
	}
	attempts := p.attempts
	p.attempts, p.warnings = nil, nil
	return attempts
}

// drain delivers what is left, until ctx ends, and returns how many notices were not
// delivered, those that receivers have refused among them.
func (p *post) drain(ctx context.Context) (undelivered int) {
	pending := p.dispatcher.Drain(ctx)
	return pending + p.box.Count().Dead
}

// close ends what is not ended. The outbox of a run that is not saved goes, unless it
// still holds something: then its directory is returned.
func (p *post) close() (kept string, err error) {
	p.cancel()
	<-p.ended
	left := p.box.Count().Pending
	if err := p.box.Close(); err != nil || !p.temporary {
		return "", err
	}
	dir := filepath.Dir(p.path)
	if left > 0 {
		return dir, nil
	}
	return "", os.RemoveAll(dir)
}
