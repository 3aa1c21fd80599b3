//go:build integration

package main

import (
	"os"
	"testing"
	"time"
)

// The test binary is also the server of the trials, as the program is. A server that
// does not start is noticed by the trial, which waits for its addresses.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == serveArgument {
		run(os.Args[1:], process{os.Stdin, os.Stdout, os.Stderr})
		return
	}
	m.Run()
}

// A short trial. The machine that runs this may have other things to do, which
// makes arrivals late and answers later; the 99th percentiles of both lags tell how
// much, and that much is allowed on top of a loose bound. A service time that is
// lost on the way, or a wait that is not counted, is tens of milliseconds.
func TestMeasuredAgreesWithReplay(t *testing.T) {
	trial := trial{queue: queue{4, 0.8}, seed: 1, duration: 5 * time.Second}
	if err := trial.measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests: replay %+v, measured %+v, lag p99 of the model %v, of the generator %v",
		trial.requests, trial.replay, trial.measured, trial.modelLag, trial.generatorLag)
	ideal, got := trial.replay.mean, trial.measured.mean
	if low := ideal - ideal/20; got < low {
		t.Errorf("mean response: got %v, want at least %v: no queue is faster than the ideal one", got, low)
	}
	if high := ideal + 3*time.Millisecond + trial.modelLag + trial.generatorLag; got > high {
		t.Errorf("mean response: got %v, want at most %v", got, high)
	}
}
