package node

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/shop"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// drainTime is how long a backend that is taken away may take to end what it has.
const drainTime = 5 * time.Second

// BalancerConfig returns how the plan's load balancer hands requests to the replicas that
// are at these addresses; the plan must have one. What only a running balancer needs, such
// as how it dials, is left out.
func BalancerConfig(plan *topology.Plan, peers []Peer) balance.Config {
	lb := plan.LoadBalancer
	config := balance.Config{
		Layer:     lb.Layer,
		Algorithm: lb.Algorithm,
		Ejection:  balance.Ejection{Failures: lb.Passive, For: lb.EjectFor, ServerErrors: true},
		SlowStart: lb.SlowStart,
		Retries:   lb.Retries,
		Budget:    balance.Budget{Share: lb.RetryBudget},
		// It is the door, or whoever stands before it is a hop of ours.
		TrustForwarded: lb.Layer == balance.Requests && plan.Door() != topology.BalancerPart,
	}
	if check := lb.HealthCheck; check != nil {
		config.Check = balance.Check{
			Path: check.Path, Interval: check.Interval, Timeout: check.Timeout,
			UnhealthyAfter: check.UnhealthyAfter, HealthyAfter: check.HealthyAfter,
		}
	}
	if lb.Sticky != nil {
		config.Sticky = balance.Sticky{Cookie: lb.Sticky.Cookie, TTL: lb.Sticky.TTL}
	}
	if lb.Algorithm == pick.ResourceBased {
		config.Utilisation.Header = shop.UtilisationHeader
	}
	for _, peer := range peers {
		override, _ := plan.Override(peer.Node)
		config.Backends = append(config.Backends, balance.Backend{Name: peer.Node, Address: peer.Addr, Weight: override.Weight})
	}
	return config
}

// balancer builds the load balancer before the replicas.
func (r *Running) balancer(s *served) (room, error) {
	return r.balance(s, topology.WebPart, BalancerConfig(r.spec.Plan, nil))
}

// front builds the balancer before several gateways.
func (r *Running) front(s *served) (room, error) {
	return r.balance(s, topology.GatewayPart, balance.Config{
		Layer:    balance.Connections,
		Check:    balance.Check{Interval: 500 * time.Millisecond},
		Ejection: balance.Ejection{Failures: 2, For: time.Second},
		Retries:  1,
	})
}

// balance builds a balancer before the nodes of a part.
func (r *Running) balance(s *served, part string, config balance.Config) (room, error) {
	b := &backends{running: r, part: part, names: map[string]string{}, weights: map[string]int{}}
	config.Seed = r.seed(s.node.Name)
	config.Backends = b.of(r.peers(part))
	config.Dial = b.dial(s)
	config.Log = r.log
	var err error
	if b.balancer, err = balance.New(config); err != nil {
		return room{}, err
	}
	built := room{
		detail:  func() any { return b.balancer.Stats() },
		peers:   b.change,
		weights: b.weigh,
		drained: b.balancer.Shutdown,
	}
	if config.Layer == balance.Connections {
		built.serve = b.balancer.Serve
		return built, nil
	}
	built.handler, built.outside = b.balancer, true
	return built, nil
}

// backends are the nodes that a balancer hands requests to.
type backends struct {
	running  *Running
	part     string
	balancer *balance.Balancer

	mu      sync.Mutex
	names   map[string]string // of backends, by their addresses
	weights map[string]int    // that somebody has changed, by name
}

// of returns peers as the balancer has them.
func (b *backends) of(peers []Peer) []balance.Backend {
	list := make([]balance.Backend, len(peers))
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, peer := range peers {
		b.names[peer.Addr] = peer.Node
		override, _ := b.running.spec.Plan.Override(peer.Node)
		list[i] = balance.Backend{Name: peer.Node, Address: peer.Addr, Weight: cmp.Or(b.weights[peer.Node], override.Weight)}
	}
	return list
}

// dial makes connections under the faults of the link to whichever backend has the address.
func (b *backends) dial(s *served) func(ctx context.Context, network, address string) (net.Conn, error) {
	return s.links.DialBy(func(address string) faults.End {
		return faults.End{Part: b.part, Node: b.name(address)}
	}, (&net.Dialer{Timeout: dialTimeout}).DialContext)
}

// name returns whose an address is.
func (b *backends) name(address string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.names[address]
}

// change takes in backends that are new, and lets go of those that are not there any
// more: it returns when they have ended what they had.
func (b *backends) change(ctx context.Context, part string, peers []Peer) error {
	if part != b.part {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	var errs []error
	now := b.balancer.Stats().Backends
	for _, backend := range b.of(peers) {
		there := slices.ContainsFunc(now, func(s balance.BackendStats) bool {
			return s.Name == backend.Name && s.State != balance.Draining
		})
		if !there {
			errs = append(errs, b.balancer.Add(backend)) //nolint:contextcheck // its health checks outlive the change
		}
	}
	for _, s := range now {
		wanted := slices.ContainsFunc(peers, func(p Peer) bool { return p.Node == s.Name })
		if !wanted && s.State != balance.Draining {
			if err := b.balancer.Drain(ctx, s.Name); !errors.Is(err, context.DeadlineExceeded) {
				errs = append(errs, err) // else it is cut off when it stops
			}
		}
	}
	return errors.Join(errs...)
}

// weigh changes the weights of backends, by name.
func (b *backends) weigh(weights map[string]int) error {
	var errs []error
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, weight := range weights {
		if err := b.balancer.SetWeight(name, weight); err != nil {
			errs = append(errs, err)
			continue
		}
		b.weights[name] = weight
	}
	return errors.Join(errs...)
}
