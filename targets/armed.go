package targets

import (
	"context"
	"sync"
	"time"
)

// The states of a socket that waits for a request which somebody else sends.
type armState uint8

const (
	unarmed armState = iota
	armed            // its user waits; a request may be sent
	fired            // a request was sent; its user waits for the answer
	spent            // none will be; its user is about to wake up
	lost             // the server closed it, or sent what nobody asked for
)

// arms is what a socket needs besides to be armed.
type arms struct {
	mu    sync.Mutex // guards state, and what Start writes of the socket
	state armState

	offer   func(fd uintptr) bool // wait as a value
	ready   func() bool
	offered bool
}

// maxStart is the largest request that is sent by Start: it fits any socket's
// empty buffer, so that the caller never waits.
const maxStart = 16 << 10

// Await makes the client's open connection ready for a request that another
// goroutine sends with [Client.Start], and waits for its answer: the caller
// already sleeps on the socket when the request is sent, so that nobody has to be
// woken to send it.
//
// As soon as Start may be called, Await calls ready, from inside its wait; when
// that says false, it returns. It reports true when an exchange has taken place,
// which resp then tells of as after Send. It reports false when there was none and
// will be none: ready said false or was not called as no connection can be armed,
// the server closed the connection, Start refused, or ctx ended.
func (c *Client) Await(ctx context.Context, ready func() bool, resp *Response) bool {
	conn := c.armable()
	if conn == nil {
		return false
	}
	c.watch(ctx)
	c.armed = conn
	err := conn.socket.await(ready, conn.used, c.target.timeout())
	switch state := conn.socket.disarm(); {
	case state == fired:
	case state == spent, state == armed && err == nil:
		return false // Start said no, or ready
	default:
		c.remove(conn).abandon()
		return false
	}
	resp.reset()
	resp.Sent = c.sent
	conn.socket.in += int64(conn.socket.got)
	c.finish(ctx, conn, c.started, resp, err)
	c.follow(ctx, c.started, resp)
	return true
}

// Start sends a request on the connection that Await has made ready, and reports
// whether it did. If not (the request goes elsewhere, is nil or too large, or the
// server has just closed the connection), nothing was sent and Await returns soon.
// It never waits. It may be called once after each call of ready.
func (c *Client) Start(req *Request) bool {
	conn := c.armed
	s := conn.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != armed {
		return false
	}
	s.state = spent
	if req == nil || !conn.serves(req) || len(req.bytes) > maxStart {
		s.wake()
		return false
	}
	c.started, c.sent = req, c.now()
	if conn.expired(c.sent) || !conn.fire(req, c.sent) {
		s.wake()
		return false
	}
	s.state = fired
	return true
}

// armable returns the connection to arm: the one used last.
func (c *Client) armable() *connection {
	if len(c.conns) == 0 {
		return nil
	}
	conn := c.conns[len(c.conns)-1]
	if conn.socket.raw == nil {
		return nil
	}
	return conn
}

// fire sends the request at once. It reports false if nothing of it was sent.
func (c *connection) fire(req *Request, now time.Time) bool {
	s := c.socket
	s.begin(now.Add(req.timeout))
	if err := c.put(req); err != nil {
		return false
	}
	out := s.out
	if s.raw.Control(s.push) != nil || s.broken != nil && s.out == out {
		s.pending, s.broken = nil, nil
		return false
	}
	if len(s.pending) > 0 {
		s.wake() // its user sends the rest
	}
	return true
}

// await waits on the socket until a request was sent and its answer begins.
func (s *socket) await(ready func() bool, now time.Time, timeout time.Duration) error {
	s.ready, s.offered, s.state = ready, false, armed
	s.begin(now.Add(timeout))
	s.got, s.err, s.into = 0, nil, nil
	for {
		err := s.raw.Read(s.offer)
		if err == nil {
			return s.err
		}
		if !isTimeout(err) || !s.rearm(timeout) {
			return err
		}
	}
}

// rearm is asked when the wait of an armed socket has ended by a deadline, and
// reports whether it goes on.
func (s *socket) rearm(timeout time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == armed { // nothing is under way that could be late
		s.deadline = time.Now().Add(timeout)
	}
	return s.state != spent && s.extend()
}

// disarm ends the wait, and returns what it has come to.
func (s *socket) disarm() armState {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.state
	s.state = unarmed
	return state
}

// wake ends the wait of the socket's user. The caller holds mu.
func (s *socket) wake() {
	s.alarm = time.Time{}
	_ = s.SetReadDeadline(time.Unix(1, 0))
}
