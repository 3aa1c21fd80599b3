// Package shop is the demo server's web application: an HTTP API that sells things, as
// one replica of it runs.
//
// It does not know how much its machine can do, what goes wrong, where its data lives or
// how often it is there: it asks the capacity, suffers whatever stands around its
// endpoints, and keeps its data behind goods.Store. It opens no port.
//
// The main type is [Shop]. A request goes through it in these steps: the middleware (the
// faults) may delay or replace its answer; it takes a worker for as long as it lasts; it
// costs the modelled machine a service time, or is refused there; then its handler finds
// out who asks, asks the store and the third parties, and answers in JSON. Each request
// ends in exactly one counter of [Stats].
//
// What third parties do not do is the shop's to bear: guards keep them from taking its
// time, and an order can be accepted now and paid for later.
package shop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/guard"
	"github.com/floodmark/floodmark/demo-server/tally"
)

// A State says where the shop keeps sessions.
type State int

// The states.
const (
	Stateless State = iota // nowhere: a token says who asks, to any replica
	Stateful               // in the memory of this replica, by a cookie
)

// Workers bound the requests that are handled at once, waiting for others included. Take
// waits for a worker and fails when there is none to be had; Release gives one back.
type Workers interface {
	Take(ctx context.Context) error
	Release()
}

// A Shop answers requests. Its fields are set before Handler is called, once; the
// handler then serves any number of requests at once. Only Store must be set. It is
// ended by Close, once no more requests come.
type Shop struct {
	Store   goods.Store
	Workers Workers                     // nil: any number
	Machine *capacity.Machine           // does the work; nil: it costs nothing
	Source  *capacity.Source            // says how much work a request is; nil: none
	Sources map[string]*capacity.Source // the same for single patterns, in place of Source
	Custom  []Endpoint                  // endpoints of one's own

	Payment      Cashier      // takes the money; nil: orders are paid by nobody
	PaymentGuard *guard.Guard // stands before it; nil: nobody does
	// QueuePayments accepts orders while the provider is out of order, and charges them
	// when it is back.
	QueuePayments bool
	Weather       Forecaster   // nil: there is no weather page
	WeatherGuard  *guard.Guard // the one that Guarded put before it: says when to come again

	State       State
	MaxSessions int // of Stateful, beyond which the one used longest ago ends; 0: 10,000
	// TrustUser believes UserHeader, which a gateway sets once it has checked who asks.
	TrustUser bool

	CatalogueMaxAge time.Duration // for which others may keep answers about products; 0: they are not told
	// ReportUtilisation tells how busy the machine is in UtilisationHeader.
	ReportUtilisation bool
	// AcceptServiceTime makes ServiceTimeHeader work, for accuracy trials.
	AcceptServiceTime bool
	// Middleware, if set, stands around each endpoint.
	Middleware func(http.Handler) http.Handler
	// Log gets a line for each internal error; nil discards.
	Log *slog.Logger

	tally    tally.Tally[outcome]
	orders   orderTally
	repeats  repeats
	backlog  backlog
	sessions sessions
	load     load
}

// A handler answers a request whose work is done, or returns why it cannot.
type handler func(w http.ResponseWriter, r *http.Request) error

// A route is an endpoint of the shop's own.
type route struct {
	pattern string
	handle  handler
}

// routes returns the endpoints that cost work.
func (s *Shop) routes() []route {
	return []route{
		{"GET /api/products", s.listProducts},
		{"GET /api/products/{id}", s.showProduct},
		{"PUT /api/products/{id}/price", s.identified(s.setPrice)},
		{"POST /api/login", s.login},
		{"GET /api/session", s.showSession},
		{"GET /api/cart", s.identified(s.showCart)},
		{"POST /api/cart", s.identified(s.addToCart)},
		{"GET /api/orders", s.identified(s.listOrders)},
		{"POST /api/orders", s.identified(s.order)},
		{"GET /api/weather/{city}", s.showWeather},
		{"GET /static/{name}", s.showStatic},
	}
}

// Patterns returns the endpoints that cost work and that Sources can name, without
// Custom ones.
func Patterns() []string {
	var patterns []string
	for _, route := range new(Shop).routes() {
		patterns = append(patterns, route.pattern)
	}
	return patterns
}

// Validate names what is wrong with Sources and Custom.
func (s *Shop) Validate() error {
	var faults []error
	mux := http.NewServeMux()
	for _, route := range s.routes() {
		mux.HandleFunc(route.pattern, http.NotFound)
	}
	mux.HandleFunc("GET /healthz", http.NotFound)
	mux.HandleFunc("/", http.NotFound)
	for _, endpoint := range s.Custom {
		faults = append(faults, register(mux, endpoint.Pattern))
	}
	known := make(map[string]bool)
	for _, pattern := range Patterns() {
		known[pattern] = true
	}
	for pattern := range s.Sources {
		if !known[pattern] {
			faults = append(faults, fmt.Errorf("shop: there is no endpoint %q to cost work", pattern))
		}
	}
	return errors.Join(faults...)
}

// register tries a pattern; the mux panics at what it cannot read, or has already.
func register(mux *http.ServeMux, pattern string) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("shop: endpoint %q: %v", pattern, reason)
		}
	}()
	mux.HandleFunc(pattern, http.NotFound)
	return nil
}

// Handler returns the shop's HTTP API. It panics where Validate has something to say.
func (s *Shop) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range s.routes() {
		source := s.Source
		if own, ok := s.Sources[route.pattern]; ok {
			source = own
		}
		mux.Handle(route.pattern, s.endpoint(s.counted(s.work(source, route.handle))))
	}
	for _, endpoint := range s.Custom {
		source := s.Source
		if endpoint.Source != nil {
			source = endpoint.Source
		}
		mux.Handle(endpoint.Pattern, s.endpoint(s.counted(s.work(source, endpoint.handle))))
	}
	mux.Handle("GET /healthz", s.endpoint(s.answered(health)))
	mux.Handle("/", nameless(s.endpoint(s.counted(unrouted(mux)))))
	return mux
}

// endpoint puts the middleware around an endpoint.
func (s *Shop) endpoint(next http.Handler) http.Handler {
	if s.Middleware == nil {
		return next
	}
	return s.Middleware(next)
}

// nameless takes away the pattern that a request of no endpoint has matched: whoever
// counts by patterns shall not take it for one.
func nameless(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = ""
		next.ServeHTTP(w, r)
	})
}

// Close ends what goes on without a request: orders that are still to be paid for are
// lost, and counted. Closing again does no harm.
func (s *Shop) Close() { s.backlog.close() }

func (s *Shop) logger() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}
