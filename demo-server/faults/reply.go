package faults

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"
)

// pieces is into how many parts a trickling body is cut: enough for it never to be
// silent for long, few enough to cost nothing.
const pieces = 20

// A reply is an answer that is kept until it may leave. It is an http.ResponseWriter
// for one handler, which gets neither Flush nor Hijack: an answer is held as a whole.
type reply struct {
	header http.Header // the real one
	status int
	body   bytes.Buffer
}

// Header returns the header of the answer.
func (a *reply) Header() http.Header { return a.header }

// WriteHeader keeps the first status.
func (a *reply) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

// Write keeps the body.
func (a *reply) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// fail makes it the answer of the errors fault.
func (a *reply) fail() {
	a.header.Set("Content-Type", "application/json")
	a.WriteHeader(http.StatusInternalServerError)
	a.body.WriteString(`{"error":"injected fault"}` + "\n")
}

// send writes the answer to the client, its body spread over the time given.
func (a *reply) send(ctx context.Context, w http.ResponseWriter, over time.Duration) {
	a.WriteHeader(http.StatusOK)
	body := a.body.Bytes()
	if over > 0 && len(body) > 0 {
		a.header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if over > 0 {
		trickle(ctx, w, body, over)
		return
	}
	_, _ = w.Write(body) // a client that is gone is told nothing
}

// trickle sends the header at once and the body in pieces, the last one at the end. It
// stops when the client is gone; the server then cuts the connection, since the body is
// shorter than was announced.
func trickle(ctx context.Context, w http.ResponseWriter, body []byte, over time.Duration) {
	control := http.NewResponseController(w)
	size := (len(body) + pieces - 1) / pieces
	for sent := 0; sent < len(body); {
		if control.Flush() != nil {
			return
		}
		next := min(sent+size, len(body))
		if pause(ctx, over*time.Duration(next-sent)/time.Duration(len(body))) != nil {
			return
		}
		if _, err := w.Write(body[sent:next]); err != nil {
			return
		}
		sent = next
	}
}
