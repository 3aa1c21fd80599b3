package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/sleeper"
)

// answer is what every request gets.
const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// maxHead bounds the head of a request, in bytes.
const maxHead = 4096

// A visit is what the server noted of one request. Instants count from the start of
// the run.
type visit struct {
	class    int
	received time.Duration // when its last byte had been read
	answered time.Duration // when its answer was about to be written
}

// A server speaks just enough HTTP/1.1 for the generator, over bare sockets: what
// net/http does on the way would be between its notes and the truth. Make it with
// startServer.
type server struct {
	law      Law
	stall    Stall
	start    time.Time // of the run
	listener net.Listener
	wake     *sleeper.Sleeper
	ctx      context.Context // ends the waits for delays
	cancel   context.CancelFunc
	work     sync.WaitGroup

	held atomic.Int64 // answers that the stall has held so far

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]struct{}
	visits []visit
	faults []error
}

// startServer listens on a loopback port. The server must be stopped; the end of ctx
// ends its waits for delays.
func startServer(ctx context.Context, law Law, stall Stall, start time.Time) (*server, error) {
	wake, err := sleeper.New()
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, wake.Close())
	}
	s := &server{law: law, stall: stall, start: start, listener: listener, wake: wake, conns: map[net.Conn]struct{}{}}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.work.Go(s.accept)
	return s, nil
}

// addr returns the host and port to call.
func (s *server) addr() string { return s.listener.Addr().String() }

// accept serves connections until the listener is closed.
func (s *server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			s.fault(err)
			return
		}
		if !s.keep(conn) {
			_ = conn.Close() // the server is being stopped
			continue
		}
		s.work.Go(func() { s.serve(conn) })
	}
}

// keep remembers a connection that stop must close. It reports false once stopped.
func (s *server) keep(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.conns[conn] = struct{}{}
	}
	return !s.closed
}

// serve answers the requests of one connection and hands in its notes when it ends.
func (s *server) serve(conn net.Conn) {
	var visits []visit
	buffer := make([]byte, maxHead)
	err := error(nil)
	for err == nil {
		var v visit
		if v, err = s.exchange(conn, buffer); err == nil {
			visits = append(visits, v)
		}
	}
	if !errors.Is(err, io.EOF) {
		s.fault(err) // before the client can know
	}
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	s.visits = append(s.visits, visits...)
}

// exchange reads one request, waits for as long as its class asks for and the stall
// lasts, and answers. The last note is taken before the answer is written: nobody can
// have it earlier, so that a response that is measured to be shorter is wrong.
func (s *server) exchange(conn net.Conn, buffer []byte) (visit, error) {
	head, err := readHead(conn, buffer)
	if err != nil {
		return visit{}, err
	}
	v := visit{received: time.Since(s.start)}
	if v.class, err = s.parse(head); err != nil {
		return visit{}, err
	}
	leave := v.received + s.law[v.class]
	if s.stall.holds(v.received, leave) {
		leave = s.stall.release(leave, int(s.held.Add(1)-1))
	}
	if err := s.wake.Until(s.ctx, s.start.Add(leave)); err != nil {
		return visit{}, err
	}
	v.answered = time.Since(s.start)
	_, err = io.WriteString(conn, answer)
	return v, err
}

// readHead reads the head of a request, which is all there is of a GET.
func readHead(conn io.Reader, buffer []byte) ([]byte, error) {
	for n := 0; n < len(buffer); {
		got, err := conn.Read(buffer[n:])
		n += got
		if bytes.HasSuffix(buffer[:n], []byte("\r\n\r\n")) {
			return buffer[:n], nil
		}
		if err == io.EOF && n > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the head of a request is longer than %d bytes", len(buffer))
}

// parse returns the class of a request.
func (s *server) parse(head []byte) (class int, err error) {
	line, _, _ := bytes.Cut(head, []byte("\r\n"))
	words := bytes.Split(line, []byte(" "))
	if len(words) == 3 && string(words[0]) == "GET" && string(words[2]) == "HTTP/1.1" {
		if class, ok := s.law.classOf(string(words[1])); ok {
			return class, nil
		}
	}
	return 0, fmt.Errorf("%q is no request of this check", line)
}

// fault keeps what went wrong, unless the server is being stopped, which ends every
// wait with an error.
func (s *server) fault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.faults = append(s.faults, err)
	}
}

// stop closes everything and returns the notes, in no order, and what went wrong
// before. It waits for all that the server started.
func (s *server) stop() ([]visit, error) {
	s.mu.Lock()
	s.closed = true
	s.cancel()
	_ = s.listener.Close()
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.work.Wait()
	err := s.wake.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) > 0 {
		err = errors.Join(fmt.Errorf("the built-in server: %w", s.faults[0]), err)
	}
	return s.visits, err
}
