package sleeper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A solo is a timerfd that one goroutine waits on. A wait costs one system call to
// set the timer and one turn of the runtime's poller: the timer's descriptor is
// never read, as setting it anew empties it, and the poller only watches for edges.
// The call is a bare one. Telling the scheduler of it, as system calls usually do,
// would wake the runtime's monitor thread whenever the program was idle before,
// which costs several times as much as the wait itself.
type solo struct {
	file *os.File // the timerfd, owned by the runtime's poller
	raw  syscall.RawConn
	turn func(fd uintptr) bool // step as a value, made once

	until time.Time // of the wait under way
	errno syscall.Errno

	done    <-chan struct{} // of the context that is watched
	unwatch func() bool
	woken   chan struct{} // closed when the end of that context has been passed on
}

// newSolo opens the timerfd.
func newSolo() (*solo, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("timerfd: %w", err)
	}
	s := &solo{file: os.NewFile(uintptr(fd), "timerfd")}
	s.turn = s.step
	// Only a file inside the poller takes a deadline.
	if err := s.file.SetReadDeadline(time.Time{}); err != nil {
		return nil, errors.Join(fmt.Errorf("timerfd: %w", err), s.file.Close())
	}
	if s.raw, err = s.file.SyscallConn(); err != nil {
		return nil, errors.Join(fmt.Errorf("timerfd: %w", err), s.file.Close())
	}
	return s, nil
}

// wait waits for t; see Solo.Until.
func (s *solo) wait(ctx context.Context, t time.Time) error {
	s.watch(ctx)
	s.until, s.errno = t, 0
	err := s.raw.Read(s.turn)
	switch {
	case s.errno != 0:
		return fmt.Errorf("timerfd: %w", s.errno)
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrClosed, err)
}

// step sets the timer, and afterwards reports whether the instant has come.
func (s *solo) step(fd uintptr) bool {
	left := time.Until(s.until)
	if left <= 0 {
		return true
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(min(left, farthest)))}
	_, _, s.errno = syscall.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	return s.errno != 0
}

// watch makes the end of ctx end the waits. A pacer passes the same context each
// time, so that this costs one comparison.
func (s *solo) watch(ctx context.Context) {
	done := ctx.Done()
	if done == s.done {
		return
	}
	if s.unwatch != nil && !s.unwatch() {
		<-s.woken // or it would end a wait of the new context
		_ = s.file.SetReadDeadline(time.Time{})
	}
	s.done, s.unwatch = done, nil
	if done != nil {
		woken := make(chan struct{})
		s.woken = woken
		s.unwatch = context.AfterFunc(ctx, func() {
			_ = s.file.SetReadDeadline(time.Unix(1, 0))
			close(woken)
		})
	}
}

// close closes the timer.
func (s *solo) close() error {
	if s.unwatch != nil {
		s.unwatch()
	}
	return s.file.Close()
}
