package main

import (
	"context"
	"errors"
	"sync"
)

// untilSignal returns a context that ends with the first Ctrl-C or SIGTERM, for
// commands that have nothing to sum up by then, and release, which ends the watch
// and turns the error of such a command into the exit code of the signal.
func untilSignal(parent context.Context) (ctx context.Context, release func(error) error) {
	ctx, in, end := watchSignals(parent)
	ctx, cancel := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case <-in.stop:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func(err error) error {
		cancel()
		watcher.Wait()
		end()
		if signal := in.signalNumber(); signal != 0 && errors.Is(err, context.Canceled) {
			return verdictError(128 + signal)
		}
		return err
	}
}

// internal is the fault of a command that could not do its work, unless the error
// has its exit code already.
func internal(err error) error {
	if _, ok := errors.AsType[verdictError](err); ok {
		return err
	}
	return &fault{code: exitInternal, err: err}
}

// exitWith ends a command, after everything has been said, with an exit code.
func exitWith(code int) error {
	if code == exitMet {
		return nil
	}
	return verdictError(code)
}
