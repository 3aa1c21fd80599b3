package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// A Server lets others watch and steer the run of this process. Make it with [Listen].
// Its methods may be called by several goroutines at once. A nil *Server is one that
// nobody can reach: all of its methods work.
type Server struct {
	listener *net.UnixListener
	at       place
	patience time.Duration // with a watcher that does not read
	commands chan Request
	done     chan struct{} // closed by Close
	accepts  sync.WaitGroup
	sessions sync.WaitGroup

	mu     sync.Mutex // guards what follows
	closed bool
	open   map[*session]struct{}
	latest []byte // the snapshot that newcomers see first, nil if there is none
}

// A Request is a command that waits for its answer.
type Request struct {
	Command
	reply chan Reply // holds one
}

// Answer answers the request, once. It never waits.
func (r Request) Answer(a Reply) { r.reply <- a }

// Listen makes the socket of the run in a directory and begins to serve.
func Listen(dir string) (*Server, error) { return serve(dir, stuckTime) }

func serve(dir string, patience time.Duration) (*Server, error) {
	listener, at, err := bind(dir)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	s := &Server{
		listener: listener, at: at, patience: patience,
		commands: make(chan Request), done: make(chan struct{}), open: make(map[*session]struct{}),
	}
	s.accepts.Go(s.accept)
	return s, nil
}

// Commands returns the commands of those who steer. Each must be answered: until then its
// sender waits. What nobody takes for ten seconds is refused, and does not come out.
func (s *Server) Commands() <-chan Request {
	if s == nil {
		return nil
	}
	return s.commands
}

// Watched reports whether anybody watches: a snapshot for nobody need not be made.
func (s *Server) Watched() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watchers() > 0
}

// watchers counts the sessions that watch. The caller holds the lock.
func (s *Server) watchers() int {
	n := 0
	for c := range s.open {
		if c.watches {
			n++
		}
	}
	return n
}

// Publish shows a snapshot, an object of JSON, to all who watch, in the place of one that
// they have not seen yet. Who comes later sees it first, until the next. With nil there is
// none: who comes then waits for the next.
func (s *Server) Publish(snapshot []byte) error {
	if s == nil {
		return nil
	}
	var line []byte
	if snapshot != nil {
		var err error
		if line, err = wrap(snapshotLine, snapshot); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest = line; line != nil {
		s.each(func(q *queue) { q.show(line) })
	}
	return nil
}

// Tell tells all who watch of an event, an object of JSON. Who is slow misses the oldest.
func (s *Server) Tell(event []byte) error {
	if s == nil {
		return nil
	}
	line, err := wrap(eventLine, event)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.each(func(q *queue) { q.tell(line) })
	return nil
}

// wrap makes a line with an object under its kind.
func wrap(kind string, object []byte) ([]byte, error) {
	line, err := encode(map[string]any{"type": kind, kind: json.RawMessage(object)})
	if err == nil && len(line) > maxLine {
		err = fmt.Errorf("%d bytes are more than %d", len(line), maxLine)
	}
	if err != nil {
		return nil, fmt.Errorf("control: %s: %w", kind, err)
	}
	return line, nil
}

// each calls f for the queue of everybody who watches. The caller holds the lock.
func (s *Server) each(f func(*queue)) {
	for c := range s.open {
		if c.watches {
			f(c.out)
		}
	}
}

// Close tells everybody that the run has ended, waits a moment for those who read, and
// removes the socket. Later commands are refused.
func (s *Server) Close() error {
	if s == nil || !s.end() {
		return nil
	}
	gone := s.at.remove() // first, so that nobody finds a server that is about to end
	err := errors.Join(gone, s.listener.Close())
	s.accepts.Wait()
	s.sessions.Wait()
	return err
}

// end makes every session end soon. It is false if that has been done.
func (s *Server) end() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.closed = true
	close(s.done)
	for c := range s.open {
		c.hurry(time.Now().Add(farewellTime))
	}
	return true
}

// watch makes a session one that watches.
func (s *Server) watch(c *session) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.watches {
		return Reply{OK: true} // and what it has seen it has seen
	}
	if s.watchers() >= maxWatchers {
		return refusal(fmt.Sprintf("%d others watch already", maxWatchers), "there is room when one of them leaves")
	}
	c.watches = true
	if s.latest != nil {
		c.out.show(s.latest)
	}
	return Reply{OK: true}
}

// take hands a command to the run and waits for the answer.
func (s *Server) take(c Command) Reply {
	r := Request{c, make(chan Reply, 1)}
	timer := time.NewTimer(commandTime)
	defer timer.Stop()
	select {
	case s.commands <- r:
	case <-s.done:
		return refusal(errEnded.Error(), "")
	case <-timer.C:
		return refusal(fmt.Sprintf("the run did not take it in %v; it was not done", commandTime), "")
	}
	select {
	case a := <-r.reply:
		return a
	case <-s.done:
	}
	select {
	case a := <-r.reply: // it was answered before the end
		return a
	default:
		return refusal(errEnded.Error(), "")
	}
}
