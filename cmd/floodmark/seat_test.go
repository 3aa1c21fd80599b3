//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A seat is how floodmark run sits at a terminal. The zero value leads the terminal's
// session and sends 200 requests a second for four seconds.
type seat struct {
	shell   string           // "fg" or "bg" for a job of a shell, "off" for no session of the terminal
	env     []string         // besides the usual
	load    string           // of the profile
	handler http.HandlerFunc // the target; nil answers at once
	command []string         // instead of run
}

const (
	plannedSeconds = 4
	plannedLoad    = "{ executor: constant-arrival-rate, rate: 200/s, duration: 4s, drain: 10m }"
)

var everything = accounted{Planned: 200 * plannedSeconds, Succeeded: 200 * plannedSeconds}

// A seated process is floodmark at a terminal.
type seated struct {
	*teletype
	dir   string // where it runs
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has
}

// A room is a test with terminals.
type room struct{ *testing.T }

// sit runs floodmark run with a profile at a terminal. Nothing fails for being slow: other
// tests keep the machine busy.
func (r room) sit(s seat, args ...string) *seated {
	r.Helper()
	p := &seated{teletype: plugIn(r.T), dir: r.TempDir(), ended: make(chan struct{})}
	p.cmd = exec.CommandContext(r.Context(), "floodmark", append(s.run(r.T, p.dir), args...)...)
	if s.shell == "fg" || s.shell == "bg" {
		p.cmd = exec.CommandContext(r.Context(), "shell", append([]string{s.shell}, p.cmd.Args...)...)
	}
	p.cmd.Dir, p.cmd.Env = p.dir, append(usualEnv(), s.env...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = p.near, p.near, p.near
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if s.shell == "off" {
		p.cmd.Stdin, p.cmd.SysProcAttr.Setctty = nil, false
	}
	if err := p.cmd.Start(); err != nil {
		r.Fatal(err)
	}
	_ = p.near.Close() // the process has it
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // its state says all
	}()
	r.Cleanup(func() {
		if pid := p.foreground(); pid > 1 {
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		}
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// usualEnv is what a person's terminal has, and neither CI nor colours as they are here.
func usualEnv() []string {
	env := []string{"TERM=xterm-256color", "LANG=C.UTF-8"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// run writes a profile for a server of its own, and returns the command that runs it.
func (s *seat) run(t *testing.T, dir string) []string {
	t.Helper()
	if s.command != nil {
		return s.command
	}
	handler := s.handler
	if handler == nil {
		handler = func(http.ResponseWriter, *http.Request) {}
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	load := s.load
	if load == "" {
		load = plannedLoad
	}
	path := filepath.Join(dir, "seat.yaml")
	text := fmt.Sprintf("version: 1\ntarget: { base_url: %s }\nscenarios: { s: { steps: [ { get: / } ] } }\n"+
		"slos: [ { name: a, objective: success >= 50%% } ]\ngenerator: { lag: off, cpu: off, sent_rate: off }\nload: %s\n", server.URL, load)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"run", path, "--timeout", "10m"}
}

func (p *seated) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// ends waits until the process has ended and all that it wrote is seen, and wants an exit
// code.
func (p *seated) ends(code int) {
	p.t.Helper()
	eventually(p.t, "floodmark ends", p.hasEnded)
	p.reader.Wait() // nobody can write to it any more
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("got exit code %d, want %d; the terminal shows\n%s", got, code, p.screen())
	}
	if strings.Contains(p.written(), "\x1b]") {
		p.t.Error("the terminal was asked what it is, and might not answer")
	}
}

// leaves waits for the end, and wants a summary with a verdict on a terminal that is as it
// was.
func (p *seated) leaves(verdict string, code int) {
	p.t.Helper()
	p.ends(code)
	shown := look(p.teletype, func(g *glass) string { return g.text(1000, 1000) })
	if !look(p.teletype, (*glass).inOrder) || !strings.Contains(shown, "  "+verdict) {
		p.t.Errorf("the terminal is not left in order, with %s:\n%s", verdict, shown)
	}
}

// saved returns the directory of the run, "" as long as it is not there.
func (p *seated) saved() string { return savedRun(p.t, p.dir) }

// finished reports whether the result is there.
func (p *seated) finished() bool {
	_, err := os.Stat(filepath.Join(p.saved(), "result.json"))
	return p.saved() != "" && err == nil
}

// seconds returns how many intervals of the run are on disk.
func (p *seated) seconds() int {
	if p.saved() == "" {
		return 0
	}
	return readKept(p.t, p.saved()).intervals
}

// whole wants a run of which nothing is missing: all requests in its result, and an interval
// a second in its events. A busy machine may be behind by one.
func whole(t *testing.T, saved string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(saved, "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Counts accounted `json:"counts"`
	}
	if err := json.Unmarshal(text, &got); err != nil || got.Counts != everything {
		t.Errorf("got %+v, %v; want %+v", got.Counts, err, everything)
	}
	if kept := readKept(t, saved); kept.intervals < plannedSeconds-1 || kept.counts != everything {
		t.Errorf("got %d intervals with %+v, want %d with %+v", kept.intervals, kept.counts, plannedSeconds, everything)
	}
}

// jobs are the programs that tests of terminals need. A shell runs a command as a job, in
// the foreground or in the background, and ends as it does.
func jobs() map[string]func() {
	return map[string]func(){
		"shell": func() { os.Exit(shell(os.Args[1], os.Args[2:])) }, //nolint:forbidigo // this is a main, whose exit code matters
	}
}

func shell(where string, command []string) int {
	switch where {
	case "here": // in the job: makes it the one in the foreground, and becomes the command
		signal.Ignore(syscall.SIGTTOU)
		err := unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, os.Getpid())
		signal.Reset(syscall.SIGTTOU)
		path, missing := exec.LookPath(command[0])
		if err = errors.Join(err, missing); err == nil {
			err = syscall.Exec(path, command, os.Environ())
		}
		panic(err)
	case "fg":
		command = append([]string{"shell", "here"}, command...)
	}
	job := exec.Command(command[0], command[1:]...)
	job.Stdin, job.Stdout, job.Stderr = os.Stdin, os.Stdout, os.Stderr
	job.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := job.Run(); err != nil && job.ProcessState == nil {
		panic(err)
	}
	return job.ProcessState.ExitCode()
}
