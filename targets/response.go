package targets

import (
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/floodmark/floodmark/http1"
	"github.com/floodmark/floodmark/measure"
)

// maxDetail is how many bytes of a failure's words a response keeps.
const maxDetail = 200

// A Response tells how one request ended. The caller owns it and hands the same
// one to [Client.Send] again and again; each call overwrites all of it. The zero
// value is ready.
type Response struct {
	Sent      time.Time // before anything was done, dialling included
	FirstByte time.Time // when the (last) answer began; zero if none did
	Done      time.Time // after the last byte of the body, or at the failure

	Connect time.Duration // DNS and TCP connect, 0 on a kept connection
	TLS     time.Duration // TLS handshake, 0 likewise

	// Outcome is measure.None when the context ended the exchange: that is no
	// answer of the target's, nor a failure of it.
	Outcome measure.Outcome
	Status  int // HTTP status, 0 without an answer

	BytesIn, BytesOut int64 // on the sockets, heads and TLS included, of all redirects

	// Remote is the address of the server that the (last) request was sent to, as
	// ip:port or the path of a unix socket; "" without a connection.
	Remote string

	// Detail tells of a failure in at most 200 bytes: the error's words, or the
	// beginning of the body of an answer from 400 on, without control characters.
	// It is overwritten by the next exchange.
	Detail []byte

	// Location is where the answer redirects to, if it does.
	Location string
}

// reset empties the response and keeps its memory.
func (r *Response) reset() { *r = Response{Detail: r.Detail[:0]} }

// answered notes what the head of an answer says.
func (r *Response) answered(p *http1.Parser) {
	r.Status = p.Status
	r.Outcome = measure.StatusOutcome(r.Status)
	if redirects(r.Status) {
		r.Location = string(p.Location)
	}
}

// appendPrintable appends as much of text as fits maxDetail, without control
// characters and broken UTF-8: what a target sends ends up on a terminal.
func appendPrintable(to, text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		broken := r == utf8.RuneError && size == 1
		if len(to)+size > maxDetail {
			break
		}
		if !broken && !unicode.IsControl(r) {
			to = append(to, text[:size]...)
		}
		text = text[size:]
	}
	return to
}
