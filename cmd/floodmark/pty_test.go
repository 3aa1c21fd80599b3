//go:build unix

package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A teletype is a terminal of this machine, and what a person would see there.
type teletype struct {
	t      *testing.T
	far    *os.File    // the end at which a person would sit
	near   *os.File    // the end at which a program sits
	mode   *term.State // at first
	reader sync.WaitGroup

	mu            sync.Mutex
	glass         *glass
	columns, rows int
}

// plugIn opens a terminal of 100 columns and 30 rows.
func plugIn(t *testing.T) *teletype {
	t.Helper()
	far, near, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	tty := &teletype{t: t, far: pollable(t, far), near: near, glass: newGlass()}
	tty.mode = tty.modeNow()
	tty.resize(100, 30)
	tty.read()
	t.Cleanup(func() { // a dashboard that is left behind has near
		_ = tty.far.Close()
		tty.reader.Wait()
	})
	return tty
}

// pollable returns the same file, of which reading can be given up.
func pollable(t *testing.T, file *os.File) *os.File {
	t.Helper()
	defer file.Close()
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), file.Name())
}

// read shows what is written to the terminal, until hold.
func (tty *teletype) read() {
	_ = tty.far.SetReadDeadline(time.Time{})
	tty.reader.Go(func() {
		text := make([]byte, 4096)
		for {
			n, err := tty.far.Read(text)
			tty.mu.Lock()
			tty.glass.show(text[:n])
			tty.mu.Unlock()
			if err != nil {
				return // on hold, or the last at the other end has left it
			}
		}
	})
}

// hold reads no more.
func (tty *teletype) hold() {
	_ = tty.far.SetReadDeadline(time.Now())
	tty.reader.Wait()
}

// fill writes what the system takes for a terminal that nobody reads. It may take some more
// in a moment.
func (tty *teletype) fill() {
	tty.t.Helper()
	fd, err := unix.Open(tty.near.Name(), unix.O_WRONLY|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		tty.t.Fatal(err)
	}
	defer unix.Close(fd)
	for err == nil {
		_, err = unix.Write(fd, []byte{0})
	}
	if !errors.Is(err, unix.EAGAIN) {
		tty.t.Fatal(err)
	}
}

// modeNow returns how the terminal treats what is typed and written.
func (tty *teletype) modeNow() *term.State {
	tty.t.Helper()
	near, err := os.OpenFile(tty.near.Name(), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		tty.t.Fatal(err)
	}
	defer near.Close()
	mode, err := term.GetState(near.Fd())
	if err != nil {
		tty.t.Fatal(err)
	}
	return mode
}

// restored reports whether the mode is as it was at first.
func (tty *teletype) restored() bool { return *tty.modeNow() == *tty.mode }

// typed types keys.
func (tty *teletype) typed(keys string) {
	tty.t.Helper()
	if _, err := io.WriteString(tty.far, keys); err != nil {
		tty.t.Fatal(err)
	}
}

func (tty *teletype) resize(columns, rows int) {
	tty.t.Helper()
	tty.mu.Lock()
	tty.columns, tty.rows = columns, rows
	tty.mu.Unlock()
	err := tty.control(func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(columns), Row: uint16(rows)})
	})
	if err != nil {
		tty.t.Fatal(err)
	}
}

// control lets a function have the descriptor of the person's end.
func (tty *teletype) control(do func(fd int) error) error {
	raw, err := tty.far.SyscallConn()
	if err != nil {
		return err
	}
	var fault error
	err = raw.Control(func(fd uintptr) { fault = do(int(fd)) })
	return errors.Join(err, fault)
}

// foreground returns which group of processes the keys are for, 0 if that is not known.
func (tty *teletype) foreground() (group int) {
	err := tty.control(func(fd int) (err error) {
		group, err = unix.IoctlGetInt(fd, unix.TIOCGPGRP)
		return err
	})
	if err != nil {
		return 0
	}
	return group
}

// look lets a function look at the terminal.
func look[T any](tty *teletype, at func(*glass) T) T {
	tty.mu.Lock()
	defer tty.mu.Unlock()
	return at(tty.glass)
}

// screen returns what is seen.
func (tty *teletype) screen() string {
	return look(tty, func(g *glass) string { return g.text(tty.columns, tty.rows) })
}

// written returns all that was written to the terminal.
func (tty *teletype) written() string {
	return look(tty, func(g *glass) string { return g.all.String() })
}

// shows waits until something is seen.
func (tty *teletype) shows(text string) {
	tty.t.Helper()
	defer func() {
		if tty.t.Failed() {
			tty.t.Logf("the terminal shows\n%s", tty.screen())
		}
	}()
	eventually(tty.t, "the terminal shows "+text, func() bool { return strings.Contains(tty.screen(), text) })
}
