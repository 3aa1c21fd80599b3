package demoserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/demo-server/events"
	"github.com/floodmark/floodmark/demo-server/node"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// Scaled is what became of a change of replicas.
type Scaled struct {
	Part    string   `json:"part"`
	From    int      `json:"from"`
	To      int      `json:"to"`
	Started []string `json:"started,omitempty"` // hosts
	Stopped []string `json:"stopped,omitempty"` // hosts
}

// Scale changes how many replicas of a part there are. It returns when new ones are known
// to those that call them, and when old ones have ended what they had.
func (s *Server) Scale(ctx context.Context, part string, replicas int) (Scaled, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	before := s.Plan()
	after, err := before.Scaled(part, replicas)
	if err != nil {
		return Scaled{}, orderError(err.Error())
	}
	scaled := Scaled{Part: part, From: len(before.Nodes(part)), To: replicas}
	if scaled.From == scaled.To {
		return scaled, nil
	}
	if replicas > scaled.From {
		scaled.Started, err = s.grow(after, part) //nolint:contextcheck // what is begun is brought to its end, whoever asked for it
	} else {
		scaled.Stopped, err = s.shrink(ctx, after, part)
	}
	if err == nil {
		s.events.Add(events.Scaled, part, fmt.Sprintf("%s is scaled from %d to %d", part, scaled.From, scaled.To))
	}
	return scaled, err
}

// grow starts what is in the plan and not there, and lets callers know.
func (s *Server) grow(after *topology.Plan, part string) (started []string, err error) {
	for _, host := range missing(after, s.Plan()) {
		if err := s.add(host); err != nil {
			for _, name := range started {
				err = errors.Join(err, s.hosts.Remove(context.Background(), name))
			}
			s.forget(part, s.Plan())
			return nil, err
		}
		started = append(started, host.Name)
	}
	s.become(after)
	for _, name := range started {
		s.troubles.catchUp(name) // what is the whole part's is theirs as well now
	}
	return started, s.tellPeers(part)
}

// shrink lets callers know of those that go, waits until they have nothing to do any
// more, and stops them.
func (s *Server) shrink(ctx context.Context, after *topology.Plan, part string) (stopped []string, err error) {
	gone := missing(s.Plan(), after)
	s.become(after)
	s.forget(part, after)
	err = s.tellPeers(part) //nolint:contextcheck // what is begun is brought to its end, whoever asked for it
	for _, host := range slices.Backward(gone) {
		err = errors.Join(err, s.hosts.Remove(ctx, host.Name))
		stopped = append(stopped, host.Name)
	}
	return stopped, err
}

// missing returns the hosts of one plan that are not in the other.
func missing(plan, other *topology.Plan) []topology.Host {
	there := other.Hosts()
	return slices.DeleteFunc(plan.Hosts(), func(h topology.Host) bool {
		return slices.ContainsFunc(there, func(o topology.Host) bool { return o.Name == h.Name })
	})
}

// become makes a plan the one that holds.
func (s *Server) become(plan *topology.Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = plan
}

// forget drops the addresses of nodes that are in the plan no more.
func (s *Server) forget(part string, plan *topology.Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	nodes := plan.Nodes(part)
	s.peers[part] = slices.DeleteFunc(slices.Clone(s.peers[part]), func(p node.Peer) bool {
		return !slices.ContainsFunc(nodes, func(n topology.Node) bool { return n.Name == p.Node })
	})
}

// tellPeers lets every host know where the nodes of a part are.
func (s *Server) tellPeers(part string) error {
	s.meeting.Lock()
	defer s.meeting.Unlock()
	s.mu.Lock()
	peers := map[string][]node.Peer{part: slices.Clone(s.peers[part])}
	s.mu.Unlock()
	return s.each(adminTimeout, func(ctx context.Context, _ string, host node.Client) error { return host.SetPeers(ctx, peers) })
}

// tellAllPeers lets a host that balances load know where all others are: it may have been
// started while some came or went.
func (s *Server) tellAllPeers(name string) {
	if !slices.Contains(s.hostsOf(topology.BalancerPart), name) && !slices.Contains(s.hostsOf(topology.FrontPart), name) {
		return
	}
	s.meeting.Lock()
	defer s.meeting.Unlock()
	s.mu.Lock()
	peers := maps.Clone(s.peers)
	s.mu.Unlock()
	err := s.tell(name, func(ctx context.Context, host node.Client) error { return host.SetPeers(ctx, peers) })
	if err != nil {
		s.log.Warn("peers", slog.String("host", name), slog.Any("error", err))
	}
}

// SetWeights changes how much replicas get of the load balancer, by their names.
func (s *Server) SetWeights(ctx context.Context, weights map[string]int) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	plan := s.Plan()
	switch {
	case plan.LoadBalancer == nil:
		return orderError("there is no load balancer, and so there are no weights")
	case !plan.LoadBalancer.Algorithm.Weighted():
		return orderError(fmt.Sprintf("the load balancer's algorithm %s does not heed weights; weighted_round_robin and weighted_least_connections do", plan.LoadBalancer.Algorithm))
	}
	for name, weight := range weights {
		if !slices.ContainsFunc(plan.Nodes(topology.WebPart), func(n topology.Node) bool { return n.Name == name }) {
			return orderError(fmt.Sprintf("there is no replica %q", name))
		}
		if weight < 1 || weight > 256 {
			return orderError(fmt.Sprintf("weight of %s is %d, want 1 to 256", name, weight))
		}
	}
	for _, host := range s.hostsOf(topology.BalancerPart) {
		instance, _ := s.hosts.Instance(host)
		if instance == nil {
			return fmt.Errorf("%s is down", host)
		}
		if err := s.host(instance).SetWeights(ctx, weights); err != nil {
			return err
		}
	}
	s.become(weighted(plan, weights)) // for a load balancer that is started again
	return nil
}

// weighted returns the plan with other weights of replicas.
func weighted(plan *topology.Plan, weights map[string]int) *topology.Plan {
	changed := *plan
	changed.Web.Overrides = slices.Clone(plan.Web.Overrides)
	for name, weight := range weights {
		i := slices.IndexFunc(changed.Web.Overrides, func(o topology.Override) bool { return o.Node == name })
		if i < 0 {
			i = len(changed.Web.Overrides)
			changed.Web.Overrides = append(changed.Web.Overrides, topology.Override{Node: name})
		}
		changed.Web.Overrides[i].Weight = weight
	}
	return &changed
}

// Purge lets the edges forget a path, or all that begin like one that ends with a star.
func (s *Server) Purge(ctx context.Context, path string) (int, error) {
	if s.Plan().CDN == nil {
		return 0, orderError("there is no content delivery network")
	}
	if !strings.HasPrefix(path, "/") {
		return 0, orderError(fmt.Sprintf("path is %q, want one that begins with /", path))
	}
	purged := 0
	for _, host := range s.hostsOf(topology.EdgePart) {
		instance, _ := s.hosts.Instance(host)
		if instance == nil {
			continue // it has nothing
		}
		n, err := s.host(instance).Purge(ctx, path)
		if err != nil {
			return purged, err
		}
		purged += n
	}
	return purged, nil
}

// byNumber orders web-2 before web-10.
func byNumber(a, b string) int {
	if x, y := number(a), number(b); x != y {
		return x - y
	}
	return strings.Compare(a, b)
}

func number(name string) int {
	n, err := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
	if err != nil {
		return 0
	}
	return n
}
