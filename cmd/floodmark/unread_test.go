//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/floodmark/floodmark/control"
)

// fullPipe returns the end of a pipe that takes nothing any more.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = out.Close(), in.Close() })
	raw, err := in.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	page := make([]byte, 4096)
	err = raw.Write(func(fd uintptr) bool {
		for err := error(nil); err == nil; {
			_, err = unix.Write(int(fd), page)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// A pipe that nobody reads does not keep a run from anything: not from sending, and not
// from what others ask of it.
func (r room) unread() {
	dir := r.TempDir()
	cmd := exec.CommandContext(r.Context(), "floodmark", append(new(seat).run(r.T, dir), "--ui", "plain", "--progress", "1s")...)
	var summary bytes.Buffer
	cmd.Dir, cmd.Env = dir, usualEnv()
	cmd.Stdout, cmd.Stderr = &summary, fullPipe(r.T)
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	marks := r.mark(dir)
	if err := cmd.Wait(); err != nil || !strings.Contains(summary.String(), "  PASS") {
		r.Errorf("%v\n%s", err, &summary)
	}
	saved := savedRun(r.T, dir)
	whole(r.T, saved)
	text, err := os.ReadFile(filepath.Join(saved, "result.json"))
	if err != nil {
		r.Fatal(err)
	}
	var got struct{ Marks []struct{ Text string } }
	if err := json.Unmarshal(text, &got); err != nil || len(got.Marks) < marks {
		r.Errorf("got %d marks, %v; want at least %d", len(got.Marks), err, marks)
	}
}

// mark does what floodmark ctl mark does, for more lines than a spool holds, unless the
// load ends before.
func (r room) mark(dir string) (marks int) {
	r.Helper()
	var run *reached
	eventually(r.T, "the run can be reached", func() (there bool) {
		var err error
		run, err = reach(r.Context(), filepath.Join(dir, defaultRuns), "", control.Steer)
		return err == nil
	})
	defer run.Close()
	text := []string{strings.Repeat("x", maxMark)}
	for marks < maxSpooled+100 {
		reply, err := run.Do(r.Context(), control.Command{Name: "mark", Args: text})
		switch {
		case err == nil && reply.OK:
			marks++
		case marks > 0: // the load has ended
			return marks
		default:
			r.Fatalf("got %+v, %v after %d marks", reply, err, marks)
		}
	}
	return marks
}
