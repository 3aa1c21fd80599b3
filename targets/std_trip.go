package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A stdTrip is one request on one connection. Net/http calls its hooks from other
// goroutines, maybe after the caller is gone: they write nothing but its atomics.
type stdTrip struct {
	conn     *stdConn
	begun    time.Time
	first    atomic.Int64 // nanoseconds after begun, plus 1, of the first byte
	interim  atomic.Int32 // 1xx answers
	bytes    *tally       // of HTTP/2
	reusable bool         // HTTP/1.1: the server keeps the connection open
}

// newStdTrip returns a trip on the connection.
func newStdTrip(conn *stdConn) *stdTrip {
	return &stdTrip{conn: conn, begun: time.Now(), bytes: new(tally)}
}

// context returns a context in which net/http calls the hooks.
func (t *stdTrip) context(ctx context.Context) context.Context {
	trace := &httptrace.ClientTrace{
		GotFirstResponseByte: func() { t.first.CompareAndSwap(0, int64(time.Since(t.begun))+1) },
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			if t.interim.Add(1) > maxInterim {
				return errInterim
			}
			return nil
		},
	}
	if frames := t.conn.wire.frames; frames != nil {
		trace.WroteHeaderField = func(string, []string) { frames.open(t.bytes) }
	}
	return httptrace.WithClientTrace(ctx, trace)
}

// run sends the request and reads the answer, the body through scratch.
func (t *stdTrip) run(req *http.Request, resp *Response, scratch []byte) error {
	resp.Remote = t.conn.remote
	answer, err := t.conn.http.RoundTrip(req)
	if after := t.first.Load(); after > 0 {
		resp.FirstByte = t.begun.Add(time.Duration(after - 1))
	}
	if err != nil {
		return t.headFault(req.Context(), resp, err)
	}
	if t.interim.Load() > 0 {
		resp.FirstByte = time.Now() // of the real answer, as near as it can be known
	}
	resp.Status = answer.StatusCode
	resp.Outcome = measure.StatusOutcome(resp.Status)
	if redirects(resp.Status) {
		resp.Location = answer.Header.Get("Location")
	}
	switch {
	case resp.Outcome == measure.Malformed:
		_ = answer.Body.Close()
		err := fmt.Errorf("status %d is not within 100 and 599", resp.Status)
		return &fault{measure.Malformed, "reading the answer's head", err}
	case resp.Status == http.StatusSwitchingProtocols: // what follows is no body
		return answer.Body.Close()
	}
	t.reusable = !answer.Close
	return t.readBody(req.Context(), answer, resp, scratch)
}

// headFault classifies why no answer came.
func (t *stdTrip) headFault(ctx context.Context, resp *Response, err error) error {
	if t.interim.Load() == 0 && !resp.FirstByte.IsZero() {
		return t.conn.fault(ctx, "reading the answer's head", measure.Malformed, err)
	}
	return t.conn.fault(ctx, "waiting for the answer", measure.Reset, err)
}

// readBody reads the body through scratch to its end; the beginning of an error's
// body becomes the response's detail.
func (t *stdTrip) readBody(ctx context.Context, answer *http.Response, resp *Response, scratch []byte) error {
	defer answer.Body.Close() //nolint:errcheck // it was read to its end, or has failed
	tell := answer.StatusCode >= 400 && answer.Header.Get("Content-Encoding") == ""
	for {
		n, err := answer.Body.Read(scratch)
		if tell && len(resp.Detail) < maxDetail {
			resp.Detail = appendPrintable(resp.Detail, scratch[:n])
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return t.conn.fault(ctx, "reading the body", measure.BodyShort, err)
		}
	}
}

// account moves the bytes of the stream's frames to the response.
func (t *stdTrip) account(resp *Response) {
	t.conn.wire.frames.forget(t.bytes)
	resp.BytesIn += t.bytes.in.Load()
	resp.BytesOut += t.bytes.out.Load()
}
