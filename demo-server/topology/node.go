package topology

import (
	"slices"
	"strconv"
)

// The names of parts, in faults, metrics and diagrams. A part with several nodes
// numbers them from 1, as web-2; a part that can have one alone is its own node.
const (
	WebPart      = "web"
	DatabasePart = "database"
	CachePart    = "cache"
	BalancerPart = "balancer" // the load balancer before the replicas
	GatewayPart  = "gateway"
	FrontPart    = "front" // the layer 4 balancer before several gateways
	EdgePart     = "edge"
	RouterPart   = "router" // takes clients to their edge
	PaymentPart  = "payment"
	WeatherPart  = "weather"
	LimitsPart   = "limits" // the stand-in for Redis where gateways count together
)

// A Node is one server of a part: it has an address of its own.
type Node struct {
	Name  string // web-2
	Part  string // web
	Index int    // from 1
}

// A Host is what starts and dies as one: a machine with all the nodes on it, or a node
// that needs no machine.
type Host struct {
	Name    string   // web-2, db-1, gateway
	Machine *Machine // with the speed of this very machine; nil: its nodes take what the computer gives
	Nodes   []Node
}

// Hosts returns all hosts, those that are called before their callers.
//
// A machine is there as often as the part on it with the most replicas; a part with
// fewer is on the first ones. So two parts on one machine share its cores, and a web
// server of four replicas on a machine has four of these machines.
func (p *Plan) Hosts() []Host {
	var hosts []Host
	for _, part := range p.Parts() {
		for _, node := range p.Nodes(part) {
			hosts = p.place(hosts, node)
		}
	}
	return hosts
}

// place puts a node on its host, which may be there already.
func (p *Plan) place(hosts []Host, node Node) []Host {
	name := p.machineOf(node.Part)
	if name == "" {
		return append(hosts, Host{Name: node.Name, Nodes: []Node{node}})
	}
	host := name + "-" + strconv.Itoa(node.Index)
	if i := slices.IndexFunc(hosts, func(h Host) bool { return h.Name == host && h.Machine != nil }); i >= 0 {
		hosts[i].Nodes = append(hosts[i].Nodes, node)
		return hosts
	}
	return append(hosts, Host{Name: host, Machine: p.machine(name, node), Nodes: []Node{node}})
}

// machine returns the machine that a node is on, as fast as that one is.
func (p *Plan) machine(name string, node Node) *Machine {
	i := slices.IndexFunc(p.Machines, func(m Machine) bool { return m.Name == name })
	if i < 0 {
		return nil // Parse has refused it
	}
	machine := p.Machines[i]
	if override, ok := p.Override(node.Name); ok && override.Speed > 0 {
		machine.Speed *= override.Speed
	}
	return &machine
}

// Override returns what makes a replica unlike the others.
func (p *Plan) Override(node string) (Override, bool) {
	i := slices.IndexFunc(p.Web.Overrides, func(o Override) bool { return o.Node == node })
	if i < 0 {
		return Override{}, false
	}
	return p.Web.Overrides[i], true
}

// machineOf returns the name of the machine that a part is on; empty: none.
func (p *Plan) machineOf(part string) string {
	switch part {
	case WebPart:
		return p.Web.Machine
	case DatabasePart:
		return p.Database.Machine
	case CachePart:
		return p.Cache.Machine
	}
	return ""
}

// Parts returns the parts that are there, those that are called before their callers.
func (p *Plan) Parts() []string {
	var parts []string
	for _, part := range []struct {
		name  string
		there bool
	}{
		{PaymentPart, p.Payment != nil},
		{WeatherPart, p.Weather != nil},
		{LimitsPart, p.RateLimit != nil && p.RateLimit.Store == InRedis && p.RateLimit.Redis == ""},
		{DatabasePart, p.Database != nil},
		{CachePart, p.Cache != nil && p.Cache.Nodes > 0},
		{WebPart, true},
		{BalancerPart, p.LoadBalancer != nil},
		{GatewayPart, p.Gateway != nil},
		{FrontPart, p.Gateway != nil && p.Gateway.Replicas > 1},
		{EdgePart, p.CDN != nil},
		{RouterPart, p.CDN != nil},
	} {
		if part.there {
			parts = append(parts, part.name)
		}
	}
	return parts
}

// Nodes returns the nodes of a part; none if it is not there.
func (p *Plan) Nodes(part string) []Node {
	if !slices.Contains(p.Parts(), part) {
		return nil
	}
	switch part {
	case WebPart:
		return numbered(part, p.Web.Replicas)
	case CachePart:
		return numbered(part, p.Cache.Nodes)
	case GatewayPart:
		if p.Gateway.Replicas > 1 {
			return numbered(part, p.Gateway.Replicas)
		}
	case EdgePart:
		var nodes []Node
		for i, edge := range p.CDN.Edges {
			nodes = append(nodes, Node{Name: part + "-" + edge.Name, Part: part, Index: i + 1})
		}
		return nodes
	}
	return []Node{{Name: part, Part: part, Index: 1}}
}

func numbered(part string, n int) []Node {
	nodes := make([]Node, n)
	for i := range nodes {
		nodes[i] = Node{Name: part + "-" + strconv.Itoa(i+1), Part: part, Index: i + 1}
	}
	return nodes
}

// Door returns the part that clients reach.
func (p *Plan) Door() string {
	parts := p.Parts()
	return parts[len(parts)-1]
}

// A Link is a way from one part to another.
type Link struct{ From, To string }

// String returns the link as a fault names it: web-database.
func (l Link) String() string { return l.From + "-" + l.To }

// Links returns all ways between parts, from the door on.
func (p *Plan) Links() []Link {
	parts := p.Parts()
	has := func(part string) bool { return slices.Contains(parts, part) }
	var links []Link
	door := parts[slices.Index(parts, WebPart):] // web, and what may stand before it
	for i := len(door) - 1; i > 0; i-- {
		links = append(links, Link{door[i], door[i-1]})
	}
	if has(RouterPart) { // the router falls back on the origin that edges ask
		links = slices.Insert(links, 1, Link{RouterPart, links[1].To})
	}
	if has(LimitsPart) {
		links = append(links, Link{p.limiting(), LimitsPart})
	}
	for _, part := range []string{CachePart, DatabasePart, PaymentPart, WeatherPart} {
		if has(part) {
			links = append(links, Link{WebPart, part})
		}
	}
	return links
}

// limiting returns the part that the rate limit stands in.
func (p *Plan) limiting() string {
	if p.Gateway != nil {
		return GatewayPart
	}
	return p.Door()
}
