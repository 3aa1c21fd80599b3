package edge

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// fetch gets what is not there, or not good enough, from the origin, together with
// others who want the same.
func (e *Edge) fetch(r *http.Request, v *visit, key string, o *object, known *resource) (*http.Response, error) {
	if known != nil && time.Now().Before(known.unkept) {
		return e.alone(r, v, key, o)
	}
	f, leads := e.join(r, key, o, known) //nolint:contextcheck // it may go on without this client, until the edge ends
	if f == nil {
		return nil, errClosed
	}
	select {
	case <-f.landed:
	case <-r.Context().Done():
		if leads {
			f.leave()
		}
		return nil, r.Context().Err()
	}
	if leads {
		return e.lead(r, v, f)
	}
	if f.err != nil {
		return nil, f.err
	}
	if f.object == nil || !f.object.matches(r.Header) || !f.rescued && f.object.left(time.Now()) <= 0 {
		return e.alone(r, v, key, o) // it was for one request only
	}
	v.status.collapsed = true
	return e.serve(r, v, f.object, collapsed), nil
}

// lead is what the leader of a flight gets.
func (e *Edge) lead(r *http.Request, v *visit, f *flight) (*http.Response, error) {
	switch {
	case f.err != nil:
		return nil, f.err
	case f.response != nil:
		v.outcome, v.status.code = missed, f.response.StatusCode
		if r.Method == http.MethodHead { // it is about an object that is there no more
			_ = f.response.Body.Close()
			f.response.Body = http.NoBody
		}
		return f.response, nil
	case f.rescued:
		return e.serve(r, v, f.object, stale), nil
	case f.held:
		v.status.code = http.StatusNotModified
		return e.serve(r, v, f.object, revalidated), nil
	}
	v.status.code, v.status.stored = f.object.status, f.stored
	return e.serve(r, v, f.object, missed), nil
}

// alone asks the origin for one client, when there is no sense in waiting for the answer
// to another.
func (e *Edge) alone(r *http.Request, v *visit, key string, o *object) (*http.Response, error) {
	f := &flight{landed: make(chan struct{})}
	e.exchange(r, key, o, f)
	return e.lead(r, v, f)
}

// exchange asks the origin, under the conditions of an older object, if there is one,
// and keeps what may be kept.
func (e *Edge) exchange(r *http.Request, key string, old *object, f *flight) {
	out := r.Clone(r.Context())
	out.Method = http.MethodGet
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range"} {
		out.Header.Del(name) // the client's are for us
	}
	if old != nil {
		old.conditions(out.Header)
	}
	asked := time.Now()
	response, err := e.ask(out)
	x := exchange{request: r, response: response, asked: asked, at: time.Now()}
	switch {
	case err != nil:
		f.err = err
		e.rescue(f, old, err)
	case old != nil && response.StatusCode == http.StatusNotModified:
		_ = response.Body.Close()
		f.object, f.held = old.validated(x, e.config), true
		e.keep(key, f)
	case response.StatusCode >= http.StatusInternalServerError && e.rescue(f, old, fmt.Errorf("it answers %s", response.Status)):
		_ = response.Body.Close()
	default:
		if f.object, err = e.read(x); err != nil {
			f.err = err
			e.rescue(f, old, err)
		} else if f.object != nil {
			e.keep(key, f)
		} else {
			f.response = response
			e.disown(r, key, old, response.StatusCode)
		}
	}
}

// rescue serves an object after its time, when the origin fails and the object says that
// this is better than nothing.
func (e *Edge) rescue(f *flight, old *object, err error) bool {
	if old == nil || -old.left(time.Now()) >= old.onError {
		return false
	}
	f.object, f.rescued, f.err = old, true, nil
	e.config.Log.Warn("the origin fails; a stale object is served", "edge", e.config.Name, "error", err)
	return true
}

// disown remembers that an answer was not to be kept, in place of an object that the
// origin has answered otherwise about.
func (e *Edge) disown(r *http.Request, key string, old *object, status int) {
	if status >= http.StatusInternalServerError {
		return // it may be to be kept when the origin is well again
	}
	if old != nil {
		e.store.drop(key, old)
	}
	if r.Header.Get("Authorization") == "" && r.Header.Get("Cookie") == "" { // or others' answers may be
		e.store.note(key, time.Now().Add(unkept))
	}
}

// read returns an object with the body of an answer. When it is not to be kept, or too
// large, it returns nil, and the response is as it was.
func (e *Edge) read(x exchange) (*object, error) {
	o := e.config.newObject(x)
	if o == nil {
		return nil, nil
	}
	most := e.config.MaxObject
	if x.response.ContentLength >= 0 {
		most = x.response.ContentLength
	}
	if most > e.config.MaxObject || e.fetching.Add(most) > e.config.MaxBytes {
		if most <= e.config.MaxObject {
			e.fetching.Add(-most)
		}
		return nil, nil
	}
	defer e.fetching.Add(-most)
	var body bytes.Buffer
	n, err := io.Copy(&body, io.LimitReader(x.response.Body, most+1))
	if err != nil {
		_ = x.response.Body.Close()
		return nil, err
	}
	if n > most {
		x.response.Body = joined{io.MultiReader(&body, x.response.Body), x.response.Body}
		return nil, nil
	}
	o.body = body.Bytes()
	return o, x.response.Body.Close()
}

// keep stores what a flight has brought, unless a purge has come after it began.
func (e *Edge) keep(key string, f *flight) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stored = !f.overtaken; f.stored {
		e.store.put(key, f.object)
	}
}

// joined reads from one and closes the other.
type joined struct {
	io.Reader
	io.Closer
}
