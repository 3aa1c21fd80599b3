package topology

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

// minSecret is the shortest secret that HS256 is safe with: as long as its hash.
const minSecret = 32

func (c *checker) checkGateway() {
	g := c.Gateway
	if g == nil {
		return
	}
	c.between("gateway.replicas", g.Replicas, 1, 16)
	c.checkAuth()
	for i, pattern := range g.Public {
		c.route(pathIn("gateway.public", i), pattern)
	}
	c.distinct("gateway.public", g.Public)
	for _, scope := range g.Scopes {
		path := "gateway.scopes." + scope.Pattern
		c.route(path, scope.Pattern)
		switch {
		case g.JWT == nil:
			c.AddKey(path, "add gateway.auth.jwt, or remove it", "scopes stand in tokens, and no tokens are taken")
		case slices.Contains(g.Public, scope.Pattern):
			c.AddKey(path, "take it out of public", "%s is public, so nobody shows a token there", document.Quote(scope.Pattern))
		}
	}
	for _, route := range g.Cache {
		path := "gateway.cache." + route.Pattern
		if c.route(path, route.Pattern) && !strings.HasPrefix(route.Pattern, "GET ") {
			c.AddKey(path, "write GET and a path", "only answers to GET are kept")
		}
		c.within(path, route.TTL, time.Millisecond, 24*time.Hour)
	}
	for _, name := range slices.Sorted(maps.Keys(g.SetHeaders)) {
		path := "gateway.transform.set_headers." + name
		c.header(path, name)
		if strings.ContainsAny(g.SetHeaders[name], "\r\n\x00") {
			c.Add(path, "write it in one line", "the value of a header has one line")
		}
	}
	for i, name := range g.RemoveHeaders {
		c.header(pathIn("gateway.transform.remove_headers", i), name)
	}
	for i, name := range g.RemoveFields {
		if strings.TrimSpace(name) == "" {
			c.Add(pathIn("gateway.transform.remove_fields", i), "write cost, or items.cost", "a field has a name")
		}
	}
}

func (c *checker) checkAuth() {
	g := c.Gateway
	if !g.authenticates() && len(g.Public) > 0 {
		c.AddKey("gateway.public", "add auth, or remove it", "without auth everything is public")
	}
	c.distinctSecrets("gateway.auth.api_keys", g.APIKeys)
	if g.JWT == nil {
		return
	}
	switch secret := g.JWT.Secret; {
	case secret == "":
	case g.JWT.Algorithm == "RS256":
		c.Add("gateway.auth.jwt.secret", "remove it: keys are made when the backend starts", "RS256 has keys, and no secret")
	case len(secret) < minSecret:
		c.Add("gateway.auth.jwt.secret", "take a longer one, or none: one is made when the backend starts",
			"a secret of HS256 has at least %d bytes, this one has %d", minSecret, len(secret))
	}
}

// distinctSecrets notes what is empty or there twice, without showing it.
func (c *checker) distinctSecrets(list string, secrets []string) {
	for i, secret := range secrets {
		switch {
		case secret == "":
			c.Add(pathIn(list, i), "", "an API key is not empty")
		case slices.Contains(secrets[:i], secret):
			c.Add(pathIn(list, i), "remove one of the two", "this API key stands here twice")
		}
	}
}

// route notes what is no pattern of requests.
func (c *checker) route(path, pattern string) (ok bool) {
	method, rest, spaced := strings.Cut(pattern, " ")
	if !spaced || !strings.HasPrefix(rest, "/") || method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || strings.Contains(rest, " ") {
		c.AddKey(path, `write a method and a path, such as "GET /api/products"`, "%s is not a route", document.Quote(pattern))
		return false
	}
	return true
}

// header notes what is no name of a header.
func (c *checker) header(path, name string) {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	}) {
		c.AddKey(path, "write letters, digits and dashes, such as X-Internal", "%s is no name for a header", document.Quote(name))
	}
}

func (c *checker) checkRateLimit() {
	l := c.RateLimit
	if l == nil {
		return
	}
	if l.Limit == 0 {
		c.Missing("rate_limit.rate", "add rate: 100/s")
		return
	}
	for _, err := range each(l.Validate()) {
		path := "rate_limit.rate"
		if strings.HasPrefix(err.Error(), "burst") {
			path = "rate_limit.burst"
		}
		c.Add(path, "", "%s", err.Error())
	}
	switch g := c.Gateway; {
	case l.Per == PerUser && g == nil:
		c.Add("rate_limit.per", "write per: ip, or add gateway with auth", "nobody knows users where there is no gateway")
	case l.Per == PerUser && !g.authenticates():
		c.Add("rate_limit.per", "write per: ip, or add gateway.auth", "the gateway does not know users: it has no auth")
	}
	if l.Redis != "" {
		c.address("rate_limit.redis", l.Redis)
		if l.Store != InRedis {
			c.Add("rate_limit.redis", "add store: redis", "limits are counted in memory, so no Redis is asked")
		}
	}
}

// each returns the errors that errors.Join has put together.
func each(err error) []error {
	var many interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		return many.Unwrap()
	}
	return []error{err}
}

func (c *checker) checkBreakers() {
	for _, b := range c.Breakers {
		path := "circuit_breakers." + b.Part
		if b.Part == PaymentPart && c.Payment == nil || b.Part == WeatherPart && c.Weather == nil {
			c.AddKey(path, "add third_parties: {"+b.Part+": {}}, or remove it", "there is no %s to guard", b.Part)
		}
		c.between(path+".failure_threshold", b.FailureThreshold, 1, 10_000)
		c.between(path+".success_threshold", b.SuccessThreshold, 1, 10_000)
		c.within(path+".timeout", b.Timeout, time.Millisecond, time.Hour)
		c.within(path+".call_timeout", b.CallTimeout, 0, time.Hour)
		c.between(path+".bulkhead", b.Bulkhead, 0, 100_000)
	}
}

func (c *checker) checkCDN() {
	n := c.CDN
	if n == nil {
		return
	}
	if len(n.Edges) == 0 {
		c.Missing("cdn.edges", "add edges: [us, eu, apac]")
	}
	if len(n.Edges) > 16 {
		c.Add("cdn.edges", "", "there are %d edges, more than 16", len(n.Edges))
	}
	clients := map[string]string{}
	for i, edge := range n.Edges {
		path := "cdn.edges." + edge.Name
		if !cleanName(edge.Name) {
			c.AddKey(path, "write small letters, digits and dashes, such as eu", "%s is no name for an edge", document.Quote(edge.Name))
		}
		if slices.ContainsFunc(n.Edges[:i], func(e Edge) bool { return e.Name == edge.Name }) {
			c.Add("cdn.edges", "remove one of the two", "the edge %s is there twice", edge.Name)
		}
		c.within(path+".round_trip", edge.RoundTrip, 0, time.Minute)
		c.within(path+".origin_round_trip", edge.OriginRoundTrip, 0, time.Minute)
		if edge.Clients == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(edge.Clients)
		if err != nil {
			c.Add(path+".clients", "write 127.0.110.0/24", "%s is no range of addresses", document.Quote(edge.Clients))
			continue
		}
		if other, taken := clients[prefix.Masked().String()]; taken {
			c.Add(path+".clients", "give each edge clients of its own", "these are the clients of %s as well", other)
		}
		clients[prefix.Masked().String()] = edge.Name
	}
	c.within("cdn.ttl", n.TTL, 0, 1000*time.Hour)
	c.within("cdn.stale_if_error", n.StaleIfError, 0, 1000*time.Hour)
	c.real("cdn.price_per_gb", n.PricePerGB, 0, 1000)
}

func (c *checker) checkThirdParties() {
	if c.Payment != nil {
		c.within("third_parties.payment.capture", c.Payment.Capture, 0, time.Hour)
	}
	if c.Weather != nil {
		c.within("third_parties.weather.fresh", c.Weather.Fresh, 0, 24*time.Hour)
		if c.Weather.Per > 24*time.Hour {
			c.Add("third_parties.weather.quota", "write it for a shorter time", "a quota is of at most a day")
		}
	}
}

func (c *checker) checkObservability() {
	if o := c.Observability; o != nil && strings.ContainsFunc(o.Traces, func(r rune) bool { return r < ' ' }) {
		c.Add("observability.traces.file", "", "this is no name for a file")
	}
}
