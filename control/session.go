package control

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A session is one connection of a server: a goroutine that reads requests, and one
// that writes.
type session struct {
	server  *Server
	conn    *net.UnixConn
	in      *bufio.Reader
	out     *queue
	mode    Mode
	watches bool // guarded by the server's lock

	mu sync.Mutex // guards what follows, and the connection's deadlines
	by time.Time  // when all must be over, zero while that is not known
}

func newSession(s *Server, conn *net.UnixConn) *session {
	return &session{server: s, conn: conn, in: bufio.NewReaderSize(conn, maxRequest), out: newQueue()}
}

// run is the whole session.
func (c *session) run() {
	var writer sync.WaitGroup
	writer.Go(c.write)
	if why := c.converse(); why != nil {
		c.say(reply{Type: replyLine, Reply: refusal(why.Error(), "")})
	}
	c.server.forget(c)
	c.out.close(c.farewell())
	writer.Wait()
	_ = c.conn.Close() // all was written, or it is closed already
}

// farewell is the last line of a session that the run's end ended.
func (c *session) farewell() []byte {
	if !c.ending() {
		return nil
	}
	return fmt.Appendf(nil, `{"type":%q}`+"\n", endLine)
}

// converse reads requests until the connection ends, and returns what the client did
// wrong, nil if it just left.
func (c *session) converse() error {
	c.say(hello{helloLine, Protocol, os.Getpid()})
	var first greeting
	if ended, err := c.read(greetingTime, &first); ended || err != nil {
		return err
	}
	switch {
	case first.Protocol != Protocol:
		return fmt.Errorf("protocol %q: this run speaks %s", first.Protocol, Protocol)
	case first.Mode != ReadOnly && first.Mode != Steer:
		return fmt.Errorf("mode %q: neither %s nor %s", first.Mode, ReadOnly, Steer)
	}
	c.mode = first.Mode
	limit := idleTime
	for {
		var r request
		if ended, err := c.read(limit, &r); ended || err != nil {
			return err
		}
		if r.ID == 0 || r.Command == "" {
			return errors.New("a request has an id other than 0, and a command")
		}
		answer := c.answer(Command{r.Command, r.Args})
		if r.Command == watchCommand && answer.OK {
			limit = 0
		}
		if !c.say(reply{replyLine, r.ID, answer}) {
			return nil // it asks and asks, and reads nothing
		}
	}
}

// answer does what a request asks for.
func (c *session) answer(command Command) Reply {
	switch {
	case command.Name == watchCommand:
		return c.server.watch(c)
	case c.mode != Steer:
		return refusal("this connection only watches", "")
	}
	return c.server.take(command)
}

// read reads a line, for so long; 0 has no limit. ended says that there will be no more,
// err what is wrong with the line.
func (c *session) read(limit time.Duration, into any) (ended bool, err error) {
	c.allow(limit, c.conn.SetReadDeadline)
	if c.ending() {
		return true, nil
	}
	line, err := c.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return false, fmt.Errorf("a line of more than %d bytes", maxRequest)
	case errors.Is(err, io.EOF) && len(line) > 0:
		return false, errors.New("a line without its end")
	case errors.Is(err, os.ErrDeadlineExceeded) && !c.ending():
		return false, fmt.Errorf("no request in %v", limit)
	case err != nil:
		return true, nil //nolint:nilerr // the client has left, or the run has ended
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	if err := decoder.Decode(into); err != nil {
		return false, fmt.Errorf("not a line of %s: %w", Protocol, err)
	}
	return false, nil
}

// say queues a message; false means that the client does not read its answers.
func (c *session) say(message any) bool {
	line, err := encode(message)
	return err == nil && c.out.reply(line)
}

// write writes what is queued, until the queue is closed or the client has not read for
// too long: then the connection ends.
func (c *session) write() {
	for all, more := c.out.take(nil); more; all, more = c.out.take(nil) {
		for _, line := range all.lines() {
			c.allow(c.server.patience, c.conn.SetWriteDeadline)
			if _, err := c.conn.Write(line); err != nil {
				_ = c.conn.Close() // which ends the reading
				return
			}
		}
	}
}

// lines returns a batch in the order in which it is written.
func (b *batch) lines() [][]byte {
	lines := b.replies
	if b.missed > 0 {
		lines = append(lines, fmt.Appendf(nil, `{"type":%q,"missed":%d}`+"\n", missedLine, b.missed))
	}
	lines = append(lines, b.events...)
	for _, line := range [][]byte{b.snapshot, b.last} {
		if line != nil {
			lines = append(lines, line)
		}
	}
	return lines
}

// allow sets a deadline that is so far away, unless all must be over before; 0 is far.
func (c *session) allow(limit time.Duration, set func(time.Time) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var at time.Time
	if limit > 0 {
		at = time.Now().Add(limit)
	}
	if !c.by.IsZero() && (at.IsZero() || c.by.Before(at)) {
		at = c.by
	}
	_ = set(at) // of a connection that is closed, which shows at once
}

// hurry ends the reading at once, and the writing by a time.
func (c *session) hurry(by time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by = by
	_ = c.conn.SetReadDeadline(time.Now())
	_ = c.conn.SetWriteDeadline(by)
}

// ending reports whether the run has ended.
func (c *session) ending() bool {
	select {
	case <-c.server.done:
		return true
	default:
		return false
	}
}
