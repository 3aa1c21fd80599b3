// Package edge is a content delivery network on one machine: caches between clients and
// an origin that they reach over HTTP, and the choice of a client's cache.
//
// It does not know what the origin serves; the origin says so in its headers, of which
// this reads a part of RFC 9111: max-age, s-maxage, no-store, no-cache, private, public,
// must-revalidate, proxy-revalidate, Expires, Age and Vary, with stale-while-revalidate
// and stale-if-error of RFC 5861. Of what clients ask it heeds no-store and no-cache. It
// opens no port.
//
// The main type is [Edge]. A request goes through it in these steps: it gets a request
// id; what can be cached is looked up among the objects; a fresh one is the answer, a
// stale one perhaps, while it is validated; else the origin is asked, once for all who
// want the same; what it answers is kept, if it may be, and sent on. A [Router] stands
// before the edges and takes each client to its own, or to the origin when that is down.
package edge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/sleeper"
)

// errClosed is why an edge does not answer any more.
var errClosed = errors.New("the edge is closed")

// A Config says what an edge is. Only Origin must be set.
type Config struct {
	Name   string // a letter, then letters, digits, dots or dashes; in Cache-Status; empty: edge
	Origin string // URL of whom to ask, such as http://127.0.0.1:8080

	// DefaultTTL is how long an answer is fresh that does not say it itself, unless it is
	// an error other than 404 and 410, or belongs to a request with a cookie or credentials.
	// 0: it is not kept.
	DefaultTTL time.Duration
	// StaleIfError is how long after its time an object that says nothing about that is
	// served when the origin fails. 0: never.
	StaleIfError time.Duration

	MaxBytes  int64 // of all objects together, and again of those that are being fetched; 0: 64 MiB
	MaxObject int64 // of one body; a larger one is passed on and not kept; 0: 1 MiB

	Timeout   time.Duration     // for the origin to begin its answer; 0: 10 s
	RoundTrip time.Duration     // modelled time on the way to the origin and back, added to each exchange; 0: none
	Sleeper   *sleeper.Sleeper  // waits for it, the caller's to close; nil: on the runtime's timers
	Transport http.RoundTripper // speaks to the origin; nil: one of its own

	PricePerGB float64      // of what is served to clients, per 10⁹ bytes, in any currency
	Log        *slog.Logger // exchanges with the origin that failed; nil discards
}

// An Edge caches what an origin answers. It is an http.Handler, whose methods may be
// called by any number of goroutines at once. It is made by New and ended by Close.
type Edge struct {
	config    Config
	origin    atomic.Pointer[url.URL]
	proxy     *httputil.ReverseProxy
	transport http.RoundTripper
	store     *store
	counts    counts
	fetching  atomic.Int64 // bytes set aside for bodies under way

	life    context.Context // ends with the edge
	end     context.CancelFunc
	running sync.WaitGroup // exchanges that no client's context ends

	mu      sync.Mutex
	closed  bool
	flights map[string]*flight
}

// token is what may be a name in Cache-Status without quotes, and more narrow.
var token = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.-]{0,63}$`)

// New returns an empty edge. The error says what of the configuration is wrong.
func New(config Config) (*Edge, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	e := &Edge{config: config, transport: config.Transport, flights: make(map[string]*flight)}
	if err := e.SetOrigin(config.Origin); err != nil {
		return nil, err
	}
	var err error
	if e.store, err = newStore(config.MaxBytes, &e.counts.evictions); err != nil {
		return nil, err
	}
	if e.transport == nil {
		e.transport = newTransport(config.Timeout, config.Timeout)
	}
	e.life, e.end = context.WithCancel(context.Background())
	e.proxy = &httputil.ReverseProxy{
		Rewrite:      e.rewrite,
		Transport:    roundTripper(e.answer),
		ErrorHandler: e.fail,
		ErrorLog:     slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug),
	}
	return e, nil
}

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	c.Name = or(c.Name, "edge")
	c.MaxBytes = or(c.MaxBytes, 64<<20)
	c.MaxObject = or(c.MaxObject, min(1<<20, c.MaxBytes))
	c.Timeout = or(c.Timeout, 10*time.Second)
	c.Sleeper = or(c.Sleeper, new(sleeper.Sleeper))
	c.Log = or(c.Log, slog.New(slog.DiscardHandler))
	return c
}

// or returns the value, or the default if it is zero.
func or[T comparable](value, otherwise T) T {
	if value == *new(T) {
		return otherwise
	}
	return value
}

func (c Config) validate() error {
	var errs []error
	if !token.MatchString(c.Name) {
		errs = append(errs, fmt.Errorf("an edge's name is a letter, then at most 63 letters, digits, dots or dashes, got %q", c.Name))
	}
	if c.MaxBytes < 0 || c.MaxObject < 0 || c.MaxObject > c.MaxBytes || c.MaxObject > 1<<30 {
		errs = append(errs, fmt.Errorf("an edge's objects have at most 1 GiB each and fit into its memory, got %d of %d bytes", c.MaxObject, c.MaxBytes))
	}
	if c.DefaultTTL < 0 || c.StaleIfError < 0 || c.Timeout < 0 || c.RoundTrip < 0 {
		errs = append(errs, errors.New("an edge's times are not negative"))
	}
	if c.PricePerGB < 0 {
		errs = append(errs, fmt.Errorf("a gigabyte cannot cost %g", c.PricePerGB))
	}
	return errors.Join(errs...)
}

// SetOrigin changes whom the edge asks from now on. What it has stays good.
func (e *Edge) SetOrigin(origin string) error {
	u, err := parseBase(origin)
	if err != nil {
		return fmt.Errorf("origin: %w", err)
	}
	e.origin.Store(u)
	return nil
}

// Close ends all exchanges with the origin that go on without a client, and with them
// whoever waits for one. It returns when nothing of the edge is left but its Stats.
func (e *Edge) Close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.end()
	e.running.Wait()
	if own, ok := e.transport.(*http.Transport); ok && e.config.Transport == nil {
		own.CloseIdleConnections()
	}
	return nil
}
