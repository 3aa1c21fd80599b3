package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What a Config means by zero.
const (
	defaultTimeout    = 30 * time.Second
	defaultBody       = 10 << 20
	defaultHeader     = 16 << 10
	defaultTransform  = 1 << 20
	defaultCacheBytes = 16 << 20
	defaultRealm      = "floodmark-demo"
)

// A Config says what a gateway does. Sizes are in bytes.
type Config struct {
	// Upstreams are the servers behind the gateway by name, such as
	// {"shop": "http://127.0.0.1:9001"}. A path in a URL is put in front of all paths.
	Upstreams map[string]string
	Routes    []Route // what is not routed is answered 404

	JWT     *JWT     // accepts bearer tokens; nil: none are
	APIKeys []APIKey // accepted in X-API-Key
	Realm   string   // in WWW-Authenticate; empty: floodmark-demo

	// RateLimit, if set, stands between authentication and everything else, so that it may
	// ask IdentityOf. What it does not pass on counts as limited.
	RateLimit func(http.Handler) http.Handler

	CacheBytes int   // of all answers kept; 0: 16 MiB
	MaxBody    int64 // of a request; 0: 10 MiB
	MaxHeader  int   // names and values of a request's headers, and its path; 0: 16 KiB
	// MaxTransform is the largest answer of which fields are removed, and the largest that
	// is kept; 0: 1 MiB. Fields of a larger answer cannot be removed: it is answered 502.
	MaxTransform int

	// TrustForwarded appends to the X-Forwarded-For of a request, which is believed, rather
	// than replace it: for a gateway behind edges or a load balancer.
	TrustForwarded bool
	// Transport reaches the upstreams; nil: one of the gateway's own.
	Transport http.RoundTripper
	// Log gets a line for each request, at level warn for answers of 500 and above and at
	// info for the others; nil discards.
	Log *slog.Logger
}

// A Route says which requests go to which upstream, who may make them, and what is
// changed on the way.
type Route struct {
	Pattern  string        // as http.ServeMux has it: "GET /products/{id}"
	Upstream string        // name of one of the upstreams; empty: the only one
	Timeout  time.Duration // until the answer has come to its end; 0: 30 s

	// Public lets everybody in. Credentials are not looked at then, and are passed on,
	// unless the route is cached: its answers must not depend on who asks.
	Public bool
	Scopes []string // all of them are needed; not for public routes
	// PassCredentials passes the credentials on that the gateway has checked; otherwise the
	// upstream learns of X-User only.
	PassCredentials bool

	// Cache keeps answers to GET this long, or shorter if they say so; 0: does not. Those of
	// a route that is not public are kept for each user.
	Cache time.Duration

	StripPrefix string // of the path, such as /api; whole segments only
	AddPrefix   string // to the path, after stripping

	SetRequest, SetResponse       map[string]string // headers, in place of what is there
	RemoveRequest, RemoveResponse []string          // headers

	// RemoveFields are removed from JSON answers: "cost", or "items.cost" for a field of an
	// object, or of each object of an array, in another field.
	RemoveFields []string
}

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	fill := func(n *int, with int) {
		if *n == 0 {
			*n = with
		}
	}
	fill(&c.CacheBytes, defaultCacheBytes)
	fill(&c.MaxHeader, defaultHeader)
	fill(&c.MaxTransform, defaultTransform)
	if c.MaxBody == 0 {
		c.MaxBody = defaultBody
	}
	if c.Realm == "" {
		c.Realm = defaultRealm
	}
	if c.RateLimit == nil {
		c.RateLimit = func(next http.Handler) http.Handler { return next }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate names all that is wrong with the configuration, but for conflicts between
// patterns, which New finds.
func (c Config) Validate() error {
	var faults []error
	if len(c.Upstreams) == 0 {
		faults = append(faults, errors.New("gateway: there is no upstream"))
	}
	for name, text := range c.Upstreams {
		if _, err := parseUpstream(text); err != nil {
			faults = append(faults, fmt.Errorf("gateway: upstream %q: %w", name, err))
		}
	}
	if c.CacheBytes < 0 || c.MaxBody < 0 || c.MaxHeader < 0 || c.MaxTransform < 0 {
		faults = append(faults, errors.New("gateway: no size may be negative"))
	}
	if strings.ContainsFunc(c.Realm, func(r rune) bool { return r == '"' || r == '\\' || r < ' ' || r > '~' }) {
		faults = append(faults, fmt.Errorf("gateway: the realm %q is not printable ASCII without quotes", c.Realm))
	}
	if c.JWT != nil {
		faults = append(faults, c.JWT.validate())
	}
	for i, key := range c.APIKeys {
		if key.Key == "" || !isUser(key.User) {
			faults = append(faults, fmt.Errorf("gateway: API key %d: want a key, and a user of 1 to %d printable ASCII characters", i, maxUser))
		}
	}
	for _, r := range c.Routes {
		if err := r.validate(c); err != nil {
			faults = append(faults, fmt.Errorf("gateway: route %q: %w", r.Pattern, err))
		}
	}
	return errors.Join(faults...)
}

// validate checks a route against the rest of the configuration.
func (r Route) validate(c Config) error {
	_, known := c.Upstreams[r.Upstream]
	switch {
	case r.Upstream == "" && len(c.Upstreams) > 1:
		return errors.New("it names no upstream, and there are several")
	case r.Upstream != "" && !known:
		return fmt.Errorf("there is no upstream %q", r.Upstream)
	case r.Timeout < 0 || r.Cache < 0:
		return fmt.Errorf("timeout %v and cache %v, want 0s or more", r.Timeout, r.Cache)
	case !r.Public && c.JWT == nil && len(c.APIKeys) == 0:
		return errors.New("it is not public, and there are neither JWTs nor API keys to get in with")
	case r.Public && len(r.Scopes) > 0:
		return errors.New("it is public and needs scopes")
	case r.StripPrefix != "" && (r.StripPrefix[0] != '/' || strings.HasSuffix(r.StripPrefix, "/")),
		r.AddPrefix != "" && (r.AddPrefix[0] != '/' || strings.HasSuffix(r.AddPrefix, "/")):
		return errors.New("a prefix begins with a slash and ends without one")
	}
	return nil
}

// parseUpstream reads the URL of an upstream.
func parseUpstream(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "", u.User != nil:
		return nil, errors.New("want a URL such as http://127.0.0.1:9001, without user, query and fragment")
	}
	return u, nil
}
