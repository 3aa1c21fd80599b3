package node

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// build makes the room of a node.
func (r *Running) build(s *served) (room, error) {
	switch s.node.Part {
	case topology.PaymentPart:
		return r.payment(s)
	case topology.WeatherPart:
		return r.weather(s)
	case topology.LimitsPart:
		return r.limits(s)
	case topology.DatabasePart:
		return r.database(s)
	case topology.CachePart:
		return r.cacheNode(s)
	case topology.WebPart:
		return r.limited(s, r.web)
	case topology.BalancerPart:
		return r.limited(s, r.balancer)
	case topology.GatewayPart:
		return r.gateway(s)
	case topology.FrontPart:
		return r.front(s)
	case topology.EdgePart:
		return r.edge(s)
	case topology.RouterPart:
		return r.limited(s, r.router)
	}
	return room{}, fmt.Errorf("nobody knows the part %q", s.node.Part)
}

// behind returns the part that a part in front of the shop hands its requests to.
func (r *Running) behind(part string) string {
	for _, link := range r.spec.Plan.Links() {
		if link.From == part && link.To != topology.LimitsPart && (part != topology.RouterPart || link.To != topology.EdgePart) {
			return link.To
		}
	}
	return topology.WebPart
}

const (
	dialTimeout = 2 * time.Second
	// idleAtPeer is less than the idle timeout of our servers, so that hardly ever a request
	// meets a connection that is being closed.
	idleAtPeer = 90 * time.Second
	maxIdle    = 1024 // connections that are kept to one peer
)

// dial returns how a node makes connections to a part, with what goes wrong on the way.
func (s *served) dial(part string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return s.links.Dial(faults.End{Part: part}, (&net.Dialer{Timeout: dialTimeout}).DialContext)
}

// transport returns the connections of a node to a part. They are closed with the room.
func (s *served) transport(part string) *http.Transport {
	return &http.Transport{
		DialContext:         s.dial(part),
		DisableCompression:  true,
		MaxIdleConnsPerHost: maxIdle,
		IdleConnTimeout:     idleAtPeer,
	}
}
