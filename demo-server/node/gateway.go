package node

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/floodmark/floodmark/demo-server/gateway"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/limit"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// gateway builds a gateway before the shop.
func (r *Running) gateway(s *served) (room, error) {
	plan, part := r.spec.Plan.Gateway, r.behind(topology.GatewayPart)
	upstream, err := r.peer(part)
	if err != nil {
		return room{}, err
	}
	limiter, err := r.limiter(s)
	if err != nil {
		return room{}, err
	}
	transport := s.transport(part)
	config := gateway.Config{
		Upstreams:      map[string]string{part: "http://" + upstream},
		Routes:         r.routes(),
		TrustForwarded: r.spec.Plan.Door() != topology.GatewayPart,
		Transport:      transport,
		JWT:            r.tokens(),
	}
	if plan.AccessLog {
		config.Log = r.log
	}
	for _, key := range plan.APIKeys {
		config.APIKeys = append(config.APIKeys, gateway.APIKey{Key: key, User: goods.DemoUser})
	}
	if limiter.Limiter != nil {
		config.RateLimit = limiter.Handler
	}
	g, err := gateway.New(config)
	if err != nil {
		return room{}, limiter.close(err)
	}
	return room{
		handler: g,
		outside: true,
		detail:  func() any { return gatewayStats{Gateway: g.Stats(), RateLimit: limiter.stats()} },
		drained: func(context.Context) error {
			transport.CloseIdleConnections()
			return limiter.close(g.Close())
		},
	}, nil
}

// gatewayStats is what a gateway says about itself.
type gatewayStats struct {
	Gateway   gateway.Stats `json:"gateway"`
	RateLimit *limit.Stats  `json:"rate_limit,omitempty"`
}

// tokens returns which tokens a gateway takes; nil: none.
func (r *Running) tokens() *gateway.JWT {
	plan := r.spec.Plan.Gateway.JWT
	if plan == nil {
		return nil
	}
	jwt := &gateway.JWT{Algorithm: plan.Algorithm, Issuer: plan.Issuer, Audience: plan.Audience}
	if plan.Algorithm == gateway.RS256 {
		jwt.JWKS = r.spec.Keys.JWKS
	} else {
		jwt.Secret = r.spec.Keys.Secret
	}
	return jwt
}

// checked reports whether a gateway asks who somebody is.
func checked(g *topology.Gateway) bool { return g != nil && (g.JWT != nil || len(g.APIKeys) > 0) }

// routes returns a route for every pattern that the plan says something about, and one
// for all else.
func (r *Running) routes() []gateway.Route {
	plan := r.spec.Plan.Gateway
	patterns := slices.Clone(plan.Public)
	for _, scope := range plan.Scopes {
		patterns = append(patterns, scope.Pattern)
	}
	for _, cached := range plan.Cache {
		patterns = append(patterns, cached.Pattern)
	}
	patterns = append(patterns, "/")
	slices.Sort(patterns)
	var routes []gateway.Route
	for _, pattern := range slices.Compact(patterns) {
		routes = append(routes, route(plan, pattern))
	}
	return routes
}

// route returns all that a plan says about a pattern.
func route(plan *topology.Gateway, pattern string) gateway.Route {
	at := gateway.Route{
		Pattern:        pattern,
		Public:         !checked(plan) || slices.Contains(plan.Public, pattern),
		SetRequest:     plan.SetHeaders,
		RemoveResponse: plan.RemoveHeaders,
		RemoveFields:   plan.RemoveFields,
	}
	for _, scope := range plan.Scopes {
		if scope.Pattern == pattern {
			at.Scopes = scope.Needs
		}
	}
	for _, cached := range plan.Cache {
		if cached.Pattern == pattern {
			at.Cache = cached.TTL
		}
	}
	return at
}

// A limiter is a rate limit with what belongs to it; the zero value is none.
type limiter struct {
	*limit.Limiter
	store *limit.Redis // nil: in memory
}

// limiter builds the plan's rate limit, for the node that it stands in.
func (r *Running) limiter(s *served) (limiter, error) {
	plan := r.spec.Plan.RateLimit
	if plan == nil {
		return limiter{}, nil
	}
	config := limit.Config{Policy: plan.Policy, Key: key(plan.Per), Sleeper: r.sleeper, Log: r.log}
	var l limiter
	var err error
	if plan.Store == topology.InRedis {
		addr := plan.Redis
		if addr == "" {
			if addr, err = r.peer(topology.LimitsPart); err != nil {
				return limiter{}, err
			}
		}
		if l.store, err = limit.NewRedis(limit.RedisConfig{Addr: addr, Dial: s.dial(topology.LimitsPart)}); err != nil {
			return limiter{}, err
		}
		config.Store = l.store
	}
	l.Limiter, err = limit.New(config)
	return l, err
}

// key returns whose a request is.
func key(per topology.Per) limit.Key {
	switch per {
	case topology.Global:
	case topology.PerIP:
		return limit.IP()
	case topology.PerKey:
		return limit.Header(gateway.KeyHeader)
	case topology.PerUser:
		address := limit.IP()
		return func(r *http.Request) string {
			if who, ok := gateway.IdentityOf(r.Context()); ok {
				return "user:" + who.User
			}
			return address(r)
		}
	}
	return limit.Global
}

// stats returns what the limiter has done; nil: there is none.
func (l limiter) stats() *limit.Stats {
	if l.Limiter == nil {
		return nil
	}
	stats := l.Stats()
	return &stats
}

// close frees what belongs to the limiter, and returns the error it is given or its own.
func (l limiter) close(err error) error {
	if l.store == nil {
		return err
	}
	if closed := l.store.Close(); err == nil {
		err = closed
	}
	return err
}

// limited builds a node, and puts the rate limit before it if it is the door and there is
// no gateway for that.
func (r *Running) limited(s *served, build func(*served) (room, error)) (room, error) {
	built, err := build(s)
	plan := r.spec.Plan
	if err != nil || plan.RateLimit == nil || plan.Gateway != nil || plan.Door() != s.node.Part {
		return built, err
	}
	inner, drained := built.detail, built.drained
	l, err := r.limiter(s)
	if err != nil {
		if drained != nil {
			err = errors.Join(err, drained(context.Background()))
		}
		return room{}, err
	}
	built.handler = l.Handler(built.handler)
	built.detail = func() any { return limitedStats{RateLimit: l.stats(), Behind: inner()} }
	built.drained = func(ctx context.Context) error {
		if drained == nil {
			return l.close(nil)
		}
		return l.close(drained(ctx))
	}
	return built, nil
}

// limitedStats is what a node behind a rate limit says about itself.
type limitedStats struct {
	RateLimit *limit.Stats `json:"rate_limit"`
	Behind    any          `json:"behind"`
}
