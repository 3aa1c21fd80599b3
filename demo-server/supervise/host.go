package supervise

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/thejerf/suture/v4"
)

// maxPause bounds the growing pauses before starts that keep failing.
const maxPause = 30 * time.Second

// A host is what the tree supervises. Each call of its Serve is at most one life.
type host struct {
	s     *Supervisor
	name  string
	start Start

	alive    context.Context // ends when the host is to end
	quit     func()
	patience context.Context // ends when that must happen at once
	hurry    func()

	first chan error    // gets what became of the first start; nil: a life
	ended chan struct{} // closed when nothing is left of the host
	err   error         // of its last Stop, once ended is closed

	freezing sync.Mutex // held by whoever freezes, or looks; taken before s.mu

	// These belong to s.mu.
	record Host
	life   *life // the present one; nil: none

	// These belong to Serve.
	waiter context.Context // of whoever waits for the first life; nil: nobody does any more
	failed int             // starts in a row
}

// A life is an instance in the hands of its host.
type life struct {
	Instance
	killed bool          // by Kill; belongs to s.mu
	frozen bool          // belongs to the host's freezing
	over   chan struct{} // closed once the host knows that it has ended
}

func newHost(ctx context.Context, s *Supervisor, name string, start Start) *host {
	h := &host{s: s, name: name, start: start, waiter: ctx, first: make(chan error, 1), ended: make(chan struct{})}
	h.alive, h.quit = context.WithCancel(context.WithoutCancel(ctx))
	h.patience, h.hurry = context.WithCancel(context.WithoutCancel(ctx))
	h.record.Name = name
	return h
}

// String is the host's name in the tree's events.
func (h *host) String() string { return h.name }

// Serve is called by the tree, in a goroutine of its own, and again whenever it has
// returned anything but suture.ErrDoNotRestart.
func (h *host) Serve(ctx context.Context) error {
	if !h.pause() {
		return h.finish(ErrRemoved, "it was removed")
	}
	first := h.waiter != nil
	instance, err := h.begin(ctx)
	switch {
	case err == nil:
		return h.live(instance, first)
	case h.alive.Err() != nil:
		return h.finish(ErrRemoved, "it was removed")
	case first:
		return h.finish(err, "it did not start: "+err.Error())
	}
	h.failed++
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	h.record.LastError = "start: " + err.Error()
	h.enter(Down, "it did not start: "+err.Error())
	return err
}

// pause waits until a life may begin, and reports false when none may any more.
func (h *host) pause() bool {
	var due <-chan time.Time // never
	switch {
	case h.waiter != nil:
		return h.alive.Err() == nil
	case h.s.config.RestartAfter > 0:
		timer := time.NewTimer(pauseAfter(h.s.config.RestartAfter, h.failed))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
		return h.alive.Err() == nil
	case <-h.alive.Done():
		return false
	}
}

// pauseAfter returns the pause before a start after so many that failed in a row.
func pauseAfter(pause time.Duration, failed int) time.Duration {
	longest := max(pause, maxPause)
	for ; failed > 0 && pause < longest; failed-- {
		pause *= 2
	}
	return min(pause, longest)
}

// begin calls the host's Start. A panic is an error like others, with its stack in the
// log.
func (h *host) begin(ctx context.Context) (instance Instance, err error) { //nolint:contextcheck // somebody waits for the first start, and for no other
	if h.waiter != nil {
		ctx, h.waiter = h.waiter, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.alive, cancel)()
	h.s.mu.Lock()
	addrs := maps.Clone(h.record.Addrs)
	if h.record.State != Starting {
		h.enter(Starting, "it is due again")
	}
	h.s.mu.Unlock()
	defer func() {
		if r := recover(); r != nil {
			err = h.s.panicked(h.name, r)
		}
	}()
	if instance, err = h.start(ctx, addrs); err == nil && instance == nil {
		err = errors.New("its start returned nothing")
	}
	return instance, err
}

// live sees a life to its end.
func (h *host) live(instance Instance, first bool) error {
	l := h.up(instance, first)
	if h.alive.Err() == nil && first {
		h.first <- nil
	}
	select {
	case <-instance.Done():
		return h.down(l)
	case <-h.alive.Done():
		return h.stop(l)
	}
}

func (h *host) up(instance Instance, first bool) *life {
	h.failed = 0
	l := &life{Instance: instance, over: make(chan struct{})}
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	h.life = l
	h.record.PID, h.record.Addrs, h.record.Admin = instance.PID(), maps.Clone(instance.Addrs()), instance.Admin()
	if !first {
		h.record.Restarts++
	}
	h.enter(Up, "it has started")
	return l
}

// down notes that a life has ended without the host being stopped.
func (h *host) down(l *life) error {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	why := WhyKilled
	if !l.killed {
		why = "it ended by itself"
		if err := reason(l.Instance); err != nil {
			why += ": " + err.Error()
		}
		h.record.LastError = why
	}
	h.bury(l)
	h.enter(Down, why)
	return errors.New(why)
}

// bury notes that a life is over. s.mu is held.
func (h *host) bury(l *life) {
	h.life, h.record.PID, h.record.Admin = nil, 0, ""
	close(l.over)
}

// stop ends a life, and the host with it.
func (h *host) stop(l *life) error {
	h.s.mu.Lock()
	h.enter(Stopping, "it is removed")
	h.s.mu.Unlock()

	h.freezing.Lock()
	if l.frozen {
		l.frozen = false
		_ = l.Freeze(false) // what is frozen cannot end what is under way; if it stays so, it is cut
	}
	h.freezing.Unlock()

	err := l.Stop(h.patience)
	l.Kill() // whatever Stop left
	<-l.Done()
	h.s.mu.Lock()
	h.bury(l)
	h.s.mu.Unlock()
	if err != nil {
		h.err = fmt.Errorf("stop %s: %w", h.name, err)
	}
	return h.finish(ErrRemoved, "it was removed")
}

// finish takes the host off the supervisor's list. err is for who waits for its first
// life, if anybody still does.
func (h *host) finish(err error, why string) error {
	h.s.mu.Lock()
	h.enter(Down, why)
	h.s.hosts = slices.DeleteFunc(h.s.hosts, func(o *host) bool { return o == h })
	h.s.mu.Unlock()
	h.quit()
	h.hurry()
	select {
	case h.first <- err:
	default:
	}
	close(h.ended)
	return suture.ErrDoNotRestart
}

// enter notes a change of state. s.mu is held.
func (h *host) enter(state State, why string) {
	h.record.State, h.record.Since = state, time.Now()
	h.s.changes.put(Change{Host: h.name, State: state, At: h.record.Since, Why: why})
}

// reason returns why an instance ended, if it says so.
func reason(instance Instance) error {
	if i, ok := instance.(interface{ Err() error }); ok {
		return i.Err()
	}
	return nil
}
