package topology

import (
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/cache"
	"github.com/floodmark/floodmark/profiles/document"
)

func (d *decoder) web(s section) {
	w := &d.plan.Web
	s.Text("machine", &w.Machine)
	s.Integer("replicas", &w.Replicas)
	word(s, "state", &w.State, Stateless, Stateful)
	s.Integer("workers", &w.Workers)
	s.law("cpu", &w.CPU)
	for _, f := range s.named("endpoints") {
		endpoint := Endpoint{Pattern: keyOf(f, "web.endpoints"), CPU: w.CPU}
		if s, ok := d.section(f, "endpoint"); ok {
			s.law("cpu", &endpoint.CPU)
			s.words("calls", &endpoint.Calls)
		}
		w.Endpoints = append(w.Endpoints, endpoint)
	}
	for _, f := range s.named("overrides") {
		override := Override{Node: keyOf(f, "web.overrides"), Weight: 1, Speed: 1}
		if s, ok := d.section(f, "override"); ok {
			s.Integer("weight", &override.Weight)
			s.Number("speed", &override.Speed)
		}
		w.Overrides = append(w.Overrides, override)
	}
}

func (d *decoder) balancer(s section) {
	b := &LoadBalancer{Layer: 7, Algorithm: pick.RoundRobin, RetryBudget: 0.2}
	d.plan.LoadBalancer = b
	s.Integer("layer", &b.Layer)
	word(s, "algorithm", &b.Algorithm, pick.Algorithms()...)
	s.open("health_check", "health_check", d.healthCheck)
	s.open("sticky_sessions", "sticky_sessions", func(s section) {
		b.Sticky = &Sticky{Cookie: "replica", TTL: 10 * time.Minute}
		s.Text("cookie", &b.Sticky.Cookie)
		s.Duration("ttl", &b.Sticky.TTL)
	})
	s.Duration("slow_start", &b.SlowStart)
	s.Integer("retries", &b.Retries)
	read(s, "retry_budget", &b.RetryBudget, parseShare)
}

// healthCheck reads both ways of finding out how replicas are: to ask them, and to see how
// requests end.
func (d *decoder) healthCheck(s section) {
	b := d.plan.LoadBalancer
	check := HealthCheck{Path: "/healthz", Interval: time.Second, UnhealthyAfter: 2, HealthyAfter: 2}
	b.EjectFor = 10 * time.Second
	s.Text("path", &check.Path)
	never := false
	read(s, "interval", &check.Interval, func(text string) (time.Duration, error) {
		if never = text == "never"; never {
			return 0, nil
		}
		return document.ParseDuration(text)
	})
	check.Timeout = check.Interval
	s.Duration("timeout", &check.Timeout)
	s.Integer("unhealthy_after", &check.UnhealthyAfter)
	s.Integer("healthy_after", &check.HealthyAfter)
	read(s, "passive", &b.Passive, parsePassive)
	s.Duration("eject_for", &b.EjectFor)
	if !never {
		b.HealthCheck = &check
	}
}

// parsePassive reads how many failures eject a replica; true is three.
func parsePassive(text string) (int, error) {
	if on, err := document.ParseBool(text); err == nil {
		if on {
			return 3, nil
		}
		return 0, nil
	}
	n, err := document.ParseWhole(text)
	if err != nil || n < 1 || n > 1000 {
		return 0, document.Unreadable(document.Quote(text)+" says neither whether failures eject a replica nor how many do",
			"write true, false or a number from 1 to 1000", "true, false or a number")
	}
	return int(n), nil
}

func (d *decoder) database(s section) {
	db := &Database{Read: law("exponential:10ms"), Write: law("exponential:12ms"), Pool: Pool{Max: 20, MaxWait: 200 * time.Millisecond}}
	d.plan.Database = db
	engine := "embedded"
	word(s, "engine", &engine, "embedded")
	s.Text("machine", &db.Machine)
	s.law("read", &db.Read)
	s.law("write", &db.Write)
	s.open("pool", "pool", func(s section) {
		s.Integer("max", &db.Pool.Max)
		s.Duration("max_wait", &db.Pool.MaxWait)
	})
}

func (d *decoder) cache(s section) {
	c := &Cache{
		Strategy: cache.CacheAside, Eviction: cache.LRU, Capacity: 1000, TTL: 30 * time.Second, Protection: cache.None,
	}
	d.plan.Cache = c
	engine := "embedded"
	word(s, "engine", &engine, "embedded", "redis")
	s.words("addresses", &c.Addresses)
	s.Integer("nodes", &c.Nodes)
	s.Text("machine", &c.Machine)
	if c.Machine != "" {
		c.Work = law("constant:1ms")
	}
	s.law("work", &c.Work)
	word(s, "strategy", &c.Strategy, cache.CacheAside, cache.ReadThrough, cache.WriteThrough, cache.WriteBehind)
	word(s, "eviction", &c.Eviction, cache.LRU, cache.LFU, cache.FIFO, cache.WTinyLFU)
	s.Integer("capacity", &c.Capacity)
	s.Duration("ttl", &c.TTL)
	read(s, "jitter", &c.Jitter, parseShare)
	word(s, "stampede_protection", &c.Protection, cache.None, cache.Lock, cache.Early, cache.Probabilistic, cache.Background)
	s.Flag("single_flight", &c.SingleFlight)
	s.cacheEngine(engine, c)
}

// cacheEngine reports what does not go with the engine.
func (s section) cacheEngine(engine string, c *Cache) {
	forbid := func(key, hint, format string, args ...any) {
		if f, ok := s.Fields[key]; ok {
			f.At = s.KeyPlaces[f.Path]
			s.Wrong(f, hint, format, args...)
		}
	}
	switch {
	case engine == "redis":
		if !s.has("addresses") {
			s.Wrong(s.Fields["engine"], `add addresses: ["127.0.0.1:6379"]`, "the engine redis needs the addresses of servers")
		}
		forbid("nodes", "remove it: there are as many as addresses", "nodes are started here, but the engine is redis")
		forbid("machine", "remove it", "the user's own servers are on no modelled machine")
	case len(c.Addresses) > 0:
		forbid("addresses", "add engine: redis", "addresses are of the user's own servers, but the engine is embedded")
	}
}
