package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

const (
	exitInterrupted = 130
	exitTerminated  = 143
)

// An interruption turns signals into the two ways of ending a run: the first
// Ctrl-C (or SIGTERM) stops the plan and drains, the second, or the first after
// the plan was stopped otherwise, ends everything at once. A third one ends the process, since signals are let through by then.
type interruption struct {
	stop    chan struct{} // closed by the first signal, or by an abort
	signals chan os.Signal

	mu      sync.Mutex
	first   os.Signal
	stopped sync.Once
}

// watchSignals starts to watch. The context it returns is cancelled by the
// second signal; release ends the watch.
func watchSignals(parent context.Context) (ctx context.Context, in *interruption, release func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	in = &interruption{stop: make(chan struct{}), signals: signals}
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case s := <-signals:
			if in.note(s) {
				break // it has ended already, but for what is under way
			}
			select {
			case <-signals:
			case <-done:
				return
			}
		case <-done:
			return
		}
		signal.Stop(signals)
		cancel()
	})
	return ctx, in, func() {
		signal.Stop(signals)
		close(done)
		watcher.Wait()
		cancel()
	}
}

// watchHangup returns a channel that is closed when the terminal is: the load does not end
// with it. release ends the watch.
func watchHangup() (hung <-chan struct{}, release func()) {
	signals, gone, done := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case <-signals:
			close(gone)
		case <-done:
		}
	})
	return gone, func() {
		signal.Stop(signals)
		close(done)
		watcher.Wait()
	}
}

// note takes the first signal, and reports whether the plan had been stopped before.
func (in *interruption) note(s os.Signal) (again bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	again = in.stopping()
	in.first = s
	in.abort()
	return again
}

// stopping reports whether the plan has been stopped.
func (in *interruption) stopping() bool {
	select {
	case <-in.stop:
		return true
	default:
		return false
	}
}

// press does what Ctrl-C does.
func (in *interruption) press() {
	select {
	case in.signals <- os.Interrupt:
	default: // there were enough of them
	}
}

// abort stops the plan as the first signal does, without one.
func (in *interruption) abort() { in.stopped.Do(func() { close(in.stop) }) }

// signalNumber returns 2 or 15 for the signal that stopped the run, 0 if none
// did.
func (in *interruption) signalNumber() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch in.first {
	case nil:
		return 0
	case syscall.SIGTERM:
		return int(syscall.SIGTERM)
	default:
		return int(syscall.SIGINT)
	}
}
