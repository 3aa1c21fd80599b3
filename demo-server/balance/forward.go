package balance

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// A dialError says that a connection could not be made, so that nothing was sent.
type dialError struct{ reason error }

// Error returns the reason.
func (e *dialError) Error() string { return e.reason.Error() }

// Unwrap returns the reason.
func (e *dialError) Unwrap() error { return e.reason }

// dialBackend is the configuration's Dial, with its errors marked.
func (b *Balancer) dialBackend(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := b.config.Dial(ctx, network, address)
	if err != nil {
		return nil, &dialError{err}
	}
	return conn, nil
}

// A forwarder sends a request to a backend, and to another if it is not answered there.
type forwarder struct{ *Balancer }

// RoundTrip makes the attempts of one request. Its error is that of the last one.
func (f forwarder) RoundTrip(out *http.Request) (*http.Response, error) {
	p := out.Context().Value(passageKey{}).(*passage)
	body := newReplay(out, f.config.Retries > 0)
	var last error
	for {
		m, err := f.pool.begin(p)
		switch {
		case err != nil && last != nil:
			return nil, last
		case err != nil:
			return nil, err
		}
		response, err := f.attempt(out, body, p, m)
		if err == nil {
			return response, nil
		}
		last = err
		if p.last != failed || len(p.tried) > f.config.Retries || !body.again(err) {
			return nil, last
		}
	}
}

// attempt sends the request to one backend.
func (f forwarder) attempt(out *http.Request, body *replay, p *passage, m *member) (*http.Response, error) {
	request := out.WithContext(out.Context())
	url := *out.URL
	url.Host = m.backend.Address
	request.URL = &url
	reader := body.next()
	if reader != nil {
		request.Body = reader
	}
	response, err := m.transport.RoundTrip(request)
	if err == nil {
		response.Body = follow(f.pool, p, response)
		return response, nil
	}
	if reader != nil {
		_ = reader.Close() // the transport may still be reading
	}
	o := failed
	if badBody := body.clientError(); badBody != nil {
		o, err = cancelled, badBody
	}
	if out.Context().Err() != nil {
		o = cancelled
	}
	f.pool.end(p, o, 0)
	return nil, err
}

// follow returns the answer's body, which says how the attempt ended.
func follow(pool *pool, p *passage, response *http.Response) io.ReadCloser {
	status := response.StatusCode
	var once sync.Once
	end := func(o outcome) {
		once.Do(func() { pool.end(p, o, status) })
	}
	if status == http.StatusSwitchingProtocols {
		p.settle = func() { end(answered) } // however it ends: what is said there is unknown
		return response.Body
	}
	p.settle = func() { end(cancelled) }
	return &followed{ReadCloser: response.Body, ctx: response.Request.Context(), end: end}
}

// A followed body is an answer's. It ends the attempt with its last byte, when it breaks
// off, or when it is closed before that.
type followed struct {
	io.ReadCloser
	ctx context.Context
	end func(outcome) // the first call counts
}

// Read reads a part of the body.
func (f *followed) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		f.end(answered)
	case f.ctx.Err() != nil:
		f.end(cancelled)
	default:
		f.end(broken)
	}
	return n, err
}

// Close ends the attempt if nothing has before: whoever reads does not want the rest.
func (f *followed) Close() error {
	f.end(cancelled)
	return f.ReadCloser.Close()
}
