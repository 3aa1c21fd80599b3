// Package gateway is the one door to the servers behind it: it knows who asks, and asks
// them only what they need to be asked.
//
// It does not know what the servers do, how many there are behind an upstream's URL, or
// how requests are limited: a middleware is given to it. It opens no port.
//
// The main type is [Gateway], an http.Handler. A request goes through it in these steps:
// it gets a correlation id; a path that could mean two things is refused, as are headers
// without end; it is routed; it shows who asks, by a JWT or an API key; the rate limiter
// passes it on; the cache answers it, or it is forwarded, and both request and answer are
// changed as the route has it; last it is counted and logged. Every step may answer
// instead, and then the upstream never hears of the request.
package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/tally"
)

// A Gateway is made by New. It serves any number of requests at once, and starts no
// goroutine of its own.
type Gateway struct {
	config    Config
	mux       *http.ServeMux
	upstreams map[string]*upstream
	auth      authenticator
	cache     *cache
	proxy     *httputil.ReverseProxy
	own       *http.Transport // nil when the configuration brings one
	limited   http.Handler    // the limiter, and what it protects
	tally     tally.Tally[outcome]
}

// An upstream is a name whose URL may change.
type upstream struct {
	name string
	url  atomic.Pointer[url.URL]
}

// A route is a Route at work. It is registered as a handler only to be found again.
type route struct {
	Route
	upstream *upstream
}

// ServeHTTP is never called.
func (*route) ServeHTTP(http.ResponseWriter, *http.Request) {}

// New returns a gateway that is ready to serve.
func New(config Config) (*Gateway, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	g := &Gateway{config: config, mux: http.NewServeMux(), upstreams: make(map[string]*upstream), cache: newCache(config.CacheBytes)}
	for name, text := range config.Upstreams {
		g.upstreams[name] = &upstream{name: name}
		if err := g.SetUpstream(name, text); err != nil {
			return nil, err
		}
	}
	for _, r := range config.Routes {
		if err := g.route(r); err != nil {
			return nil, err
		}
	}
	if err := g.auth.init(config); err != nil {
		return nil, err
	}
	if config.Transport == nil {
		g.own = &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute, DisableCompression: true}
		config.Transport = g.own
	}
	g.proxy = g.newProxy(config.Transport)
	g.limited = config.RateLimit(http.HandlerFunc(g.pass))
	return g, nil
}

// route adds a route. The mux panics about patterns, since they are usually constants.
func (g *Gateway) route(r Route) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("gateway: route %q: %v", r.Pattern, reason)
		}
	}()
	if r.Timeout == 0 {
		r.Timeout = defaultTimeout
	}
	at := &route{Route: r, upstream: g.upstreams[r.Upstream]}
	if r.Upstream == "" {
		for _, only := range g.upstreams {
			at.upstream = only
		}
	}
	g.mux.Handle(r.Pattern, at)
	return nil
}

// SetUpstream gives an upstream another URL, for requests that come from now on.
func (g *Gateway) SetUpstream(name, text string) error {
	up := g.upstreams[name]
	if up == nil {
		return fmt.Errorf("gateway: there is no upstream %q", name)
	}
	u, err := parseUpstream(text)
	if err != nil {
		return fmt.Errorf("gateway: upstream %q: %w", name, err)
	}
	up.url.Store(u)
	return nil
}

// Close closes the connections to upstreams and key server that no request uses. It is
// called when the server that serves the gateway has ended.
func (g *Gateway) Close() error {
	if g.own != nil {
		g.own.CloseIdleConnections()
	}
	g.auth.close()
	return nil
}

// An exchange is what the gateway knows about one request. Its goroutine alone uses it.
type exchange struct {
	begun    time.Time
	ids      correlation.IDs
	route    *route // nil: none
	identity Identity
	key      string // in the cache; empty: the request goes past it
	cache    string // hit, miss or bypass; empty: the route has none
	reached  bool   // the limiter passed it on
	outcome  outcome
}

type exchangeKey struct{}

// exchangeOf returns the exchange that a context of the gateway's own carries.
func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// ServeHTTP answers a request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{begun: time.Now(), ids: correlation.Read(r.Header), outcome: aborted}
	rec := &recorder{ResponseWriter: w, id: x.ids.Request}
	g.tally.Begin()
	defer g.finish(rec, r, x) // deferred, since http.ErrAbortHandler may pass by
	ctx := context.WithValue(correlation.With(r.Context(), x.ids), exchangeKey{}, x)
	came := r
	r = r.WithContext(ctx)
	refused := g.admit(r, x)
	if x.route != nil {
		came.Pattern = x.route.Pattern // for whoever watches, as http.ServeMux does it
	}
	if refused != nil {
		x.outcome = refused.outcome
		refused.answer(rec)
		return
	}
	g.limited.ServeHTTP(rec, g.identified(r, x))
	if !x.reached {
		x.outcome = limited
	}
}

// admit finds the route of a request and who asks, or why it goes no further.
func (g *Gateway) admit(r *http.Request, x *exchange) *refusal {
	if size(r) > g.config.MaxHeader {
		return &refusal{outcome: malformed, status: http.StatusRequestHeaderFieldsTooLarge, text: "the request's headers are too large"}
	}
	if err := checkPath(r.URL); err != nil {
		return &refusal{outcome: malformed, status: http.StatusBadRequest, text: err.Error()}
	}
	if r.ContentLength > g.config.MaxBody {
		return &refusal{
			outcome: malformed, status: http.StatusRequestEntityTooLarge, text: "the request's body is too large",
			header: http.Header{"Connection": {"close"}}, // or the server would wait for the body first
		}
	}
	found, _ := g.mux.Handler(r)
	at, ok := found.(*route)
	if !ok {
		return g.unrouted(r)
	}
	x.route = at
	if at.Public {
		return nil
	}
	identity, refused := g.auth.authenticate(r)
	if refused != nil {
		return refused
	}
	x.identity = identity
	return g.auth.authorise(identity, at.Scopes)
}

// unrouted answers what has no route, finding out by which methods it would have one.
// The mux's redirects are not followed: a path is right, or it is not.
func (g *Gateway) unrouted(r *http.Request) *refusal {
	var allowed []string
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		found, _ := g.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host})
		if _, ok := found.(*route); ok {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return &refusal{outcome: unrouted, status: http.StatusNotFound, text: "not found"}
	}
	list := strings.Join(allowed, ", ")
	return &refusal{
		outcome: unrouted, status: http.StatusMethodNotAllowed, text: "method not allowed; there are: " + list,
		header: http.Header{"Allow": {list}},
	}
}

// identified returns the request as the rest of the gateway sees it: X-User is whom the
// gateway has identified, whatever the client says, and nobody on a public route.
func (g *Gateway) identified(r *http.Request, x *exchange) *http.Request {
	header := make(http.Header, len(r.Header)+1)
	for name, values := range r.Header {
		if !strings.EqualFold(strings.ReplaceAll(name, "_", "-"), UserHeader) {
			header[name] = values
		}
	}
	ctx := r.Context()
	if x.identity.User != "" {
		header.Set(UserHeader, x.identity.User)
		ctx = context.WithValue(ctx, identityKey{}, x.identity)
	}
	r = r.WithContext(ctx) // a copy
	r.Header = header
	return r
}

// pass is what the limiter protects: the cache, and behind it the upstream.
func (g *Gateway) pass(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(r.Context())
	x.reached = true
	if x.route.Cache > 0 {
		if answer := g.recall(r, x); answer != nil {
			x.outcome = cached
			answer.send(w)
			return
		}
	}
	g.forward(w, r, x)
}

// Stats returns the gateway's counts since it was made.
func (g *Gateway) Stats() Stats {
	s := statsOf(g.tally.Read())
	s.CacheEntries, s.CacheBytes = g.cache.size()
	return s
}
