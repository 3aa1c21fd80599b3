//go:build integration

package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// reachable reports whether a run below a directory has its socket.
func reachable(t *testing.T, dir string) bool {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".floodmark/runs/*/control.sock"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found) > 0
}

// Watchers that stop, die or leave in the middle of a run change nothing about it.
func TestWatchersAreNotInTheWay(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(&sometimesSlow{})
	defer target.Close()
	dir := t.TempDir()
	run := begin(t, dir, binary, "run", target.URL, "-r", "200/s", "-d", "6s", "--json")
	eventually(t, "the run can be reached", func() bool { return reachable(t, dir) })
	var watchers []*command
	for range 3 {
		w := begin(t, dir, binary, "attach", "--json")
		eventually(t, "a watcher sees the run", func() bool { return strings.Contains(w.stdout.String(), "at_seconds") })
		watchers = append(watchers, w)
	}
	watchers[0].send(syscall.SIGSTOP)
	watchers[1].send(syscall.SIGKILL)
	watchers[2].send(os.Interrupt)
	got := run.finish().result(t)
	if want := (accounted{Planned: 1200, Succeeded: 1200}); got.Counts != want || got.Verdict != "pass" {
		t.Errorf("got %s, %+v, want pass, %+v", got.Verdict, got.Counts, want)
	}
	watchers[0].send(syscall.SIGCONT)
	for i, want := range []int{0, -1, 0} {
		if f := watchers[i].finish(); f.code != want {
			t.Errorf("watcher %d: got exit code %d, want %d: %s", i, f.code, want, f.stderr)
		}
	}
}

// A watcher of a run that is killed hears that it is gone, and the run can be reported.
func TestWatcherOfAKilledRun(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(&sometimesSlow{})
	defer target.Close()
	dir := t.TempDir()
	run := begin(t, dir, binary, "run", target.URL, "-r", "100/s", "-d", "60s")
	eventually(t, "the run can be reached", func() bool { return reachable(t, dir) })
	watcher := begin(t, dir, binary, "attach")
	eventually(t, "the watcher sees the run", func() bool { return strings.Contains(watcher.stdout.String(), "flight") })
	run.send(syscall.SIGSTOP)
	if f := floodmark(t, dir, "ctl", "mark", "hello?"); f.code != exitRefused || !strings.Contains(f.stderr, "the run does not answer in 5s") {
		t.Errorf("got exit code %d and %q", f.code, f.stderr)
	}
	run.send(os.Kill)
	run.finish()
	if f := watcher.finish(); f.code != exitRefused || !strings.Contains(f.stderr, "the connection to the run is lost") {
		t.Errorf("got exit code %d and %q", f.code, f.stderr)
	}
	if f := floodmark(t, dir, "ctl", "mark", "too late"); f.code != exitUsage || !strings.Contains(f.stderr, "no run is under way") {
		t.Errorf("got exit code %d and %q", f.code, f.stderr)
	}
	if f := floodmark(t, dir, "report"); f.code != exitMet || !strings.Contains(f.stdout, "INCOMPLETE") {
		t.Errorf("got exit code %d and %q", f.code, f.stdout)
	}
}
