//go:build integration

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	verdictLine = regexp.MustCompile(`(?m)^  (PASS|FAIL|INCONCLUSIVE|INVALID|INCOMPLETE)\s.*exit code (\d+)`)
	endedLine   = regexp.MustCompile(`(?m)^\[ended with (\d+)\]$`)
)

// A terminal is a window of tmux, by a server of its own, in which a command runs.
type terminal struct {
	t            *testing.T
	tmux, socket string
}

// openTerminal runs the program in a terminal that is wider than its output may be,
// so that lines which are too long show as such.
func openTerminal(t *testing.T, args ...string) terminal {
	t.Helper()
	dir := t.TempDir()
	term := terminal{t, installed(t, "tmux", "tmux"), filepath.Join(dir, "socket")}
	config := file(t, dir, "tmux.conf", "set -g remain-on-exit on")
	// The shell tells the exit code, since tmux now and then misses that a program
	// has ended. It gets Ctrl-C, too, and goes on. A person's terminal is not that of CI.
	shell := []string{"bash", "-c", `trap : INT; unset CI; export LANG=C.UTF-8; "$@"; echo "[ended with $?]"`, "bash", binary}
	command := []string{"-f", config, "new-session", "-d", "-x", "120", "-y", "60", "-c", dir}
	term.run(slices.Concat(command, shell, args)...)
	t.Cleanup(func() { term.run("kill-server") })
	return term
}

// run runs a command of tmux and returns its output.
func (term terminal) run(args ...string) string {
	term.t.Helper()
	// Not with the test's context: the cleanup, too, needs it.
	out, err := exec.Command(term.tmux, append([]string{"-u", "-S", term.socket}, args...)...).CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// screen returns what the terminal shows.
func (term terminal) screen() string {
	term.t.Helper()
	return strings.TrimRight(term.run("capture-pane", "-p"), "\n")
}

// ended waits until the program has ended and returns what it has left on the
// screen, and its exit code.
func (term terminal) ended() (screen, code string) {
	term.t.Helper()
	eventually(term.t, "the program in the terminal ends", func() bool {
		// What is said of a pane that has ended may have moved the rest out of sight.
		shown := term.run("capture-pane", "-p", "-S", "-")
		found := endedLine.FindStringSubmatchIndex(shown)
		if found != nil {
			screen, code = shown[:found[0]], shown[found[2]:found[3]]
		}
		return found != nil
	})
	return screen, code
}

func TestDemoInATerminal(t *testing.T) {
	t.Parallel()
	term := openTerminal(t, "demo", "run", "-d", "5s")
	term.types(pressing{nil, `^ q leaves: the run has ended`, ""}, pressing{[]string{"q"}, verdictLine.String(), ""})
	screen, code := term.ended()
	showsVerdict(t, screen, code)
	narrowSummary(t, screen)
}

func TestCtrlCInATerminal(t *testing.T) {
	t.Parallel()
	term := openTerminal(t, "demo", "run", "-d", "60s", "--progress", "1s")
	eventually(t, "progress is shown", func() bool { return strings.Contains(term.screen(), "00:02") })
	term.run("send-keys", "C-c")
	screen, code := term.ended()
	if code != fmt.Sprint(exitInterrupted) || !strings.Contains(screen, "INCOMPLETE") {
		t.Errorf("got exit code %s, want %d and INCOMPLETE on the screen:\n%s", code, exitInterrupted, screen)
	}
	showsVerdict(t, screen, code)
	narrowSummary(t, screen)
}

// showsVerdict wants the verdict on the screen, with the code that the program has
// ended with.
func showsVerdict(t *testing.T, screen, code string) {
	t.Helper()
	if found := verdictLine.FindStringSubmatch(screen); found == nil || found[2] != code {
		t.Errorf("got exit code %s and verdict %q on the screen:\n%s", code, found, screen)
	}
}

// narrowSummary wants lines of at most 80 columns from the summary's head on, before
// which the terminal may have shown a Ctrl-C.
func narrowSummary(t *testing.T, screen string) {
	t.Helper()
	start := strings.Index(screen, "floodmark "+version)
	if start < 0 {
		t.Fatalf("no summary on the screen:\n%s", screen)
	}
	narrow(t, screen[start:])
}
