//go:build unix

package supervise

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A theatre is a supervisor with real processes, and the changes it tells of.
type theatre struct {
	*Supervisor
	changes chan Change
}

func open(t *testing.T, restart time.Duration) *theatre {
	t.Helper()
	th := &theatre{changes: make(chan Change, 1000)}
	th.Supervisor = New(Config{RestartAfter: restart, OnChange: func(c Change) { th.changes <- c }})
	t.Cleanup(func() {
		if err := th.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return th
}

func (th *theatre) add(t *testing.T, c Command) Host {
	t.Helper()
	if err := th.Add(t.Context(), "web", Process(c)); err != nil {
		t.Fatal(err)
	}
	th.await(Up)
	return th.List()[0]
}

// await returns the next change to a state.
func (th *theatre) await(state State) Change {
	for c := range th.changes {
		if c.State == state {
			return c
		}
	}
	panic("unreachable")
}

// gone fails unless no process of that number is left, not even as a zombie.
func gone(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is there: %v", pid, err)
	}
}

func TestProcessIsStopped(t *testing.T) {
	th := open(t, time.Second)
	var stderr bytes.Buffer
	c := command("echo", func(s *spec) { s.Env = "GOMAXPROCS" })
	c.Stderr = &stderr
	web := th.add(t, c)
	dial(t, web.Addrs["web"])
	if web.Admin != "1" {
		t.Errorf("got GOMAXPROCS=%q, want 1", web.Admin)
	}
	if group, err := syscall.Getpgid(web.PID); err != nil || group != web.PID {
		t.Errorf("got process group %d, %v, want its own, %d", group, err, web.PID)
	}
	if err := syscall.Kill(web.PID, syscall.SIGINT); err != nil {
		t.Error(err)
	}
	dial(t, web.Addrs["web"]) // Ctrl-C is not its matter
	if err := th.Remove(t.Context(), "web"); err != nil {
		t.Error(err)
	}
	gone(t, web.PID)
	if got := stderr.String(); got != "last orders\n" {
		t.Errorf("got %q: it was not asked to stop", got)
	}
}

// Somebody types kill -9 in another terminal.
func TestProcessIsKilled(t *testing.T) {
	th := open(t, time.Millisecond)
	before := th.add(t, command("echo", nil))
	c := dial(t, before.Addrs["web"])
	process, err := os.FindProcess(before.PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	if got := th.await(Down); got.Why != "it ended by itself: signal: killed" {
		t.Errorf("got %+v", got)
	}
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("got %d bytes of a dead process", n)
	}
	th.await(Up)
	after := th.List()[0]
	if after.PID == before.PID || after.Addrs["web"] != before.Addrs["web"] || after.Restarts != 1 {
		t.Errorf("got %+v after %+v", after, before)
	}
	dial(t, after.Addrs["web"])
	gone(t, before.PID)
}

func TestKillsLeaveNothing(t *testing.T) {
	th := open(t, time.Millisecond)
	web := th.add(t, command("echo", nil))
	var before int
	for i := range 6 {
		if err := th.Kill("web"); err != nil {
			t.Fatal(err)
		}
		gone(t, web.PID)
		th.await(Up)
		web = th.List()[0]
		if web.Restarts != i+1 {
			t.Errorf("got %+v after kill %d", web, i)
		}
		dial(t, web.Addrs["web"]).Close()
		switch open := descriptors(t); {
		case i == 0:
			before = open
		case open > before:
			t.Errorf("got %d open descriptors after kill %d, %d before", open, i, before)
		}
	}
}

// descriptors returns how many this process has open; 0 where that is not known.
func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	return len(list)
}

func TestProcessIsFrozen(t *testing.T) {
	th := open(t, time.Hour)
	web := th.add(t, command("echo", nil))
	c := dial(t, web.Addrs["web"])
	for range 20 {
		if err := th.Freeze("web", true); err != nil {
			t.Fatal(err)
		}
		if got := th.List()[0]; got.State != Frozen {
			t.Fatalf("got %+v", got)
		}
		if err := th.Freeze("web", false); err != nil {
			t.Fatal(err)
		}
		if got := th.List()[0]; got.State != Up {
			t.Fatalf("got %+v", got)
		}
	}
	io.WriteString(c, "back\n")
	if line, err := bufio.NewReader(c).ReadString('\n'); line != "back\n" {
		t.Errorf("got %q, %v", line, err)
	}
	if err := th.Freeze("web", true); err != nil {
		t.Fatal(err)
	}
	if err := th.Remove(t.Context(), "web"); err != nil { // at its leisure
		t.Error(err)
	}
	gone(t, web.PID)
}

// A frozen process can be killed, and one that hears nothing is.
func TestStubbornProcess(t *testing.T) {
	th := open(t, time.Hour)
	web := th.add(t, command("deaf", nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := th.Remove(ctx, "web"); err == nil || !strings.HasPrefix(err.Error(), "stop web: it was killed") {
		t.Errorf("got %v", err)
	}
	gone(t, web.PID)

	web = th.add(t, command("echo", nil))
	th.Freeze("web", true)
	if err := th.Kill("web"); err != nil {
		t.Error(err)
	}
	gone(t, web.PID)
}

func TestProcessDoesNotStart(t *testing.T) {
	for name, c := range map[string]struct {
		mend func(*Command)
		role string
		want string
	}{
		"says why": {role: "echo", mend: func(c *Command) {
			c.Spec = func(map[string]string) ([]byte, error) { return []byte(`{"fail":"no disk"}`), nil }
		}, want: "start web: it ended before it was ready: exit status 1; it said: child: no disk"},
		"crashes":      {role: "none", want: "start web: it ended before it was ready: exit status 2; it said: "},
		"is not there": {role: "echo", mend: func(c *Command) { c.Path += "-not" }, want: "start web: fork/exec "},
		"is wordy":     {role: "wordy", want: `start web: it began with "hello, world" on its standard output`},
		"is slow":      {role: "mute", mend: func(c *Command) { c.Ready = time.Millisecond }, want: "start web: it was not ready within 1ms"},
		"has no spec": {role: "echo", mend: func(c *Command) {
			c.Spec = func(map[string]string) ([]byte, error) { return nil, errors.New("no plan") }
		}, want: "start web: no plan"},
		"has a wrong spec": {role: "echo", mend: func(c *Command) {
			c.Spec = func(map[string]string) ([]byte, error) { return []byte("{"), nil }
		}, want: "start web: spec of a process: "},
	} {
		t.Run(name, func(t *testing.T) {
			th := open(t, time.Hour)
			before := descriptors(t)
			command := command(c.role, nil)
			if c.mend != nil {
				c.mend(&command)
			}
			err := th.Add(t.Context(), "web", Process(command))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if after := descriptors(t); after > before {
				t.Errorf("got %d open descriptors, %d before", after, before)
			}
		})
	}
}

func TestRemoveWhileProcessStarts(t *testing.T) {
	th := open(t, time.Hour)
	var added error
	var other sync.WaitGroup
	other.Go(func() { added = th.Add(t.Context(), "web", Process(command("mute", nil))) })
	th.await(Starting)
	if err := th.Remove(t.Context(), "web"); err != nil {
		t.Error(err)
	}
	if other.Wait(); !errors.Is(added, ErrRemoved) {
		t.Errorf("got %v, want %v", added, ErrRemoved)
	}
}

// What starts well and then crashes says why in its last words.
func TestProcessCrashes(t *testing.T) {
	th := open(t, time.Hour)
	th.add(t, command("echo", func(s *spec) { s.Crash = true }))
	if got, want := th.await(Down).Why, "it ended by itself: exit status 1; it said: child: it ended by itself"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Threads come and go, and a child is not killed with one of them.
func TestChildOutlivesThreads(t *testing.T) {
	th := open(t, time.Hour)
	web := th.add(t, command("echo", nil))
	for range 50 {
		over := make(chan struct{})
		go func() {
			runtime.LockOSThread() // and the thread ends with this goroutine
			close(over)
		}()
		<-over
	}
	dial(t, web.Addrs["web"])
	if got := th.List()[0]; got.State != Up || got.Restarts != 0 {
		t.Errorf("got %+v", got)
	}
}

// A child whose parent is killed is not left behind.
func TestParentDies(t *testing.T) {
	c := command("parent", nil)
	cmd := exec.Command(c.Path)
	cmd.Env = append(os.Environ(), c.Env...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	orphan := dial(t, strings.TrimSpace(addr))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if n, err := orphan.Read(make([]byte, 1)); err == nil {
		t.Errorf("got %d bytes of an orphan", n)
	}
}

// Where nothing kills orphans, they end when nobody holds their standard input.
func TestStdinEnds(t *testing.T) {
	c := command("echo", nil)
	cmd := exec.Command(c.Path)
	cmd.Env = append(os.Environ(), c.Env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(stdin, "{}\n")
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatalf("got %q, %v", line, err)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil || stderr.String() != "last orders\n" {
		t.Errorf("got %v, %q", err, stderr.String())
	}
}

func TestServeWithoutSpec(t *testing.T) {
	for stdin, want := range map[string]string{
		"":     "standard input: it ended before a whole line",
		"{}":   "standard input: it ended before a whole line",
		"ls\n": "standard input: its first line is not JSON",
		"\"\n": "standard input: its first line is not JSON",
	} {
		err := Serve(strings.NewReader(stdin), io.Discard, listen)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", stdin, err, want)
		}
	}
}
