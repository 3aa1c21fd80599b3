//go:build unix

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/floodmark/floodmark/control"
)

// Whatever becomes of a terminal, the load does not notice; and whoever sits at it sees what
// is meant for people. Each of these runs takes some seconds and next to no processor: all go
// on at once, whatever -parallel says.
func TestTerminals(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for name, test := range map[string]func(room){
		"stuck": room.stuck, "closed": room.closed, "resized": room.resized, "stopped": room.stopped,
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
	if got := events(r.T, p.saved()); !strings.Contains(got, "the terminal was closed: the run goes on") {
		r.Errorf("no event says that the terminal was closed:\n%s", got)
	}
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

const oneSecond = "{ executor: constant-arrival-rate, rate: 20/s, duration: 1s, drain: 10m }"

func (r room) dumb() { r.lines(seat{env: []string{"TERM=dumb"}}, "TERM is dumb") }

func (r room) inCI() { r.lines(seat{env: []string{"CI=true"}}, "CI is set") }

func (r room) inTheBackground() { r.lines(seat{shell: "bg"}, "the process is in the background") }

func (r room) withoutKeys() { r.lines(seat{shell: "off"}, "no keys can be read") }

// lines wants lines where there cannot be a dashboard, and a reason why there is none for
// those who insist on it.
func (r room) lines(s seat, why string) {
	s.load = oneSecond
	p := r.sit(s, "--progress", "1s")
	p.leaves("PASS", exitMet)
	if got := p.written(); strings.Contains(got, "\x1b") || !strings.Contains(got, "Ctrl-C stops\r\n") {
		r.Errorf("these are no lines: %q", got)
	}
	p = r.sit(s, "--ui", "tui")
	p.ends(exitUsage)
	if got, want := p.screen(), "floodmark: --ui tui: "+why+"\nhint: --ui plain writes lines"; got != want {
		r.Errorf("got %q, want %q", got, want)
	}
}

// Who wants no colours gets a dashboard without: bold and reverse are none.
func (r room) withoutColours() {
	anyColour := regexp.MustCompile(`\x1b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;[0-9;]*)?m`)
	anyInk := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for _, coloured := range []bool{true, false} {
		s := seat{load: oneSecond}
		if !coloured {
			s.env = []string{"NO_COLOR=1"}
		}
		p := r.sit(s)
		p.leaves("PASS", exitMet)
		got := p.written()
		if !strings.Contains(got, "STARTING") || !anyInk.MatchString(got) || anyColour.MatchString(got) != coloured {
			r.Errorf("colours: want %v in %q", coloured, anyInk.FindAllString(got, -1))
		}
	}
}

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
