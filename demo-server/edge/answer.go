package edge

import (
	"context"
	"errors"
	"net/http"
	"net/http/httputil"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// A visit is what is noted of one request on its way.
type visit struct {
	outcome outcome
	kept    bool   // the body came out of the store
	status  status // what Cache-Status says
}

type visitKey struct{}

// visitOf returns the visit that a request is.
func visitOf(r *http.Request) *visit {
	v, ok := r.Context().Value(visitKey{}).(*visit)
	if !ok {
		return new(visit) // an exchange that no client is left of
	}
	return v
}

// ServeHTTP answers a request, from the store or from the origin.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &visit{outcome: abandoned, status: status{name: e.config.Name}}
	counted := &counter{ResponseWriter: w}
	e.counts.tally.Begin()
	defer e.leave(r.Context(), v, counted) // deferred, since http.ErrAbortHandler may pass by
	e.proxy.ServeHTTP(counted, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
}

// leave counts a request that has ended.
func (e *Edge) leave(ctx context.Context, v *visit, counted *counter) {
	observe.Note(ctx, "cache", v.status.String())
	e.counts.end(v, counted.bytes)
}

// rewrite points a request at the origin.
func (e *Edge) rewrite(p *httputil.ProxyRequest) {
	p.SetURL(e.origin.Load())
	p.Out.URL.RawQuery = p.In.URL.RawQuery // as it came, since it is part of the key
	forward(p)
	p.Out.Header.Add("Via", "1.1 "+e.config.Name)
}

// answer is what stands in for the origin.
func (e *Edge) answer(r *http.Request) (*http.Response, error) {
	v := visitOf(r)
	response, err := e.find(r, v)
	if err != nil {
		return nil, err
	}
	h := response.Header
	h.Set(correlation.RequestIDHeader, r.Header.Get(correlation.RequestIDHeader))
	h.Add("Cache-Status", v.status.String())
	h.Add("Via", "1.1 "+e.config.Name)
	return response, nil
}

// find looks a request up, or sends it on if that is of no use.
func (e *Edge) find(r *http.Request, v *visit) (*http.Response, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		v.status.forwarded = "method"
		return e.pass(r, v, passed)
	}
	asked := parseDirectives(r.Header)
	if asked.has("no-store") || r.Header.Get("Range") != "" || r.Header.Get("Upgrade") != "" {
		v.status.forwarded = "bypass"
		return e.pass(r, v, passed)
	}
	key, now := r.URL.RequestURI(), time.Now()
	o, known := e.store.find(key, r.Header)
	switch {
	case o == nil && (known == nil || len(known.objects) == 0):
		v.status.forwarded = "uri-miss"
	case o == nil:
		v.status.forwarded = "vary-miss"
	case asked.has("no-cache"):
		v.status.forwarded = "request"
	case o.left(now) > 0:
		v.status.hit = true
		return e.serve(r, v, o, hit), nil
	case -o.left(now) < o.behind:
		v.status.hit = true
		e.validate(r, key, o)
		return e.serve(r, v, o, stale), nil
	default:
		v.status.forwarded = "stale"
	}
	if o == nil && r.Method == http.MethodHead {
		return e.pass(r, v, missed) // there is no body to keep
	}
	return e.fetch(r, v, key, o, known)
}

// serve answers with an object.
func (e *Edge) serve(r *http.Request, v *visit, o *object, how outcome) *http.Response {
	now := time.Now()
	v.outcome = how
	v.kept = how != missed
	v.status.ttl, v.status.timed = o.left(now), true
	return o.response(r, now)
}

// pass sends a request to the origin and its answer back. One that may have changed
// something there makes the edge forget what it has of it.
func (e *Edge) pass(r *http.Request, v *visit, how outcome) (*http.Response, error) {
	key := r.URL.RequestURI()
	response, err := e.ask(r)
	if err != nil {
		return nil, err
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
	default:
		if response.StatusCode < http.StatusBadRequest {
			e.forget(func(other string) bool { return other == key })
		}
	}
	v.outcome, v.status.code = how, response.StatusCode
	return response, nil
}

// ask makes one exchange with the origin.
func (e *Edge) ask(r *http.Request) (*http.Response, error) {
	if d := e.config.RoundTrip; d > 0 {
		if err := e.config.Sleeper.Until(r.Context(), time.Now().Add(d)); err != nil {
			return nil, err
		}
	}
	response, err := e.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		response.Body = &metered{ReadCloser: response.Body, counts: &e.counts}
	}
	return response, nil
}

// fail answers when there is nothing to answer with.
func (e *Edge) fail(w http.ResponseWriter, r *http.Request, err error) {
	v := visitOf(r)
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody is left to answer
	}
	v.outcome = failed
	code, reason := http.StatusBadGateway, "the origin does not answer"
	switch {
	case errors.Is(err, errClosed) || e.life.Err() != nil:
		code, reason = http.StatusServiceUnavailable, "the edge is closed"
		w.Header().Set("Retry-After", "1")
	case timedOut(err):
		code, reason = http.StatusGatewayTimeout, "the origin does not answer in time"
	}
	id := correlation.Read(r.Header).Request
	e.config.Log.WarnContext(r.Context(), "no answer of the origin", "edge", e.config.Name, "request_id", id, "path", r.URL.Path, "error", err)
	w.Header().Set(correlation.RequestIDHeader, id)
	w.Header().Set("Cache-Status", v.status.String())
	refuse(w, code, reason)
}
