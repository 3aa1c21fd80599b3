package targets

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// A socket is one TCP or unix connection, used so that an exchange costs two
// system calls: what is written waits until the next read, which sends it, sleeps
// until the answer is there, and takes it, all in one turn with the poller. (Go's
// own Conn tries to read before it sleeps, which never succeeds here.)
//
// It is a net.Conn, so that TLS can run over it. One goroutine at a time uses it;
// interrupt alone may be called by others, and an armed socket has rules of its own.
type socket struct {
	net.Conn
	raw   syscall.RawConn       // nil where sockets cannot be used by hand
	turn  func(fd uintptr) bool // step as a value, made once: waiting allocates nothing
	push  func(fd uintptr)      // flushNow as a value
	lend  func() []byte         // where turn gets memory once there is something to read
	probe probe
	arms

	deadline time.Time   // when the exchange under way must have ended
	alarm    time.Time   // what the runtime was told: never later than deadline
	cut      atomic.Bool // interrupted: no deadline is set any more

	// doubtful: the server may have said farewell before the turn that begins, and
	// the poller will not say so again. Then the turn reads once before it sleeps.
	doubtful bool

	pending []byte // goes out before the next read
	record  []byte // memory of pending, when TLS wrote it
	broken  error  // what became of sending it
	into    []byte // where the turn under way reads to
	got     int
	err     error // of the read

	in, out int64 // bytes that passed
}

// newSocket wraps a connection that was just made.
func newSocket(conn net.Conn) *socket {
	s := &socket{Conn: conn, doubtful: true}
	s.init()
	return s
}

// begin sets the deadline of the exchange that begins. Telling the runtime is
// costly, so that an alarm set for an earlier exchange is left to go off first:
// extend then moves it.
func (s *socket) begin(deadline time.Time) {
	s.broken = nil
	s.deadline = deadline
	if s.alarm.IsZero() || deadline.Before(s.alarm) {
		s.alarm = deadline
		_ = s.SetDeadline(deadline) // fails only on closed sockets, as the next call does
	}
}

// extend is asked when a wait has ended by a deadline. It reports whether that was
// an alarm of an earlier exchange: then the wait goes on.
func (s *socket) extend() bool {
	if s.cut.Load() || !time.Now().Before(s.deadline) {
		return false
	}
	s.alarm = s.deadline
	_ = s.SetDeadline(s.deadline)
	// An interrupt sets the flag before its deadline: either it is seen here, or
	// its deadline came after ours.
	return !s.cut.Load()
}

// interrupt ends every wait on the socket, now and later. Any goroutine may call it.
func (s *socket) interrupt() {
	s.cut.Store(true)
	_ = s.SetDeadline(time.Unix(1, 0))
}

// queue makes b what the next read sends first. It is not copied.
func (s *socket) queue(b []byte) { s.pending = b }

// maxPending is how much TLS may write before it is sent without waiting for a read.
const maxPending = 64 << 10

// Write keeps a copy of b for the next read or flush, as TLS reuses its memory.
func (s *socket) Write(b []byte) (int, error) {
	if len(s.pending) == 0 {
		s.record = s.record[:0]
	}
	s.record = append(s.record, b...)
	s.pending = s.record
	if len(s.pending) < maxPending {
		return len(b), nil
	}
	err := s.flush()
	s.record = nil // of a large body, which seldom comes twice
	return len(b), err
}

// flush sends what is pending, and waits until the system has taken all of it.
func (s *socket) flush() error {
	for len(s.pending) > 0 {
		n, err := s.Conn.Write(s.pending)
		s.pending = s.pending[n:]
		s.out += int64(n)
		if err != nil && (!isTimeout(err) || !s.extend()) {
			s.pending = nil
			return err
		}
	}
	return nil
}

// Read sends what is pending and reads into p. An error of sending is returned
// only when nothing can be read: a server may answer and close while a request is
// still on its way, and that answer counts.
func (s *socket) Read(p []byte) (int, error) {
	s.into = p
	_, err := s.receive()
	return s.got, err
}

// first is a Read into lent memory, which is asked for when there is something to
// read, and is nil when the read failed before that.
func (s *socket) first() ([]byte, error) {
	s.into = nil
	return s.receive()
}

// receive sends what is pending, sleeps until something comes, and reads it.
func (s *socket) receive() ([]byte, error) {
	s.got, s.err = 0, nil
	if s.raw == nil {
		s.receivePlainly()
	} else {
		s.receiveByHand()
	}
	s.in += int64(s.got)
	if s.err != nil && s.broken != nil {
		s.err = &brokenError{s.broken}
	}
	return s.into, s.err
}

// receivePlainly is receive by the connection's own calls.
func (s *socket) receivePlainly() {
	if s.broken = s.flush(); s.broken != nil && !isReset(s.broken) {
		s.err = s.broken
		return
	}
	if s.into == nil {
		s.into = s.lend()
	}
	for {
		s.got, s.err = s.Conn.Read(s.into)
		if !isTimeout(s.err) || !s.extend() {
			return
		}
	}
}

// Close sends what is pending, as far as that goes without waiting, and closes.
func (s *socket) Close() error {
	if len(s.pending) > 0 {
		_ = s.SetWriteDeadline(time.Now().Add(time.Millisecond))
		_, _ = s.Conn.Write(s.pending)
		s.pending = nil
	}
	return s.Conn.Close()
}

// idle reports whether the socket is open and nothing waits to be read, as far as
// this system can tell.
func (s *socket) idle() bool { return s.probe.idle() }

// isTimeout reports whether a wait ended by its deadline.
func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// A brokenError is an error of sending, found when nothing could be read either.
type brokenError struct{ error }

func (e *brokenError) Unwrap() error { return e.error }
