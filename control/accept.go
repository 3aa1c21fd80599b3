package control

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// accept takes connections until the listener is closed. When the process has no file
// descriptor left, which load tests bring about, it tries again later.
func (s *Server) accept() {
	const pause = 200 * time.Millisecond
	for {
		conn, err := s.listener.AcceptUnix()
		switch {
		case err == nil:
			s.welcome(conn)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			timer := time.NewTimer(pause)
			select {
			case <-timer.C:
			case <-s.done:
				timer.Stop()
			}
		}
	}
}

// welcome begins a session, or says why there is none. Neither waits.
func (s *Server) welcome(conn *net.UnixConn) {
	err := checkPeer(conn)
	if err == nil {
		err = s.begin(newSession(s, conn))
	}
	if err == nil {
		return
	}
	if line, failed := encode(reply{Type: replyLine, Reply: refusal(err.Error(), "")}); failed == nil {
		_ = conn.SetWriteDeadline(time.Now().Add(farewellTime))
		_, _ = conn.Write(line) // a new connection has room for it
	}
	_ = conn.Close()
}

// begin starts a session unless there are too many.
func (s *Server) begin(c *session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errEnded
	case len(s.open) >= maxConnections:
		return fmt.Errorf("%d connections are open already", maxConnections)
	}
	s.open[c] = struct{}{}
	s.sessions.Go(c.run)
	return nil
}

// errEnded is why there is no session, or no answer, any more.
var errEnded = errors.New("the run has ended")

// forget takes a session off the list.
func (s *Server) forget(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}
