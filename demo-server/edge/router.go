package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/sleeper"
)

// A RouterConfig says where the edges are.
type RouterConfig struct {
	Origin string  // URL of whom to ask when an edge is down
	Routes []Route // the first is for clients that no route serves; none: all go to the origin

	RegionHeader   string           // of a request, which says its region; empty: X-Region
	ConnectTimeout time.Duration    // until an edge counts as down; 0: 300 ms
	AnswerTimeout  time.Duration    // for an edge or the origin to begin its answer; 0: 30 s
	Cooldown       time.Duration    // for which an edge that did not answer is not asked again; 0: 1 s
	Sleeper        *sleeper.Sleeper // waits for round trips, the caller's to close; nil: on the runtime's timers
	Log            *slog.Logger     // edges that do not answer; nil discards

	// Dial makes the connections to the edge and origin; nil: by TCP, within ConnectTimeout.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Router takes each client to its edge, as the resolver or the anycast address of a
// content delivery network does, and to the origin when it has been told that the edge
// is down, or finds that it does not answer. It is an http.Handler, whose methods may be
// called by any number of goroutines at once. It is made by NewRouter and ended by Close.
type Router struct {
	config    RouterConfig
	origin    *url.URL
	proxy     *httputil.ReverseProxy
	transport *http.Transport

	mu     sync.Mutex
	routes []*route
	counts RouterStats
}

// NewRouter returns a router. The error says what of the configuration is wrong.
func NewRouter(config RouterConfig) (*Router, error) {
	config.RegionHeader = or(config.RegionHeader, "X-Region")
	config.ConnectTimeout = or(config.ConnectTimeout, 300*time.Millisecond)
	config.AnswerTimeout = or(config.AnswerTimeout, 30*time.Second)
	config.Cooldown = or(config.Cooldown, time.Second)
	config.Sleeper = or(config.Sleeper, new(sleeper.Sleeper))
	config.Log = or(config.Log, slog.New(slog.DiscardHandler))
	if config.ConnectTimeout < 0 || config.AnswerTimeout < 0 || config.Cooldown < 0 {
		return nil, errors.New("a router's times are not negative")
	}
	r := &Router{config: config, transport: newTransport(config.ConnectTimeout, config.AnswerTimeout)}
	if config.Dial != nil {
		r.transport.DialContext = config.Dial
	}
	var err error
	if r.origin, err = parseBase(config.Origin); err != nil {
		return nil, fmt.Errorf("origin: %w", err)
	}
	if err := r.SetRoutes(config.Routes); err != nil {
		return nil, err
	}
	r.counts.Edges = make(map[string]uint64)
	r.proxy = &httputil.ReverseProxy{
		Rewrite:      forward,
		Transport:    roundTripper(r.send),
		ErrorHandler: r.fail,
		ErrorLog:     slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug),
	}
	return r, nil
}

// Close ends idle connections. Requests under way go on until their clients end them.
func (r *Router) Close() error {
	r.transport.CloseIdleConnections()
	return nil
}

// A passage is what is noted of one request on its way.
type passage struct {
	route *route // nil: there are no edges
	note  func(*RouterStats)
}

type passageKey struct{}

// ServeHTTP sends a request to its client's edge.
func (r *Router) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	p := &passage{route: r.pick(request), note: func(s *RouterStats) { s.Abandoned++ }}
	defer func() { // deferred, since http.ErrAbortHandler may pass by
		r.mu.Lock()
		defer r.mu.Unlock()
		r.counts.Requests++
		p.note(&r.counts)
	}()
	request = request.Clone(context.WithValue(request.Context(), passageKey{}, p))
	correlation.Read(request.Header).Write(request.Header)
	r.proxy.ServeHTTP(w, request)
}

// send asks the edge, and the origin when there is none that answers.
func (r *Router) send(request *http.Request) (*http.Response, error) {
	p, ok := request.Context().Value(passageKey{}).(*passage)
	if !ok {
		return nil, errors.New("a request that did not come through the router")
	}
	if p.route == nil {
		return r.try(request, p, r.origin, 0, func(s *RouterStats) { s.Direct++ })
	}
	if request.Body != nil {
		request.Body = open{request.Body}
	}
	if r.up(p.route) {
		name := p.route.Name
		response, err := r.try(request, p, p.route.url, p.route.RoundTrip, func(s *RouterStats) { s.Edges[name]++ })
		if err == nil || request.Context().Err() != nil {
			return response, err
		}
		r.rest(p.route, err)
		if !repeatable(request, err) {
			return nil, err
		}
	}
	return r.try(request, p, r.origin, p.route.OriginRoundTrip, func(s *RouterStats) { s.Fallbacks++ })
}

// try asks one server, which is that far away.
func (r *Router) try(request *http.Request, p *passage, at *url.URL, away time.Duration, note func(*RouterStats)) (*http.Response, error) {
	if away > 0 {
		if err := r.config.Sleeper.Until(request.Context(), time.Now().Add(away)); err != nil {
			return nil, err
		}
	}
	out := request.Clone(request.Context())
	out.Host = ""
	out.URL.Scheme, out.URL.Host = at.Scheme, at.Host
	response, err := r.transport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	p.note = note
	response.Header.Set(correlation.RequestIDHeader, request.Header.Get(correlation.RequestIDHeader))
	return response, nil
}

// fail answers when neither edge nor origin does.
func (r *Router) fail(w http.ResponseWriter, request *http.Request, err error) {
	if request.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody is left to answer
	}
	if p, ok := request.Context().Value(passageKey{}).(*passage); ok {
		p.note = func(s *RouterStats) { s.Failed++ }
	}
	id := request.Header.Get(correlation.RequestIDHeader)
	r.config.Log.WarnContext(request.Context(), "no answer", "request_id", id, "path", request.URL.Path, "error", err)
	w.Header().Set(correlation.RequestIDHeader, id)
	if timedOut(err) {
		refuse(w, http.StatusGatewayTimeout, "neither edge nor origin answers in time")
		return
	}
	refuse(w, http.StatusBadGateway, "neither edge nor origin answers")
}

// repeatable reports whether a request that failed may be sent again: it was not sent at
// all, or it does no harm twice and there is nothing of it that the first attempt may
// have taken away.
func repeatable(request *http.Request, err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	switch request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return request.Body == nil
	}
	return false
}

// An open body is not closed by a transport that could not send it: it may be needed
// again. It is the server's, who closes it.
type open struct{ io.Reader }

// Close does nothing.
func (open) Close() error { return nil }
