package edge

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

// A flight is an exchange with the origin that several clients wait for. The first of
// them, the leader, gets whatever comes of it; the others an object, if it suits them.
type flight struct {
	landed chan struct{} // closed when what follows is known

	object   *object        // that came or was validated
	held     bool           // the origin said that the older object still holds
	stored   bool           // the object was kept
	rescued  bool           // the origin failed, and the object is the older one
	response *http.Response // what is not to be kept, for the leader
	err      error

	mu        sync.Mutex
	left      bool // the leader is gone
	overtaken bool // by a purge: what comes may be older than that, and is not kept
}

// join returns the flight for what a request wants, and whether it leads it; nil when
// the edge is closed.
func (e *Edge) join(r *http.Request, key string, o *object, known *resource) (f *flight, leads bool) {
	name := key
	if known != nil { // the answers depend on headers, which are known
		name += "\x00" + strings.Join(selection(r.Header, known.vary), "\x00")
	}
	if r.Header.Get("Authorization") != "" {
		name += "\x00" + r.Header.Get(correlation.RequestIDHeader) // nobody waits for another's answer
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, false
	}
	if f, ok := e.flights[name]; ok {
		return f, false
	}
	f = &flight{landed: make(chan struct{})}
	e.flights[name] = f
	e.running.Go(func() {
		// Others wait as well, so that the end of the leader's request is not the end of
		// the exchange; that of the edge is.
		ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
		stop := context.AfterFunc(e.life, cancel)
		e.exchange(r.Clone(ctx), key, o, f)
		e.land(name, f, func() { stop(); cancel() })
	})
	return f, true
}

// validate asks the origin about an object that has been served already.
func (e *Edge) validate(r *http.Request, key string, o *object) {
	known := &resource{vary: o.vary}
	if f, leads := e.join(r, key, o, known); leads {
		f.leave()
	}
}

// land tells those who wait, and ends the exchange's context, when its body is read.
func (e *Edge) land(name string, f *flight, end func()) {
	e.mu.Lock()
	if e.flights[name] == f {
		delete(e.flights, name)
	}
	e.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.response == nil:
		end()
	case f.left:
		_ = f.response.Body.Close() // nobody reads it
		end()
	default:
		f.response.Body = &ending{ReadCloser: f.response.Body, end: end}
	}
	close(f.landed)
}

// leave says that the leader does not wait any more.
func (f *flight) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = true
	select {
	case <-f.landed:
		if f.response != nil {
			_ = f.response.Body.Close()
		}
	default:
	}
}

// ending is a body whose end is told.
type ending struct {
	io.ReadCloser
	end  func()
	once sync.Once
}

// Close ends the body.
func (b *ending) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(b.end)
	return err
}
