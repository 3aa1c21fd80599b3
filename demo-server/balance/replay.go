package balance

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
)

// maxReplay bounds what is kept of a request's body for a retry, in bytes. When more was
// sent, there is none.
const maxReplay = 64 << 10

// A bodyError says that a request's body could not be read from its client.
type bodyError struct{ reason error }

// Error says so.
func (e *bodyError) Error() string { return "the request's body: " + e.reason.Error() }

// Unwrap returns the reason.
func (e *bodyError) Unwrap() error { return e.reason }

// idempotent reports whether doing it twice is as good as once.
func idempotent(method string) bool {
	return slices.Contains([]string{
		http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete,
	}, method)
}

// A replay is the body of a request that may be sent several times. It is read from the
// client as the backend takes it, not before, and what was read is kept for the next
// attempt.
type replay struct {
	safe bool // whether the request is idempotent
	keep bool // whether to keep what is read

	mu     sync.Mutex // held while reading the source, too: the next attempt waits for the last one
	source io.Reader  // nil: there is no body
	kept   []byte
	lost   bool // something was read and is not kept
	failed error
}

// newReplay returns the body of a request.
func newReplay(r *http.Request, retries bool) *replay {
	safe := idempotent(r.Method)
	b := &replay{safe: safe, keep: safe && retries}
	if r.Body != nil && r.Body != http.NoBody {
		b.source = r.Body
	}
	return b
}

// again reports whether the request may be sent again after an error: because it never
// was sent, or twice does no harm, and the whole body is still to be had.
func (b *replay) again(err error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.lost && (b.safe || errors.As(err, new(*dialError)))
}

// clientError returns the error that reading from the client has ended with, if it has.
func (b *replay) clientError() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed == nil {
		return nil
	}
	return &bodyError{b.failed}
}

// next returns the body for another attempt, from its beginning; nil if there is none.
func (b *replay) next() io.ReadCloser {
	if b.source == nil {
		return nil
	}
	return &replayReader{replay: b}
}

// A replayReader reads the body for one attempt.
type replayReader struct {
	replay *replay
	at     int
	closed bool
}

// Read reads what is kept, and then what is new. After Close it takes nothing more from
// the client: it may be called by a transport that has given up already.
func (r *replayReader) Read(p []byte) (int, error) {
	b := r.replay
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case r.closed:
		return 0, http.ErrBodyReadAfterClose
	case r.at < len(b.kept):
		n := copy(p, b.kept[r.at:])
		r.at += n
		return n, nil
	case b.failed != nil:
		return 0, b.failed
	}
	n, err := b.source.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	b.lost = b.lost || n > 0 && (!b.keep || len(b.kept)+n > maxReplay)
	if b.lost {
		b.kept = nil
		return n, err
	}
	b.kept = append(b.kept, p[:n]...)
	r.at += n
	return n, err
}

// Close lets the attempt read no more.
func (r *replayReader) Close() error {
	r.replay.mu.Lock()
	defer r.replay.mu.Unlock()
	r.closed = true
	return nil
}
