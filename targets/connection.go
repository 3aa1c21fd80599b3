package targets

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// Limits and sizes of one connection. Thousands of users have one each, so that
// buffers stay small; a body larger than the reader's buffer passes it by.
const (
	maxHead     = 1 << 20 // bytes of an answer's head, interim answers included
	maxInterim  = 16      // interim (1xx) answers before the real one
	readerSize  = 4 << 10
	scratchSize = 8 << 10
)

// errHeadLimit ends the reading of a head that goes on for too long.
var errHeadLimit = errors.New("the head is longer than 1 MiB")

// A connection is one open connection to an address, used for one exchange after
// another.
type connection struct {
	address, host string // of the requests it serves
	socket        *socket
	plain         net.Conn // what is spoken on: the socket, or TLS over it
	stream        *stream  // what is read from plain
	reader        *bufio.Reader
	probe         probe
}

// newConnection wraps a socket that was dialled for the request.
func newConnection(raw net.Conn, req *Request) *connection {
	c := &connection{address: req.address, host: req.host, socket: &socket{Conn: raw}}
	c.probe.init(raw)
	c.over(c.socket)
	return c
}

// over makes the connection speak over the given layer.
func (c *connection) over(layer net.Conn) {
	c.plain = layer
	c.stream = &stream{from: layer}
	c.reader = bufio.NewReaderSize(c.stream, readerSize)
}

// exchange writes the request and reads its answer, the body through scratch. It
// reports whether another request may follow on the connection.
func (c *connection) exchange(req *Request, resp *Response, scratch []byte) (reusable bool, err error) {
	_, broken := c.plain.Write(req.bytes)
	if broken != nil && !isReset(broken) {
		return false, newFault("sending the request", measure.Network, broken)
	}
	// A server may answer and close while the request is still being written, as
	// for a body that is too large: that answer counts.
	answer, err := c.readHead(req, resp)
	if err != nil && broken != nil {
		return false, newFault("sending the request", measure.Network, broken)
	}
	if err != nil {
		return false, err
	}
	if resp.answered(answer); resp.Outcome == measure.Malformed {
		err := fmt.Errorf("status %d is not within 100 and 599", resp.Status)
		return false, &fault{measure.Malformed, "reading the answer's head", err}
	}
	if err := c.readBody(answer, resp, scratch); err != nil {
		return false, err
	}
	return broken == nil && c.reusable(answer), nil
}

// readHead reads the head of the answer, past any interim ones.
func (c *connection) readHead(req *Request, resp *Response) (*http.Response, error) {
	c.stream.budget = maxHead
	for range maxInterim + 1 {
		if _, err := c.reader.Peek(1); err != nil {
			return nil, c.fault("waiting for the answer", measure.Reset, err)
		}
		resp.FirstByte = time.Now()
		answer, err := http.ReadResponse(c.reader, req.parse)
		if err != nil {
			return nil, c.fault("reading the answer's head", measure.Malformed, err)
		}
		if code := answer.StatusCode; code < 100 || code > 199 || code == http.StatusSwitchingProtocols {
			return answer, nil
		}
	}
	return nil, &fault{measure.Malformed, "waiting for the answer", errors.New("more than 16 interim answers")}
}

// readBody reads the body through scratch to its end; the beginning of an error's
// body becomes the response's detail.
func (c *connection) readBody(answer *http.Response, resp *Response, scratch []byte) error {
	c.stream.budget = -1
	tell := answer.StatusCode >= 400 && answer.Header.Get("Content-Encoding") == ""
	for {
		n, err := answer.Body.Read(scratch)
		if tell && len(resp.Detail) < maxDetail {
			resp.Detail = appendPrintable(resp.Detail, scratch[:n])
		}
		if errors.Is(err, io.EOF) {
			return answer.Body.Close()
		}
		if err != nil { // closing the body would try to read on
			return c.fault("reading the body", measure.BodyShort, err)
		}
	}
}

// reusable reports whether the server keeps the connection open, and nothing came
// that nobody asked for.
func (c *connection) reusable(answer *http.Response) bool {
	return !answer.Close && answer.StatusCode >= 200 && c.reader.Buffered() == 0
}

// account moves the bytes counted since the last time to the response.
func (c *connection) account(resp *Response) {
	resp.BytesIn += c.socket.in
	resp.BytesOut += c.socket.out
	c.socket.in, c.socket.out = 0, 0
}

// close closes the connection politely.
func (c *connection) close() { _ = c.plain.Close() }

// abandon closes the socket alone: on a broken connection, TLS would wait five
// seconds to say goodbye.
func (c *connection) abandon() { _ = c.socket.Close() }

// A socket counts what passes it. TLS runs in the user's own goroutine, so that
// plain numbers do.
type socket struct {
	net.Conn
	in, out int64
}

func (s *socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.in += int64(n)
	return n, err
}

func (s *socket) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	s.out += int64(n)
	return n, err
}

// A stream is what comes from the peer. It remembers what ended it, so that a
// parser's complaint and a broken connection are told apart, and bounds heads.
type stream struct {
	from   io.Reader
	budget int64 // bytes that may still be read; negative: any number
	err    error // the first one
}

func (s *stream) Read(p []byte) (int, error) {
	if s.budget >= 0 && int64(len(p)) > s.budget {
		p = p[:s.budget]
	}
	if len(p) == 0 {
		s.err = errHeadLimit
		return 0, s.err
	}
	n, err := s.from.Read(p)
	if s.budget >= 0 {
		s.budget -= int64(n)
	}
	if s.err == nil { // a socket tells of its reset once, and then of a mere end
		s.err = err
	}
	return n, err
}
