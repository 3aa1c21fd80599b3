package faults

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// An instead is what a request gets in place of its answer.
type instead int

const (
	nothing instead = iota
	failure
	reset
	garbage
)

// An effect is what all matching faults together do to one request.
type effect struct {
	stalls  []<-chan struct{} // nothing is answered before these are closed
	delay   time.Duration     // before the request is handled
	instead instead
	trickle time.Duration // the body takes this long
}

// Handler returns next with the faults of the set before, after or instead of it. With
// no fault on it costs one atomic read.
func (s *Set) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		active := s.load()
		if len(active) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		collect(active, r).serve(w, r, next)
	})
}

// collect asks every fault what it does to the request. The first that takes the answer
// away wins, and the later ones then do not count the request for their shares.
func collect(active []*fault, r *http.Request) effect {
	var e effect
	for _, f := range active {
		if f.spec.Part != "" || !matches(f.spec.Endpoint, r.Method, r.URL.Path) {
			continue
		}
		if f.apply(&e) {
			f.hits.Add(1)
		}
	}
	return e
}

// apply adds the fault to the effect and reports whether it fell on the request.
func (f *fault) apply(e *effect) bool {
	always := f.spec.Stall > 0 || f.spec.Delay > 0 || f.spec.SlowBody > 0
	if f.spec.Stall > 0 {
		e.stalls = append(e.stalls, f.ended)
	}
	if f.spec.Delay > 0 {
		e.delay += f.delay()
	}
	e.trickle = max(e.trickle, f.spec.SlowBody)
	if e.instead != nothing {
		return always
	}
	switch {
	case f.errors.Hit(f.spec.Errors):
		e.instead = failure
	case f.reset.Hit(f.spec.Reset):
		e.instead = reset
	case f.mangled.Hit(f.spec.Malformed):
		e.instead = garbage
	}
	return always || e.instead != nothing
}

// serve lets the request suffer the effect. When the request's context ends meanwhile,
// because the client is gone or the server has no more time, it aborts the request:
// net/http would send an empty success for a handler that just returns.
func (e effect) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	ctx := r.Context()
	if pause(ctx, e.delay) != nil {
		panic(http.ErrAbortHandler)
	}
	answer := &reply{header: w.Header()}
	switch {
	case e.instead == nothing && len(e.stalls) == 0 && e.trickle == 0:
		next.ServeHTTP(w, r)
		return
	case e.instead == nothing:
		next.ServeHTTP(answer, r)
	case e.instead == failure:
		answer.fail()
	}
	for _, thawed := range e.stalls {
		select {
		case <-thawed:
		case <-ctx.Done():
			panic(http.ErrAbortHandler)
		}
	}
	switch e.instead {
	case reset:
		hijack(w, cut)
	case garbage:
		hijack(w, babble)
	default:
		answer.send(ctx, w, e.trickle)
	}
}

// pause waits for d or for the context's end.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hijack takes the connection from the server, lets last do something to it and closes
// it. A connection that cannot be taken, as in HTTP/2, is aborted the way net/http
// offers: for HTTP/2 that resets the stream.
func hijack(w http.ResponseWriter, last func(net.Conn)) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	last(conn)
	_ = conn.Close() // the client is meant to see a broken connection either way
}

// babble sends what no HTTP client can read.
func babble(conn net.Conn) { _, _ = conn.Write([]byte("\x00\x01 this is not HTTP\r\n\r\n")) }

// cut closes the connection with a TCP reset: nothing is left to linger for. Under TLS
// it goes past the encryption, which would say goodbye first.
func cut(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if plain, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = plain.SetLinger(0) // fails only on a connection that is gone already
	}
	_ = conn.Close()
}
