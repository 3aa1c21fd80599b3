//go:build integration

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// binary is the path of the program that the integration tests run.
var binary string

// around builds the program before the tests and removes it after them.
func around(m *testing.M) testscript.TestingM { return builder{m} }

type builder struct{ *testing.M }

// Run implements testscript.TestingM.
func (b builder) Run() int {
	dir, err := os.MkdirTemp("", "floodmark-integration-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Setenv("FLOODMARK_GENERATOR", tolerant); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binary = filepath.Join(dir, "floodmark")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return b.M.Run()
}

// A finished command.
type finished struct {
	code           int // exit code, -1 when a signal ended it
	stdout, stderr string
}

// A command runs in a directory of its own, in which its runs are saved.
type command struct {
	*exec.Cmd
	t              *testing.T
	stdout, stderr lockedBuffer
}

// floodmark runs the program to its end.
func floodmark(t *testing.T, dir string, args ...string) finished {
	t.Helper()
	return begin(t, dir, binary, args...).finish()
}

// begin starts a command, which ends with the test at the latest.
func begin(t *testing.T, dir, name string, args ...string) *command {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	c := &command{Cmd: cmd, t: t}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &c.stdout, &c.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// send sends a signal to the command.
func (c *command) send(s os.Signal) {
	c.t.Helper()
	if err := c.Process.Signal(s); err != nil {
		c.t.Fatalf("%s: %v: %v\n%s", filepath.Base(c.Path), s, err, c.stderr.String())
	}
}

// finish waits for the command to end.
func (c *command) finish() finished {
	c.t.Helper()
	if err := c.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		c.t.Errorf("%s: %v", filepath.Base(c.Path), err)
	}
	return finished{c.ProcessState.ExitCode(), c.stdout.String(), c.stderr.String()}
}

// A lockedBuffer can be read while a command writes to it.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// installed returns the path of a program that Debian has a package for.
func installed(t *testing.T, program, debian string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("%s is needed: apt-get install %s", program, debian)
	return ""
}

// file writes a file into a directory and returns its path.
func file(t *testing.T, dir, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
