//go:build unix

package main

import (
	"net/http"
	"path/filepath"

	"github.com/floodmark/floodmark/control"
)

const (
	long       = "{ executor: constant-arrival-rate, rate: 20/s, duration: 10m, drain: 10m }"
	incomplete = "INCOMPLETE"
	ctrlC      = "\x03"
)

// Ctrl-C is a key here, and does what the signal does.
func (r room) interrupted() {
	p := r.sit(seat{load: long})
	p.shows("RUNNING")
	p.typed(ctrlC)
	p.leaves(incomplete, exitInterrupted)
}

// hangs is a target that never answers.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// A second Ctrl-C waits for no answer.
func (r room) interruptedTwice() {
	p := r.sit(seat{load: long, handler: hangs}, "--no-preflight")
	p.shows("RUNNING")
	p.typed(ctrlC)
	p.shows("ctrl+c again ends at once")
	p.shows("DRAINING")
	p.typed(ctrlC)
	p.leaves(incomplete, exitInterrupted)
}

// Whoever has stopped the run, the next Ctrl-C is the second.
func (r room) interruptedWhenStopping() {
	p := r.sit(seat{load: long, handler: hangs}, "--no-preflight")
	p.shows("RUNNING")
	run, err := reach(r.Context(), filepath.Join(p.dir, defaultRuns), "", control.Steer)
	if err != nil {
		r.Fatal(err)
	}
	defer run.Close()
	if reply, err := run.Do(r.Context(), control.Command{Name: "stop"}); err != nil || !reply.OK {
		r.Fatalf("got %+v, %v", reply, err)
	}
	p.shows("DRAINING")
	p.typed(ctrlC)
	p.leaves(incomplete, exitInterrupted)
}

// q asks first.
func (r room) quit() {
	p := r.sit(seat{load: long})
	p.shows("RUNNING")
	p.typed("q")
	p.shows("stop the run? [y/N]")
	p.typed("n")
	p.shows("nothing was changed")
	p.typed("q")
	p.shows("stop the run? [y/N]")
	p.typed("y")
	p.leaves(incomplete, exitInterrupted)
}
