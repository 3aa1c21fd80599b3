package topology

import (
	"fmt"
	"slices"
)

// Scaled returns the plan with another number of replicas of a part. The plan itself
// stays as it is.
func (p *Plan) Scaled(part string, replicas int) (*Plan, error) {
	if replicas < 1 || replicas > maxReplicas {
		return nil, fmt.Errorf("%s=%d: want 1 to %d replicas", part, replicas, maxReplicas)
	}
	scaled := *p
	switch {
	case part == WebPart && p.LoadBalancer == nil:
		return nil, fmt.Errorf("%s cannot be scaled: nothing balances load between replicas (the topology has no load_balancer)", part)
	case part == WebPart:
		scaled.Web.Replicas = replicas
	case part == GatewayPart && p.Gateway != nil && p.Gateway.Replicas > 1 && replicas > 1:
		gateway := *p.Gateway
		gateway.Replicas = replicas
		scaled.Gateway = &gateway
	case part == GatewayPart && p.Gateway != nil:
		return nil, fmt.Errorf("%s can be scaled between 2 and %d, if it began with more than one: only then something balances load between them", part, maxReplicas)
	case !slices.Contains(p.Parts(), part):
		return nil, fmt.Errorf("there is no part %q; web can be scaled", part)
	default:
		return nil, fmt.Errorf("%s cannot be scaled while it runs; web can", part)
	}
	return &scaled, nil
}

// LinkNames returns every name of a link that a fault may have: between parts, between
// nodes, and between a part and a node.
func (p *Plan) LinkNames() []string {
	var names []string
	for _, link := range p.Links() {
		for _, from := range p.namesOf(link.From) {
			for _, to := range p.namesOf(link.To) {
				names = append(names, Link{from, to}.String())
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// namesOf returns the name of a part and those of its nodes.
func (p *Plan) namesOf(part string) []string {
	names := []string{part}
	for _, n := range p.Nodes(part) {
		names = append(names, n.Name)
	}
	return names
}
