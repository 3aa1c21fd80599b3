// Package observe says what the servers of a backend do, each for itself: how many
// requests, how they end and how long they take, as metrics; one line for each in a log;
// and the way of each through all servers, as spans in a file.
//
// It knows HTTP and nothing of what the servers are for. Other rooms add what they know:
// a request's attributes by [Note], and metrics of their own by [Gauge] and [Counter].
//
// The main type is [Observer], of which each server has one. Its Handler stands before
// everything else the server does: it gives a request its ids, begins a span, counts,
// and writes the line when the request has ended. [WritePage] writes metrics for
// Prometheus, of several servers on one page. [Spans] is the file, which package trace
// reads.
package observe

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// An Observer watches one server. Its fields are set before it is used; its methods may
// be called by any number of goroutines at once. The zero Observer counts, and does
// nothing else.
type Observer struct {
	Node  string       // name of the server, as web-2; a label of all its metrics
	Part  string       // what it is one of, as web
	Spans *Spans       // nil: no traces. What the client says about tracing is passed on then
	Log   *slog.Logger // a line for each request; nil: none

	once   sync.Once
	tracer trace.Tracer // nil: no traces

	mu        sync.Mutex
	counts    Counts
	endpoints map[string]*endpoint
}

// Counts are requests. Total is always the sum of Class and InFlight.
type Counts struct {
	Total    uint64
	InFlight uint64 // begun and not ended

	// Class is by the first digit of the status. None, at 0, are requests that got no
	// whole answer: the client went away before it began, the handler gave up in the
	// middle, or took the connection over.
	Class [classes]uint64
}

// Requests returns how many requests there were, exactly.
func (o *Observer) Requests() Counts {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts
}

// Expect makes the metrics of endpoints appear before their first request: the rate of a
// counter that begins with a one is not known. Names are patterns of http.ServeMux.
func (o *Observer) Expect(names ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, name := range names {
		o.endpoint(name)
	}
}

// Handler returns next, watched.
//
// A request that arrives without a request id gets one. Its headers and its context then
// carry its ids, with the traceparent of this server's span: a proxy that passes headers
// on passes them on, and so does a client that writes correlation.From(ctx) to the
// headers of its requests. The answer carries the request id.
//
// A request belongs to the endpoint whose pattern its http.Request has when next returns.
// http.ServeMux puts it there; a handler between that calls next with a copy of the
// request hides it, unless it sets Pattern too.
func (o *Observer) Handler(next http.Handler) http.Handler {
	o.once.Do(func() {
		if o.Spans != nil {
			o.tracer = o.Spans.tracer(o.Node, o.Part)
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := o.begin(w, r)
		r = r.WithContext(h) //nolint:contextcheck // a hop is made of the request's context
		defer h.end(r)       // deferred, since http.ErrAbortHandler may pass by
		next.ServeHTTP(&h.answer, r)
		h.answer.finish()
	})
}

// arrived counts a request that begins.
func (o *Observer) arrived() {
	o.mu.Lock()
	o.counts.Total++
	o.counts.InFlight++
	o.mu.Unlock()
}

// left counts a request that has ended, by its status, 0 for none.
func (o *Observer) left(name string, status int, took time.Duration) {
	class := status / 100
	if class < 0 || class >= classes {
		class = 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts.InFlight--
	o.counts.Class[class]++
	o.endpoint(name).observe(class, took)
}
