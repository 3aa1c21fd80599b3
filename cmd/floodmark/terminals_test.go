//go:build unix

package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Whatever becomes of a terminal, the load does not notice; and whoever sits at it sees what
// is meant for people. Each of these runs takes some seconds and next to no processor: all go
// on at once, whatever -parallel says.
func TestTerminals(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for name, test := range map[string]func(room){
		"stuck": room.stuck, "closed": room.closed, "closed when over": room.closedWhenOver, "resized": room.resized, "stopped": room.stopped,
		"dumb": room.dumb, "in CI": room.inCI, "in the background": room.inTheBackground, "without keys": room.withoutKeys, "without colours": room.withoutColours,
		"interrupted": room.interrupted, "interrupted twice": room.interruptedTwice, "interrupted when stopping": room.interruptedWhenStopping, "quit": room.quit,
		"unread": room.unread,
	} {
		all.Go(func() { t.Run(name, func(t *testing.T) { test(room{t}) }) })
	}
	all.Wait()
}

// A terminal that takes no more holds up nothing but the summary, which is for it, and which
// is to be seen once it takes something again.
func (r room) stuck() {
	p := r.sit(seat{}, "--ui", "tui")
	eventually(r.T, "there is a frame", func() bool { return strings.Contains(p.written(), "STARTING") })
	p.hold()
	eventually(r.T, "the run ends", func() bool {
		p.fill()
		return p.finished()
	})
	whole(r.T, p.saved())
	eventually(r.T, "the dashboard gives the terminal up", p.restored)
	p.read()
	p.leaves("PASS", exitMet)
}

// A terminal that is closed, as when a connection of ssh breaks, does not end the run.
func (r room) closed() {
	p := r.sit(seat{}, "--ui", "tui")
	p.shows("RUNNING")
	if err := p.far.Close(); err != nil {
		r.Fatal(err)
	}
	eventually(r.T, "floodmark ends", p.hasEnded) // there is nobody to have the summary
	whole(r.T, p.saved())
	if got := eventLines(r.T, p.saved()); !strings.Contains(got, "the terminal was closed: the run goes on") {
		r.Errorf("no event says that the terminal was closed:\n%s", got)
	}
}

// A dashboard that stays until somebody has seen its last frame has nobody who could.
func (r room) closedWhenOver() {
	p := r.sit(seat{command: []string{"demo", "run", "-d", "1s", "--dip=false"}}, "--ui", "tui")
	p.shows("leaves: the run has ended")
	if err := p.far.Close(); err != nil {
		r.Fatal(err)
	}
	eventually(r.T, "floodmark ends", p.hasEnded)
}

// A window that is dragged about all the time is drawn as it is in the end.
func (r room) resized() {
	p := r.sit(seat{}, "--ui", "tui")
	p.shows("RUNNING")
	eventually(r.T, "seconds pass", func() bool {
		for i := range 50 {
			p.resize(i*7%150, i*3%60)
		}
		return p.seconds() >= plannedSeconds/2
	})
	p.resize(83, 21)
	clock := regexp.MustCompile(`^ floodmark .* 00:0\d / 00:04$`)
	eventually(r.T, "the frame has the last size", func() bool {
		rows := strings.Split(p.screen(), "\n")
		return len(rows) == 21 && len([]rune(rows[0])) == 82 && clock.MatchString(rows[0]) && strings.Contains(rows[20], "? help")
	})
	p.leaves("PASS", exitMet)
	whole(r.T, p.saved())
}

// What stops jobs does not stop a load: the target would be blamed for answers that nobody
// read.
func (r room) stopped() {
	p := r.sit(seat{shell: "fg"}, "--ui", "tui")
	p.shows("RUNNING")
	pid := p.foreground()
	if pid <= 1 || pid == p.cmd.Process.Pid {
		r.Fatalf("the job is not in the foreground: got %d", pid)
	}
	eventually(r.T, "the run ends", func() bool {
		for _, s := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU} {
			_ = syscall.Kill(pid, s) // it may have ended
		}
		if stateOf(pid) == "T" {
			r.Fatal("the process was stopped")
		}
		return p.finished()
	})
	p.leaves("PASS", exitMet)
	whole(r.T, p.saved())
}

// stateOf returns the letter of what a process does, "" where that cannot be told.
func stateOf(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	at := strings.LastIndexByte(string(text), ')')
	if err != nil || at < 0 {
		return ""
	}
	return strings.Fields(string(text[at+1:]))[0]
}
