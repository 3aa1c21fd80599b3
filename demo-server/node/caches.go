package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/floodmark/floodmark/demo-server/cache"
	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/limit"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// errInjected is the answer of a cache node that is to fail.
var errInjected = errors.New("ERR injected fault")

// limits builds the stand-in for Redis in which gateways count together.
func (r *Running) limits(s *served) (room, error) {
	standIn, err := limit.StartStandIn(r.spec.Listen[s.node.Name])
	if err != nil {
		return room{}, err
	}
	return room{
		addr:    standIn.Addr(),
		detail:  func() any { return map[string]string{"stand_in": "miniredis"} },
		drained: func(context.Context) error { return standIn.Close() },
	}, nil
}

// cacheNode builds a server of the tier that replicas share: a stand-in for Redis.
func (r *Running) cacheNode(s *served) (room, error) {
	source := capacity.NewSource(r.spec.Plan.Cache.Work, r.seed(s.node.Name))
	var failing faults.Spread
	node, err := cache.StartNode(cache.NodeConfig{
		Addr: r.spec.Listen[s.node.Name],
		Seed: r.seed(s.node.Name),
		Work: func(ctx context.Context) error { return r.command(ctx, s, source, &failing) },
	})
	if err != nil {
		return room{}, err
	}
	return room{
		addr:    node.Addr(),
		detail:  func() any { return map[string]any{"stand_in": "miniredis", "keys": node.Keys()} },
		crash:   node.Kill,
		drained: func(context.Context) error { return node.Close() },
	}, nil
}

// command is the work of one command of a cache node, with what goes wrong.
func (r *Running) command(ctx context.Context, s *served, source *capacity.Source, failing *faults.Spread) error {
	share, delay := s.faults.Part(topology.CachePart)
	if failing.Hit(share) {
		return errInjected
	}
	work := source.Draw()
	if r.machine != nil {
		if _, err := r.machine.Do(ctx, work); err != nil {
			return fmt.Errorf("ERR %w", err)
		}
		work = 0
	}
	if wait := work + delay; wait > 0 {
		return r.pause(ctx, wait)
	}
	return nil
}
