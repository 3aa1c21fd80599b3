package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A background is a process that a script has started.
type background struct {
	process        *exec.Cmd
	stdout, stderr *watched
}

// A watched buffer tells when something was written.
type watched struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{} // holds one word that there is something new
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.changed <- struct{}{}:
	default:
	}
	return w.buffer.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buffer.String()
}

// cmdStart runs a command in the background until interrupt, and goes on when it
// has said on stderr, or to a program on stdout, what the script waits for.
func cmdStart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start PATTERN command...")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	b := &background{stdout: &watched{changed: make(chan struct{}, 1)}, stderr: &watched{changed: make(chan struct{}, 1)}}
	b.process = exec.Command(commandPath(ts, args[1]), args[2:]...)
	b.process.Dir, b.process.Env = ts.MkAbs("."), environmentOf(ts)
	b.process.Stdout, b.process.Stderr = b.stdout, b.stderr
	ts.Check(b.process.Start())
	ts.Defer(func() {
		if b.process.ProcessState == nil {
			_ = b.process.Process.Kill()
			_ = b.process.Wait()
		}
	})
	ts.SetCmd("interrupt", b.interrupt)
	ts.SetCmd("crash", b.crash)
	ts.SetCmd("ended", b.ended)
	said := b.said(pattern)
	for ; said == ""; said = b.said(pattern) {
		select {
		case <-b.stderr.changed:
		case <-b.stdout.changed:
		case <-time.NewTimer(30 * time.Second).C:
			ts.Fatalf("%s: no %s in 30 s, only %q", args[1], pattern, b.stderr)
		}
	}
	setGroups(ts, pattern, said)
}

// said returns the text that matches; empty: none does yet.
func (b *background) said(pattern *regexp.Regexp) string {
	for _, text := range []string{b.stderr.String(), b.stdout.String()} {
		if pattern.MatchString(text) {
			return text
		}
	}
	return ""
}

func setGroups(ts *testscript.TestScript, pattern *regexp.Regexp, text string) {
	found := pattern.FindStringSubmatch(text)
	for i, name := range pattern.SubexpNames() {
		if name != "" {
			ts.Setenv(name, found[i])
		}
	}
}

// commandPath finds a command in the PATH of the script.
func commandPath(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	ts.Fatalf("%s is not in PATH", name)
	return ""
}

// environmentOf returns the variables that a command needs to run.
func environmentOf(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "FLOODMARK_ADMIN_TOKEN"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// interrupt is Ctrl-C; what the process wrote is for the script to look at.
func (b *background) interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: interrupt N")
	}
	ts.Check(b.process.Process.Signal(os.Interrupt))
	got := b.wait(ts)
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("got exit code %d, want %s; stderr %q", got, want, b.stderr)
	}
}

// ended waits until it has ended by itself.
func (b *background) ended(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ended N")
	}
	if got := b.wait(ts); strconv.Itoa(got) != args[0] {
		ts.Fatalf("got exit code %d, want %s; stderr %q", got, args[0], b.stderr)
	}
}

// crash is kill -9.
func (b *background) crash(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: crash")
	}
	ts.Check(b.process.Process.Kill())
	b.wait(ts)
}

// wait returns the exit code, and hands the script what the process wrote.
func (b *background) wait(ts *testscript.TestScript) int {
	code := exitCode(ts, b.process.Wait())
	_, _ = io.WriteString(ts.Stdout(), b.stdout.String())
	_, _ = io.WriteString(ts.Stderr(), b.stderr.String())
	return code
}
