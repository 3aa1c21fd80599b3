//go:build unix

package receivers

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// program returns an exec receiver of a shell script.
func program(t *testing.T, script string, timeout time.Duration) *Receiver {
	t.Helper()
	return newReceiver(t, Spec{Name: "x", Type: "exec", Command: []string{"sh", "-c", script, "sh", t.TempDir()}, Timeout: timeout})
}

func TestExec(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   alert.Outcome
		detail string
	}{
		{"cat >/dev/null", alert.Delivered, ""},
		{"exit 0", alert.Delivered, ""}, // without reading
		{"echo out; echo >&2; echo ' first\033[31m line' >&2; echo second >&2; exit 3", alert.Later, "exit status 3: first line"},
		{"exit 7", alert.Later, "exit status 7"},
		{"kill -TERM $$", alert.Later, "signal: terminated"},
		{"yes | head -c 1000000 >&2; exit 1", alert.Later, "exit status 1: y"},
	} {
		if got := program(t, tt.script, 0).Send(t.Context(), message(firing())); got.Outcome != tt.want || got.Detail != tt.detail || got.Unsure {
			t.Errorf("%s: got %+v, want %s %q", tt.script, got, tt.want, tt.detail)
		}
	}
}

func TestExecCannotRun(t *testing.T) {
	notExecutable := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(notExecutable, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"no-such-program-anywhere", "./no/such/program", notExecutable} {
		r := newReceiver(t, Spec{Name: "x", Type: "exec", Command: []string{command}})
		if got := r.Send(t.Context(), message(firing())); got.Outcome != alert.Refused || !strings.HasPrefix(got.Detail, "the program cannot be run: ") {
			t.Errorf("%s: got %+v", command, got)
		}
	}
}

// A program sees the message, PATH and HOME, and nothing else of the environment.
func TestExecEnvironment(t *testing.T) {
	t.Setenv("SECRET_OF_THE_JOB", "hunter2")
	r := program(t, `env >"$1/env"; cat >"$1/body"`, 0)
	if got := r.Send(t.Context(), message(firing(), resolved())); got.Outcome != alert.Delivered {
		t.Fatalf("got %+v", got)
	}
	dir := r.spec.Command[4]
	env, err := os.ReadFile(filepath.Join(dir, "env"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(env)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		known[name] = value
	}
	for _, name := range []string{"PWD", "OLDPWD", "SHLVL", "_", "PATH", "HOME"} {
		delete(known, name) // the shell's, and those that it is given
	}
	for name, want := range map[string]string{
		"STATUS": "firing", "ID": "msg_1", "TITLE": "1 firing, 1 resolved: run nightly", "SLO": "checkout", "RULE": "dip",
		"SEVERITY": "page", "RUN": "r-7f3", "TEST": "",
	} {
		if got := known["FLOODMARK_ALERT_"+name]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		delete(known, "FLOODMARK_ALERT_"+name)
	}
	if len(known) > 0 {
		t.Errorf("it also sees %v", known)
	}
	body, err := os.ReadFile(filepath.Join(dir, "body"))
	if err != nil || !json.Valid(body) {
		t.Errorf("got %s, %v", body, err)
	}
}

// At the timeout the program and all that it started are killed.
func TestExecIsKilledWhole(t *testing.T) {
	r := program(t, `sleep 600 & echo $! >"$1/pid.new"; mv "$1/pid.new" "$1/pid"; wait`, 500*time.Millisecond)
	got := r.Send(t.Context(), message(firing()))
	if got.Outcome != alert.Later || !got.Unsure || got.Detail != "killed, as it took too long" {
		t.Errorf("got %+v", got)
	}
	data, err := os.ReadFile(filepath.Join(r.spec.Command[4], "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	for alive(pid) {
		if t.Context().Err() != nil {
			t.Fatal("the child still runs")
		}
	}
}

// alive reports whether a process runs; one that is dead and not yet waited for does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return syscall.Kill(pid, 0) == nil
	}
	return !strings.Contains(string(stat), ") Z ") && !strings.Contains(string(stat), ") X ")
}

// A program that leaves a child with its standard error open has still done its work.
func TestExecLeavesChild(t *testing.T) {
	r := program(t, `sleep 600 & echo $! >"$1/pid"`, 0)
	if got := r.Send(t.Context(), message(firing())); got.Outcome != alert.Delivered {
		t.Errorf("got %+v", got)
	}
	data, err := os.ReadFile(filepath.Join(r.spec.Command[4], "pid"))
	if err != nil {
		t.Fatal(err)
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(data))); err != nil || syscall.Kill(pid, syscall.SIGKILL) != nil {
		t.Errorf("the child cannot be killed: %v", err)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.ndjson")
	r := newReceiver(t, Spec{Name: "x", Type: "file", Path: path})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got := r.Send(t.Context(), message(firing(), latency())); got.Outcome != alert.Delivered {
				t.Errorf("got %+v", got)
			}
		})
	}
	all.Wait()
	checkLines(t, path, 4)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	// A torn line, as after a full disk, spoils no other.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"version":`); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	r.Send(t.Context(), message(firing()))
	data, _ := os.ReadFile(path)
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) != 6 || json.Valid([]byte(lines[4])) || !json.Valid([]byte(lines[5])) {
		t.Errorf("got %d lines, the last two %q", len(lines), lines[4:])
	}
}

// checkLines wants so many lines of JSON.
func checkLines(t *testing.T, path string, want int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) != want {
		t.Errorf("got %d lines, want %d", len(lines), want)
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestFileFails(t *testing.T) {
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none", "alerts"), "/dev/full"} {
		got := newReceiver(t, Spec{Name: "x", Type: "file", Path: path}).Send(t.Context(), message(firing()))
		if got.Outcome != alert.Later || !strings.HasPrefix(got.Detail, "the file cannot be written: ") || strings.Contains(got.Detail, path) {
			t.Errorf("%s: got %+v", path, got)
		}
	}
}

// A pipe has no disk to be on.
func TestFileIsPipe(t *testing.T) {
	if got := newReceiver(t, Spec{Name: "x", Type: "file", Path: "/dev/null"}).Send(t.Context(), message(firing())); got.Outcome != alert.Delivered {
		t.Errorf("got %+v", got)
	}
}
