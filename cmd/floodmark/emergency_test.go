//go:build unix

package main

import (
	"testing"

	"github.com/floodmark/floodmark/dashboard"
)

// shown returns a dashboard on a terminal of the test. While it is there the signals that stop
// jobs are ignored, and children would be born so: such tests are not parallel.
func shown(t *testing.T) (*teletype, *display) {
	t.Helper()
	tty := plugIn(t)
	on := &screen{in: tty.near, out: tty.near, state: tty.mode}
	d := on.show(t.Context(), dashboard.Control{}, false, nil)
	t.Cleanup(func() { _ = d.close(nil) })
	tty.shows("STARTING")
	if tty.restored() || look(tty, (*glass).inOrder) {
		t.Error("the terminal is as it was, and there is a dashboard")
	}
	return tty, d
}

// inOrder wants a terminal at which a shell could go on.
func (tty *teletype) inOrder() {
	tty.t.Helper()
	if !tty.restored() {
		tty.t.Error("the terminal's mode is not as it was")
	}
	eventually(tty.t, "the screen is as it was", func() bool { return look(tty, (*glass).inOrder) })
}

func TestEmergency(t *testing.T) {
	tty, d := shown(t)
	d.emergency()
	tty.inOrder()
	d.emergency() // others may panic, too
	(*display)(nil).emergency()
}

// The terminal is in order before a panic goes on, or there would be no use in what it says.
func TestPanicLeavesTheTerminal(t *testing.T) {
	tty, shown := shown(t)
	d := &drive{emergency: shown.emergency}
	ended := make(chan any)
	go func() {
		defer func() { ended <- recover() }()
		defer d.panics()
		panic("for a test")
	}()
	if got := <-ended; got != "for a test" {
		t.Errorf("the panic does not go on: got %v", got)
	}
	tty.inOrder()
}

// A terminal that takes nothing gets its mode back all the same.
func TestEmergencyAtAStuckTerminal(t *testing.T) {
	tty, d := shown(t)
	tty.hold()
	tty.fill()
	d.emergency()
	if !tty.restored() {
		t.Error("the terminal's mode is not as it was")
	}
	tty.read() // what is left behind ends
}
