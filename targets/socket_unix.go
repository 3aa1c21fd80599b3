//go:build unix

package targets

import (
	"errors"
	"io"
	"syscall"
)

// init finds out whether the connection is one of the system's sockets.
func (s *socket) init() {
	s.probe.init(s.Conn)
	s.raw = s.probe.raw
	s.turn, s.push, s.offer = s.step, s.flushNow, s.wait
}

// receiveByHand is receive by one turn with the poller: RawConn.Read calls step,
// sleeps when it says false until the socket can be read, and calls it again. The
// poller is made ready before the first call, so that an answer which comes
// between the sending and the sleeping is not missed.
func (s *socket) receiveByHand() {
	for {
		err := s.raw.Read(s.turn)
		switch {
		case err == nil && len(s.pending) > 0 && s.broken == nil:
			// The system took only a part. Waiting for room is rare and may be slow.
			if s.broken = s.flush(); s.broken != nil && !isReset(s.broken) {
				s.err = s.broken
				return
			}
		case err == nil:
			return
		case !isTimeout(err) || !s.extend():
			s.err = err
			return
		}
	}
}

// step sends, or reads, and reports whether the turn is over. The socket never
// blocks.
func (s *socket) step(fd uintptr) bool {
	if len(s.pending) > 0 {
		over, sent := s.send(fd)
		if over || sent && !s.doubtful {
			return over
		}
		s.doubtful = false
	}
	if s.into == nil {
		if s.lend == nil {
			return true // TLS reads by itself
		}
		s.into = s.lend()
	}
	n, err := read(fd, s.into)
	switch {
	case again(err) && s.broken == nil:
		return false
	case err != nil:
		s.err = err
	case n == 0:
		s.err = io.EOF
	default:
		s.got = n
	}
	return true
}

// send hands the pending bytes to the system. The turn is over when something is
// left, or wrong; but on a connection that the server has broken there may still be
// an answer to read: then it is neither over, nor has anything been sent.
func (s *socket) send(fd uintptr) (over, sent bool) {
	switch err := s.write(fd); {
	case again(err):
		return true, false
	case err != nil && isReset(err):
		s.broken, s.pending = err, nil
		return false, false
	case err != nil:
		s.broken, s.pending, s.err = err, nil, err
		return true, false
	}
	return len(s.pending) > 0, true
}

// wait is step for an armed socket: it first says that it is ready, and then sleeps
// until its user has something to do. Before, it looks whether the server has closed
// the connection right behind its answer: the poller, which has just been made
// ready, tells only of what comes from now on.
func (s *socket) wait(fd uintptr) bool {
	if !s.offered {
		s.offered = true
		if s.probe.at(fd); !s.probe.quiet {
			s.state = lost // nobody else knows of it yet
			return true
		}
		return !s.ready()
	}
	s.mu.Lock()
	state := s.state
	if state == armed {
		// A wake-up for nothing, a closed connection, or bytes that nobody asked for.
		if s.probe.at(fd); !s.probe.quiet {
			s.state = lost
		}
	}
	s.mu.Unlock()
	switch state {
	case fired:
		return s.step(fd)
	case armed:
		return !s.probe.quiet
	default:
		return true
	}
}

// again reports whether a call should be made again later.
func again(err error) bool {
	return err != nil && (errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR))
}

// flushNow sends as much as the system takes at once.
func (s *socket) flushNow(fd uintptr) {
	if err := s.write(fd); err != nil && !again(err) {
		s.broken = err
	}
}

// write hands pending bytes to the system, which takes as many as it has room for.
func (s *socket) write(fd uintptr) error {
	n, err := write(fd, s.pending)
	if n > 0 {
		s.out += int64(n)
		s.pending = s.pending[n:]
	}
	return err
}
