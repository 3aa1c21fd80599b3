package main

import (
	"context"

	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/targets"
)

// senders is how a run's users send: what they share, and a sender for each.
type senders struct {
	protocol targets.Protocol
	next     func() sender
	close    func()
}

// A sender is one user's, and is closed when the user ends.
type sender interface {
	loadgen.Sender
	Close()
}

// senders makes the way to send, after asking the target which protocol it speaks
// if the profile leaves that open. It must be closed.
func (c *plan) senders(ctx context.Context) (senders, error) {
	protocol, err := targets.ParseProtocol(c.profile.Target.Protocol)
	if err != nil {
		return senders{}, usageFault(err)
	}
	if protocol == targets.Auto {
		protocol = c.negotiate(ctx)
	}
	if protocol == targets.H1 && c.profile.Target.Client != "std" {
		pool := c.target.NewPool()
		return senders{protocol, func() sender { return pool.NewClient() }, pool.Close}, nil
	}
	transport, err := c.target.NewTransport(protocol)
	if err != nil {
		return senders{}, usageFault(err)
	}
	transport.MaxConnections = c.profile.Target.Connections.Max
	return senders{protocol, func() sender { return transport.NewClient() }, transport.Close}, nil
}

// negotiate asks each TLS address of the plan once. It is HTTP/2 if all of them
// prefer that. One that does not answer will say so to whoever asks it next.
func (c *plan) negotiate(ctx context.Context) targets.Protocol {
	asked := map[string]bool{}
	for _, probe := range c.probes {
		address := probe.request.Address()
		if asked[address] {
			continue
		}
		asked[address] = true
		protocol, err := c.target.Negotiate(ctx, probe.request)
		if err != nil || protocol != targets.H2 {
			return targets.H1
		}
	}
	return targets.H2
}

// maxUsers returns how many users the open model may have, 0 for any number: with
// a protocol of one request at a time, as many as connections.
func (c *plan) maxUsers(p targets.Protocol) int {
	if p != targets.H1 || c.target.Connections.Shared {
		return 0
	}
	return c.profile.Target.Connections.Max
}
