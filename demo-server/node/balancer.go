package node

import (
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

// balancer builds the load balancer before the replicas.
func (r *Running) balancer(s *served) (room, error) {
	plan := r.spec.Plan.LoadBalancer
	config := balance.Config{
		Layer:     plan.Layer,
		Algorithm: plan.Algorithm,
		Ejection:  balance.Ejection{Failures: plan.Passive, For: plan.EjectFor, ServerErrors: true},
		SlowStart: plan.SlowStart,
		Retries:   plan.Retries,
		Budget:    balance.Budget{Share: plan.RetryBudget},
		// It is the door, or whoever stands before it is a hop of ours.
		TrustForwarded: plan.Layer == balance.Requests && r.spec.Plan.Door() != topology.BalancerPart,
	}
	if check := plan.HealthCheck; check != nil {
		config.Check = balance.Check{
			Path: check.Path, Interval: check.Interval, Timeout: check.Timeout,
			UnhealthyAfter: check.UnhealthyAfter, HealthyAfter: check.HealthyAfter,
		}
	}
	if plan.Sticky != nil {
		config.Sticky = balance.Sticky{Cookie: plan.Sticky.Cookie, TTL: plan.Sticky.TTL}
	}
	if plan.Algorithm == pick.ResourceBased {
		config.Utilisation.Header = shop.UtilisationHeader
	}
	return r.balance(s, topology.WebPart, config)
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
	b := &backends{running: r, part: part, names: map[string]string{}}
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

	mu    sync.Mutex
	names map[string]string // of backends, by their addresses
}

// of returns peers as the balancer has them.
func (b *backends) of(peers []Peer) []balance.Backend {
	list := make([]balance.Backend, len(peers))
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, peer := range peers {
		b.names[peer.Addr] = peer.Node
		override, _ := b.running.spec.Plan.Override(peer.Node)
		list[i] = balance.Backend{Name: peer.Node, Address: peer.Addr, Weight: override.Weight}
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
			errs = append(errs, b.balancer.Add(backend))
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
	for name, weight := range weights {
		errs = append(errs, b.balancer.SetWeight(name, weight))
	}
	return errors.Join(errs...)
}
