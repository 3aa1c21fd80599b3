// Package shop is the demo server's web application: a small HTTP API that sells things.
//
// It does not know how much its machine can do, what goes wrong or where its data
// lives: it asks the capacity, suffers whatever stands around its endpoints, and keeps
// its data behind [Store]. It opens no port.
//
// The main type is [Shop]. A request goes through it in these steps: it gets a
// correlation id and is timed; the middleware (the faults) may delay or replace its
// answer; it costs the modelled machine a service time, or is refused there; then its
// handler checks it, asks the store and the payment provider, and answers in JSON; last
// it is counted and logged.
package shop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
)

// ServiceTimeHeader tells the service time of a request, where that is switched on. In
// a request it sets the time, such as 12.3ms, instead of a draw.
const ServiceTimeHeader = "X-Service-Time"

// maxServiceTime bounds what a request may ask for.
const maxServiceTime = time.Minute

// A Shop answers requests. Its fields are set before Handler is called, once; the
// handler then serves any number of requests at once.
type Shop struct {
	Machine *capacity.Machine   // does the work
	Source  *capacity.Source    // says how much work a request is
	Payment *thirdparty.Payment // takes the money
	Store   Store

	// Log gets a line for each request, at level warn for answers of 500 and above and
	// at info for the others; nil discards.
	Log *slog.Logger
	// AcceptServiceTime makes ServiceTimeHeader work, for accuracy trials.
	AcceptServiceTime bool
	// Middleware, if set, stands between counting and each endpoint. Only /metrics is
	// left out, which tells what happens while things go wrong.
	Middleware func(http.Handler) http.Handler

	metrics metrics
}

// A handler answers a request whose work is done, or returns why it cannot.
type handler func(w http.ResponseWriter, r *http.Request) error

// Handler returns the shop's HTTP API.
func (s *Shop) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range []struct {
		pattern string
		handle  handler
	}{
		{"GET /api/products", s.listProducts},
		{"GET /api/products/{id}", s.showProduct},
		{"POST /api/login", s.login},
		{"GET /api/cart", s.authorised(s.showCart)},
		{"POST /api/cart", s.authorised(s.addToCart)},
		{"GET /api/orders", s.authorised(s.listOrders)},
		{"POST /api/orders", s.authorised(s.order)},
	} {
		mux.Handle(route.pattern, s.endpoint(route.pattern, s.work(route.handle)))
	}
	mux.Handle("GET /healthz", s.endpoint("GET /healthz", s.answered(health)))
	mux.Handle("GET /metrics", s.watched("GET /metrics", http.HandlerFunc(s.showMetrics)))
	mux.Handle("/", s.endpoint("other", s.answered(unrouted(mux))))
	return mux
}

// Requests returns how many requests were answered, or given up, since the start.
func (s *Shop) Requests() uint64 { return s.metrics.requests() }

// endpoint puts everything around an endpoint that they have in common.
func (s *Shop) endpoint(name string, next http.Handler) http.Handler {
	if s.Middleware != nil {
		next = s.Middleware(next)
	}
	return s.watched(name, next)
}

// work makes a request cost machine time before it is handled.
func (s *Shop) work(next handler) http.Handler {
	return s.answered(func(w http.ResponseWriter, r *http.Request) error {
		service, err := s.serviceTime(r)
		if err != nil {
			return err
		}
		if s.AcceptServiceTime {
			w.Header().Set(ServiceTimeHeader, service.String())
		}
		if _, err := s.Machine.Do(r.Context(), service); err != nil {
			return err
		}
		return next(w, r)
	})
}

// serviceTime returns how much work the request is.
func (s *Shop) serviceTime(r *http.Request) (time.Duration, error) {
	asked := ""
	if s.AcceptServiceTime {
		asked = r.Header.Get(ServiceTimeHeader)
	}
	if asked == "" {
		return s.Source.Draw(), nil
	}
	service, err := time.ParseDuration(asked)
	if err != nil || service < 0 || service > maxServiceTime {
		return 0, invalid(fmt.Sprintf("%s: %q is not a time from 0s to %v", ServiceTimeHeader, asked, maxServiceTime))
	}
	return service, nil
}

// answered turns the error of a handler into an answer.
func (s *Shop) answered(next handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := next(w, r)
		if err == nil || errors.Is(err, context.Canceled) && r.Context().Err() != nil {
			return // done, or nobody is left to answer
		}
		status := statusOf(err)
		message := err.Error()
		if status == http.StatusInternalServerError {
			s.logger().ErrorContext(r.Context(), "internal error", "correlation_id", w.Header().Get(CorrelationHeader), "error", err)
			message = "internal error" // the reason is nobody else's business
		}
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
		_ = answer(w, status, refusal{message})
	})
}

func (s *Shop) logger() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}
