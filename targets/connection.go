package targets

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/floodmark/floodmark/http1"
	"github.com/floodmark/floodmark/measure"
)

// A connection is one open connection to an address, used for one exchange after
// another.
type connection struct {
	pool          *Pool
	address, host string // of the requests it serves
	remote        string // whom it leads to
	socket        *socket
	layer         net.Conn  // what is spoken on: the socket, or TLS over it
	secure        *tls.Conn // nil without TLS
	parser        http1.Parser
	used          time.Time // when its last exchange ended
	served        int64     // exchanges so far

	buffer    []byte // borrowed from the pool while an answer is read
	off, have int    // what is in it and not yet parsed
	stamp     time.Time
}

// newConnection wraps a socket that was dialled for the request.
func newConnection(pool *Pool, raw net.Conn, req *Request) *connection {
	c := &connection{pool: pool, address: req.address, host: req.host, socket: newSocket(raw)}
	c.remote = raw.RemoteAddr().String()
	c.layer = c.socket
	c.socket.lend = c.borrow
	return c
}

// over makes the connection speak TLS.
func (c *connection) over(secure *tls.Conn) {
	c.layer, c.secure, c.socket.lend = secure, secure, nil
}

// serves reports whether the connection leads to where the request goes.
func (c *connection) serves(req *Request) bool {
	return c.address == req.address && c.host == req.host
}

// expired reports whether the connection has rested longer than the target allows.
func (c *connection) expired(now time.Time) bool {
	limit := c.pool.target.Connections.IdleTimeout
	return limit > 0 && now.Sub(c.used) > limit
}

// borrow returns memory to read to, until the answer is complete.
func (c *connection) borrow() []byte {
	if c.buffer == nil {
		c.buffer = c.pool.borrow()
	}
	return c.buffer
}

// put makes the request what is sent next.
func (c *connection) put(req *Request) error {
	if c.secure == nil {
		c.socket.queue(req.bytes)
		return nil
	}
	_, err := c.secure.Write(req.bytes)
	return err
}

// exchange sends the request and reads its answer. It reports whether another
// request may follow on the connection.
func (c *connection) exchange(req *Request, resp *Response) (reusable bool, err error) {
	if err := c.put(req); err != nil {
		return false, newFault("sending the request", measure.Network, err)
	}
	_, err = c.socket.first()
	return c.answer(req, resp, err)
}

// answer reads the answer, of which the socket holds the beginning unless err
// tells why there is none.
func (c *connection) answer(req *Request, resp *Response, err error) (reusable bool, _ error) {
	defer c.release()
	resp.Remote = c.remote
	c.stamp, c.off, c.have = c.pool.now(), 0, c.socket.got
	if err != nil {
		return false, c.fault("waiting for the answer", measure.Reset, err)
	}
	c.borrow()
	c.parser.Reset()
	if err := c.head(req, resp); err != nil {
		return false, err
	}
	resp.answered(&c.parser)
	if err := c.body(resp); err != nil {
		return false, err
	}
	c.served++
	return !c.parser.Close && c.off == c.have && c.socket.broken == nil, nil
}

// release gives the memory back and notes when the exchange ended.
func (c *connection) release() {
	if c.buffer != nil {
		c.pool.giveBack(c.buffer)
		c.buffer = nil
	}
	c.socket.into = nil
	c.used = c.stamp
}

// head reads the head of the answer, past any interim ones.
func (c *connection) head(req *Request, resp *Response) error {
	for c.off == c.have {
		if err := c.more(); err != nil {
			return c.fault("waiting for the answer", measure.Reset, err)
		}
	}
	resp.FirstByte = c.stamp
	for {
		n, err := c.parser.Head(c.buffer[c.off:c.have], req.toHead)
		if err != nil {
			if errors.Is(err, http1.ErrBadStatus) { // which one may tell what it is about
				resp.Status = c.parser.Status
			}
			return &fault{measure.Malformed, doingHead, c.quoting(err)}
		}
		c.off += n
		switch {
		case n > 0 && c.parser.Interim():
			return c.head(req, resp) // the parser limits how often
		case n > 0:
			return nil
		}
		if err := c.more(); err != nil {
			return c.fault(doingHead, measure.Malformed, err)
		}
	}
}

// quoting adds to the error that there is no HTTP what there is instead.
func (c *connection) quoting(err error) error {
	const enough = 24
	if !errors.Is(err, http1.ErrNotHTTP) {
		return err
	}
	begins := c.buffer[c.off:c.have]
	return fmt.Errorf("%w but with %q", err, begins[:min(len(begins), enough)])
}

const doingHead = "reading the answer's head"

// body reads the body to its end; the beginning of an error's body becomes the
// response's detail.
func (c *connection) body(resp *Response) error {
	tell := resp.Status >= 400 && !c.parser.Encoded
	for !c.parser.Done() {
		content, n, err := c.parser.Body(c.buffer[c.off:c.have])
		if err != nil {
			return &fault{measure.Malformed, "reading the body", err}
		}
		c.off += n
		if tell && len(resp.Detail) < maxDetail {
			resp.Detail = appendPrintable(resp.Detail, content)
		}
		if n > 0 || c.parser.Done() {
			continue
		}
		if err := c.more(); err != nil {
			return c.bodyFault(err)
		}
	}
	return nil
}

// bodyFault returns what the end of the stream within the body means: nothing, if it
// is what ends the body.
func (c *connection) bodyFault(err error) error {
	const doing = "reading the body"
	switch {
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return c.fault(doing, measure.BodyShort, err)
	case errors.Is(err, io.EOF) && c.parser.End() == nil:
		return nil
	case c.parser.UntilClose(): // TLS was cut off
		return &fault{measure.BodyShort, doing, errors.New("the connection was closed without a farewell of TLS")}
	}
	return &fault{measure.BodyShort, doing, fmt.Errorf("the connection was closed %s", c.parser.Missing())}
}

// more reads what comes next behind what is not parsed yet, for which the memory
// grows if need be: the parser limits how far.
func (c *connection) more() error {
	switch {
	case c.off == c.have:
		c.off, c.have = 0, 0
	case c.have == len(c.buffer) && c.off > 0:
		c.have = copy(c.buffer, c.buffer[c.off:c.have])
		c.off = 0
	case c.have == len(c.buffer):
		c.buffer = append(c.buffer, make([]byte, len(c.buffer))...)
	}
	n, err := c.layer.Read(c.buffer[c.have:])
	c.stamp = c.pool.now()
	c.have += n
	if n > 0 {
		return nil
	}
	return err
}

// account moves the bytes counted since the last time to the response.
func (c *connection) account(resp *Response) {
	resp.BytesIn += c.socket.in
	resp.BytesOut += c.socket.out
	c.socket.in, c.socket.out = 0, 0
}

// close closes the connection politely.
func (c *connection) close() { _ = c.layer.Close() }

// abandon closes the socket alone: on a broken connection, TLS would wait five
// seconds to say goodbye.
func (c *connection) abandon() {
	c.socket.pending = nil
	_ = c.socket.Close()
}
