package node

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/floodmark/floodmark/demo-server/edge"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// edge builds one edge of the content delivery network.
func (r *Running) edge(s *served) (room, error) {
	plan, part := r.spec.Plan.CDN, r.behind(topology.EdgePart)
	origin, err := r.peer(part)
	if err != nil {
		return room{}, err
	}
	transport := s.transport(part)
	place := plan.Edges[s.node.Index-1]
	e, err := edge.New(edge.Config{
		Name:         place.Name,
		Origin:       "http://" + origin,
		DefaultTTL:   plan.TTL,
		StaleIfError: plan.StaleIfError,
		RoundTrip:    place.OriginRoundTrip,
		Sleeper:      r.sleeper,
		Transport:    transport,
		PricePerGB:   plan.PricePerGB,
		Log:          r.log,
	})
	if err != nil {
		return room{}, err
	}
	return room{
		handler: e,
		outside: true,
		detail:  func() any { return e.Stats() },
		purge:   func(path string) int { return purge(e, path) },
		drained: func(context.Context) error {
			transport.CloseIdleConnections()
			return e.Close()
		},
	}, nil
}

// purge forgets a path, or all that begin like one that ends with a star.
func purge(e *edge.Edge, path string) int {
	if prefix, ok := strings.CutSuffix(path, "*"); ok {
		return e.PurgePrefix(prefix)
	}
	return e.Purge(path)
}

// router builds what takes clients to their edge.
func (r *Running) router(s *served) (room, error) {
	origin, err := r.peer(r.behind(topology.EdgePart))
	if err != nil {
		return room{}, err
	}
	var routes []edge.Route
	for _, place := range r.spec.Plan.CDN.Edges {
		addr, err := r.edgeAddr(place.Name)
		if err != nil {
			return room{}, err
		}
		at := edge.Route{
			Name: place.Name, URL: "http://" + addr,
			RoundTrip: place.RoundTrip, OriginRoundTrip: place.RoundTrip + place.OriginRoundTrip,
		}
		if place.Clients != "" {
			prefix, err := netip.ParsePrefix(place.Clients)
			if err != nil {
				return room{}, err
			}
			at.Clients = []netip.Prefix{prefix}
		}
		routes = append(routes, at)
	}
	router, err := edge.NewRouter(edge.RouterConfig{
		Origin: "http://" + origin, Routes: routes, Sleeper: r.sleeper, Log: r.log, Dial: s.dial(topology.EdgePart),
	})
	if err != nil {
		return room{}, err
	}
	return room{
		handler: router,
		outside: true,
		detail:  func() any { return router.Stats() },
		drained: func(context.Context) error { return router.Close() },
	}, nil
}

// edgeAddr returns where the edge of a name is.
func (r *Running) edgeAddr(name string) (string, error) {
	for _, peer := range r.peers(topology.EdgePart) {
		if peer.Node == topology.EdgePart+"-"+name {
			return peer.Addr, nil
		}
	}
	return "", fmt.Errorf("nobody has said where the edge %s is", name)
}
