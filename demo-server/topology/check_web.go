package topology

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/profiles/document"
)

func (c *checker) checkWeb() {
	w := c.Web
	c.onMachine("web.machine", w.Machine)
	c.between("web.replicas", w.Replicas, 1, maxReplicas)
	c.between("web.workers", w.Workers, 0, 100_000)
	if w.Replicas > 1 && c.LoadBalancer == nil {
		c.Add("web.replicas", "add load_balancer, or write replicas: 1", "nothing shares requests among %d replicas", w.Replicas)
	}
	var patterns []string
	for _, e := range w.Endpoints {
		path := "web.endpoints." + e.Pattern
		if c.pattern(path, e.Pattern, patterns) {
			patterns = append(patterns, e.Pattern)
		}
		c.checkCalls(path, e)
	}
	for _, o := range w.Overrides {
		path := "web.overrides." + o.Node
		if nodes := c.Nodes(WebPart); len(nodes) <= maxReplicas && !slices.ContainsFunc(nodes, func(n Node) bool { return n.Name == o.Node }) {
			hint := fmt.Sprintf("there are web-1 to web-%d", len(nodes))
			if len(nodes) == 1 {
				hint = "there is web-1 alone"
			}
			c.AddKey(path, hint, "there is no replica %s", document.Quote(o.Node))
		}
		c.between(path+".weight", o.Weight, 1, 256)
		c.real(path+".speed", o.Speed, 0.01, 100)
	}
}

// ownPatterns returns what the shop answers by itself.
func ownPatterns() []string {
	return []string{
		"GET /api/products", "GET /api/products/{id}", "POST /api/login", "GET /api/cart", "POST /api/cart", "GET /api/orders",
		"POST /api/orders", "PUT /api/products/{id}/price", "GET /static/{name}", "GET /api/weather/{city}", "GET /healthz", "GET /metrics", "GET /api/session",
	}
}

// pattern notes a pattern that no router takes, alone or beside the shop's and the others.
func (c *checker) pattern(path, pattern string, others []string) (ok bool) {
	method, rest, spaced := strings.Cut(pattern, " ")
	if !spaced || !strings.HasPrefix(rest, "/") || method != strings.ToUpper(method) {
		c.AddKey(path, `write a method and a path, such as "GET /api/products/{id}"`, "%s is not an endpoint", document.Quote(pattern))
		return false
	}
	defer func() {
		if r := recover(); r != nil { // how the router says no
			c.AddKey(path, "write the path as in \"GET /api/things/{id}\", and no two for the same requests",
				"%s is not an endpoint beside the others", document.Quote(pattern))
			ok = false
		}
	}()
	mux := http.NewServeMux()
	nobody := func(http.ResponseWriter, *http.Request) {}
	all := slices.Sorted(slices.Values(append(append(ownPatterns(), others...), pattern)))
	for _, p := range slices.Compact(all) {
		mux.HandleFunc(p, nobody)
	}
	return true
}

// checkCalls looks whether what an endpoint calls is there.
func (c *checker) checkCalls(path string, e Endpoint) {
	if len(e.Calls) > 0 && slices.Contains(ownPatterns(), e.Pattern) {
		c.AddKey(path+".calls", "remove calls, and say what its work costs by cpu", "%s is the shop's own, and makes its own calls", document.Quote(e.Pattern))
		return
	}
	there := map[string]bool{
		"cache": c.Cache != nil, "database.read": c.Database != nil, "database.write": c.Database != nil,
		"payment": c.Payment != nil, "weather": c.Weather != nil,
	}
	for i, call := range e.Calls {
		present, known := there[call]
		at := pathIn(path+".calls", i)
		switch {
		case !known && call == "queue":
			c.Add(at, "remove it", "queue is not supported yet")
		case !known:
			c.Add(at, document.DidYouMean(call, []string{"cache", "database.read", "database.write", "payment", "weather"}),
				"nothing can call %s", document.Quote(call))
		case !present:
			part, _, _ := strings.Cut(call, ".")
			hint := "add " + part + ", or remove the call"
			if part == PaymentPart || part == WeatherPart {
				hint = "add third_parties: {" + part + ": {}}, or remove the call"
			}
			c.Add(at, hint, "there is no %s to call", part)
		}
	}
}

func (c *checker) checkBalancer() {
	b := c.LoadBalancer
	if b == nil {
		return
	}
	if b.Layer != 4 && b.Layer != 7 {
		c.Add("load_balancer.layer", "write 4 for connections, 7 for requests", "there is no load balancer of layer %d", b.Layer)
	}
	if b.Layer == 4 {
		c.checkLayer4()
	}
	if check := b.HealthCheck; check != nil {
		at := "load_balancer.health_check"
		if !strings.HasPrefix(check.Path, "/") || strings.ContainsFunc(check.Path, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"'\;{}#$`, r) }) {
			c.Add(at+".path", "write a path such as /healthz", "%s is not a path", document.Quote(check.Path))
		}
		c.within(at+".interval", check.Interval, 10*time.Millisecond, time.Hour)
		c.within(at+".timeout", check.Timeout, time.Millisecond, time.Hour)
		if check.Timeout > check.Interval {
			c.Add(at+".timeout", "make it at most the interval", "a check may take longer than the %v from one to the next", check.Interval)
		}
		c.between(at+".unhealthy_after", check.UnhealthyAfter, 1, 1000)
		c.between(at+".healthy_after", check.HealthyAfter, 1, 1000)
	}
	if b.EjectFor != 0 || b.Passive > 0 {
		c.within("load_balancer.health_check.eject_for", b.EjectFor, time.Millisecond, time.Hour)
	}
	if b.Sticky != nil {
		if (&http.Cookie{Name: b.Sticky.Cookie}).Valid() != nil {
			c.Add("load_balancer.sticky_sessions.cookie", "write a word such as replica", "%s is no name for a cookie", document.Quote(b.Sticky.Cookie))
		}
		c.within("load_balancer.sticky_sessions.ttl", b.Sticky.TTL, 0, 1000*time.Hour)
	}
	c.within("load_balancer.slow_start", b.SlowStart, 0, time.Hour)
	c.between("load_balancer.retries", b.Retries, 0, 3)
}

// checkLayer4 notes what a balancer that sees connections cannot do.
func (c *checker) checkLayer4() {
	b := c.LoadBalancer
	if b.Sticky != nil {
		c.AddKey("load_balancer.sticky_sessions", "write layer: 7, or algorithm: ip_hash", "a load balancer of layer 4 sees no cookies")
	}
	if b.Retries > 0 {
		c.Add("load_balancer.retries", "write layer: 7, or remove it", "a load balancer of layer 4 sees no requests to try again")
	}
	if b.Algorithm == pick.ResourceBased {
		c.Add("load_balancer.algorithm", "write layer: 7, or algorithm: least_connections",
			"a load balancer of layer 4 does not see how busy replicas say they are")
	}
}

func (c *checker) checkDatabase() {
	db := c.Database
	if db == nil {
		return
	}
	c.onMachine("database.machine", db.Machine)
	c.between("database.pool.max", db.Pool.Max, 1, 10_000)
	c.within("database.pool.max_wait", db.Pool.MaxWait, time.Millisecond, time.Hour)
}

func (c *checker) checkCache() {
	k := c.Cache
	if k == nil {
		return
	}
	if c.Database == nil {
		c.AddKey("cache", "add database, or remove cache", "a cache stands before a database, and there is none")
	}
	c.between("cache.nodes", k.Nodes, 0, maxReplicas)
	c.between("cache.capacity", k.Capacity, 0, 10_000_000)
	if k.Capacity == 0 && k.Nodes == 0 && len(k.Addresses) == 0 {
		c.Add("cache.capacity", "write a number, or add nodes: 1", "a cache without entries of its own needs nodes to keep them")
	}
	c.onMachine("cache.machine", k.Machine)
	if k.Machine != "" && k.Nodes == 0 {
		c.Add("cache.machine", "add nodes: 1, or remove it", "no node of the cache is there to be on the machine")
	}
	if k.Machine == "" && k.Work.Mean() > 0 {
		c.Add("cache.work", "add machine: and one of machines", "work is done on a machine, and the cache is on none")
	}
	c.within("cache.ttl", k.TTL, time.Millisecond, 1000*time.Hour)
	c.distinct("cache.addresses", k.Addresses)
	for i, address := range k.Addresses {
		c.address(pathIn("cache.addresses", i), address)
	}
}
