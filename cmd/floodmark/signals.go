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
// Ctrl-C (or SIGTERM) stops the plan and drains, the second ends everything at
// once. A third one ends the process, since signals are let through by then.
type interruption struct {
	stop chan struct{} // closed by the first signal, or by an abort

	mu      sync.Mutex
	first   os.Signal
	stopped sync.Once
}

// watchSignals starts to watch. The context it returns is cancelled by the
// second signal; release ends the watch.
func watchSignals(parent context.Context) (ctx context.Context, in *interruption, release func()) {
	ctx, cancel := context.WithCancel(parent)
	in = &interruption{stop: make(chan struct{})}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case s := <-signals:
			in.note(s)
		case <-done:
			return
		}
		select {
		case <-signals:
			signal.Stop(signals)
			cancel()
		case <-done:
		}
	})
	return ctx, in, func() {
		signal.Stop(signals)
		close(done)
		watcher.Wait()
		cancel()
	}
}

func (in *interruption) note(s os.Signal) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.first = s
	in.abort()
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
