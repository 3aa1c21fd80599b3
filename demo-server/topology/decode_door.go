package topology

import (
	"time"

	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/limit"
	"github.com/floodmark/floodmark/profiles/document"
)

func (d *decoder) gateway(s section) {
	g := &Gateway{Replicas: 1}
	d.plan.Gateway = g
	s.Integer("replicas", &g.Replicas)
	s.open("auth", "auth", d.auth)
	s.words("public", &g.Public)
	for _, f := range s.named("scopes") {
		g.Scopes = append(g.Scopes, Scope{Pattern: keyOf(f, "gateway.scopes"), Needs: s.wordsOf(f)})
	}
	for _, f := range s.named("cache") {
		route := CachedRoute{Pattern: keyOf(f, "gateway.cache")}
		document.Convert(d.Decoder, f, &route.TTL, document.ParseDuration)
		g.Cache = append(g.Cache, route)
	}
	s.open("transform", "transform", func(s section) {
		for _, f := range s.named("set_headers") {
			value, _ := s.Scalar(f)
			if g.SetHeaders == nil {
				g.SetHeaders = map[string]string{}
			}
			name := keyOf(f, "gateway.transform.set_headers")
			g.SetHeaders[name] = value
			if document.LooksSecret(name) {
				d.secrets = append(d.secrets, value)
			}
		}
		s.words("remove_headers", &g.RemoveHeaders)
		s.words("remove_fields", &g.RemoveFields)
	})
	if s.has("access_log") {
		d.accessLog = new(bool)
		s.Flag("access_log", d.accessLog)
	}
}

func (d *decoder) auth(s section) {
	g := d.plan.Gateway
	s.open("jwt", "jwt", func(s section) {
		g.JWT = &JWT{Algorithm: "HS256", Issuer: "demo"}
		word(s, "algorithm", &g.JWT.Algorithm, "HS256", "RS256")
		s.Text("issuer", &g.JWT.Issuer)
		s.Text("audience", &g.JWT.Audience)
		s.Text("secret", &g.JWT.Secret)
		d.secrets = append(d.secrets, g.JWT.Secret)
	})
	s.words("api_keys", &g.APIKeys)
	d.secrets = append(d.secrets, g.APIKeys...)
}

func (d *decoder) rateLimit(s section) {
	l := &RateLimit{Per: PerIP, Store: InMemory}
	if g := d.plan.Gateway; g != nil && g.authenticates() {
		l.Per = PerUser
	}
	l.Algorithm = limit.TokenBucket
	d.plan.RateLimit = l
	word(s, "algorithm", &l.Algorithm, limit.Algorithms()...)
	word(s, "per", &l.Per, PerUser, PerKey, PerIP, Global)
	var rate quota
	read(s, "rate", &rate, parseQuota)
	l.Limit, l.Window = rate.requests, rate.per
	s.Integer("burst", &l.Burst)
	word(s, "store", &l.Store, InMemory, InRedis)
	s.Text("redis", &l.Redis)
}

// authenticates reports whether the gateway knows who asks.
func (g *Gateway) authenticates() bool { return g.JWT != nil || len(g.APIKeys) > 0 }

func (d *decoder) breakers(s section) {
	for _, part := range []string{PaymentPart, WeatherPart} {
		fallback := Queue
		if part == WeatherPart {
			fallback = StaleData
		}
		s.open(part, "breaker", func(s section) {
			b := Breaker{Part: part, FailureThreshold: 5, SuccessThreshold: 2, Timeout: 5 * time.Second, Fallback: NoFallback}
			s.Integer("failure_threshold", &b.FailureThreshold)
			s.Integer("success_threshold", &b.SuccessThreshold)
			s.Duration("timeout", &b.Timeout)
			s.Duration("call_timeout", &b.CallTimeout)
			s.Integer("bulkhead", &b.Bulkhead)
			word(s, "fallback", &b.Fallback, NoFallback, fallback)
			d.plan.Breakers = append(d.plan.Breakers, b)
		})
	}
}

func (d *decoder) cdn(s section) {
	c := &CDN{TTL: time.Minute}
	d.plan.CDN = c
	edge := Edge{RoundTrip: 10 * time.Millisecond, OriginRoundTrip: 80 * time.Millisecond}
	if f, ok := s.Fields["edges"]; ok && f.Node.Kind == document.Mapping {
		for _, f := range s.named("edges") {
			edge := edge
			edge.Name = keyOf(f, "cdn.edges")
			if s, ok := d.section(f, "edge"); ok {
				s.Text("clients", &edge.Clients)
				s.Duration("round_trip", &edge.RoundTrip)
				s.Duration("origin_round_trip", &edge.OriginRoundTrip)
			}
			c.Edges = append(c.Edges, edge)
		}
	} else if ok {
		for _, name := range s.wordsOf(f) {
			edge.Name = name
			c.Edges = append(c.Edges, edge)
		}
	}
	s.Duration("ttl", &c.TTL)
	s.Duration("stale_if_error", &c.StaleIfError)
	s.Number("price_per_gb", &c.PricePerGB)
}

func (d *decoder) thirdParties(s section) {
	s.open("payment", "payment", func(s section) {
		p := &Payment{Latency: law("constant:2ms")}
		d.plan.Payment = p
		s.law("latency", &p.Latency)
		declines := 0.0
		read(s, "declines", &declines, parseShare)
		p.Declines = faults.Share(declines*float64(faults.All) + 0.5)
		s.Duration("capture", &p.Capture)
	})
	s.open("weather", "weather", func(s section) {
		w := &Weather{Latency: law("constant:30ms")}
		d.plan.Weather = w
		s.law("latency", &w.Latency)
		rate := quota{60, time.Minute}
		read(s, "quota", &rate, func(text string) (quota, error) {
			if text == "none" {
				return quota{-1, time.Minute}, nil
			}
			return parseQuota(text)
		})
		w.Quota, w.Per = rate.requests, rate.per
		s.Duration("fresh", &w.Fresh)
	})
}

func (d *decoder) observability(s section) {
	o := &Observability{Logs: true, Sample: 1}
	d.plan.Observability = o
	logs := "json"
	word(s, "logs", &logs, "json", "none")
	o.Logs = logs == "json"
	read(s, "metrics", &o.Metrics, parseListen)
	s.open("traces", "traces", func(s section) {
		o.Traces = "traces.jsonl"
		s.Text("file", &o.Traces)
		read(s, "sample", &o.Sample, parseShare)
	})
}
