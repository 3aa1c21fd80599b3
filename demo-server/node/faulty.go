package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// errNoGate is the answer to a cut of what is a test double behind a port of its own.
var errNoGate = errors.New("it cannot be cut off; cut the links to it")

// errNoHang is the answer to a hang of the same.
var errNoHang = errors.New("it cannot hang unless it is a process of its own; let the links to it hang")

// A Fault is one that is on somewhere in the backend. It ends when its owner says so.
type Fault struct {
	ID   int         `json:"id"` // the owner's
	Spec faults.Spec `json:"spec"`
}

// faulty are the faults that are on at a host, by the owner's ID, each with what it is at
// each node.
type faulty struct {
	mu sync.Mutex
	on map[int]map[*served]*ailment
}

// SetFaults makes the faults those that are on, of which each node takes what concerns
// it. One that is on already goes on as it is.
func (r *Running) SetFaults(on []Fault) error {
	r.faulty.mu.Lock()
	defer r.faulty.mu.Unlock()
	for id := range r.faulty.on {
		if !slices.ContainsFunc(on, func(f Fault) bool { return f.ID == id }) {
			r.recover(id)
		}
	}
	for _, f := range on {
		if r.faulty.on[f.ID] != nil {
			continue
		}
		if err := r.suffer(f); err != nil {
			return err
		}
	}
	r.slow(on)
	return nil
}

// suffer switches a fault on at every node that it concerns. faulty.mu is held.
func (r *Running) suffer(f Fault) error {
	if r.faulty.on == nil {
		r.faulty.on = make(map[int]map[*served]*ailment)
	}
	r.faulty.on[f.ID] = make(map[*served]*ailment)
	f.Spec.For = 0 // its owner ends it
	for _, s := range r.served {
		a, err := s.suffer(f.Spec)
		if err != nil {
			r.recover(f.ID)
			return fmt.Errorf("%s: %w", s.node.Name, err)
		}
		if a != nil {
			r.faulty.on[f.ID][s] = a
		}
	}
	return nil
}

// recover switches a fault off. faulty.mu is held.
func (r *Running) recover(id int) {
	for _, a := range r.faulty.on[id] {
		a.off()
	}
	delete(r.faulty.on, id)
}

// hits returns how often each fault has fallen on something at a node, by its ID.
func (r *Running) hits(s *served) map[int]uint64 {
	r.faulty.mu.Lock()
	defer r.faulty.mu.Unlock()
	counts := make(map[int]uint64)
	for id, at := range r.faulty.on {
		if a := at[s]; a != nil && a.hits != nil {
			counts[id] = a.hits()
		}
	}
	return counts
}

// An ailment is a fault at one node.
type ailment struct {
	off  func()
	hits func() uint64 // nil: nobody counts
}

// suffer switches a fault on at this node; nil: it does not concern the node.
func (s *served) suffer(spec faults.Spec) (*ailment, error) {
	switch {
	case spec.ForLink():
		if !s.from(spec.Link) {
			return nil, nil //nolint:nilnil // it is somebody else's
		}
		active, err := s.links.Add(spec)
		return &ailment{func() { s.links.Remove(active.ID) }, func() uint64 { return hits(s.links.List(), active.ID) }}, err
	case spec.Part != s.node.Part && spec.Part != s.node.Name:
		return nil, nil //nolint:nilnil // it is somebody else's
	case spec.Cut:
		if s.gate == nil {
			return nil, errNoGate
		}
		s.cuts++
		s.gate.Cut(true)
		return &ailment{off: s.uncut}, nil
	case !spec.ForHandler():
		return nil, nil //nolint:nilnil // it is the host's, or its owner's
	}
	spec.Part = ""
	if simple := (faults.Spec{Errors: spec.Errors, Delay: spec.Delay}); spec == simple && keepsPart(s.node.Part) {
		spec.Part = s.node.Part
	}
	active, err := s.faults.Add(spec)
	return &ailment{func() { s.faults.Remove(active.ID) }, func() uint64 { return hits(s.faults.List(), active.ID) }}, err
}

// uncut ends one cut; the node is in reach again after the last. faulty.mu is held.
func (s *served) uncut() {
	if s.cuts--; s.cuts == 0 {
		s.gate.Cut(false)
	}
}

// hits returns how often the fault of an ID has fallen on something.
func hits(list []faults.Active, id int) uint64 {
	for _, active := range list {
		if active.ID == id {
			return active.Hits
		}
	}
	return 0
}

// from reports whether a link begins at the node.
func (s *served) from(link string) bool {
	for _, name := range []string{s.node.Part, s.node.Name} {
		if len(link) > len(name) && link[:len(name)] == name && link[len(name)] == '-' {
			return true
		}
	}
	return false
}

// slow makes the machine as slow as the brown-outs have it.
func (r *Running) slow(on []Fault) {
	if r.machine == nil {
		return
	}
	speed := 1.0
	for _, f := range on {
		here := func(n topology.Node) bool { return f.Spec.Part == n.Part || f.Spec.Part == n.Name }
		if f.Spec.Brownout > 0 && slices.ContainsFunc(r.spec.Host.Nodes, here) {
			speed *= 1 - float64(f.Spec.Brownout)/float64(faults.All)
		}
	}
	r.machine.SetSpeed(speed)
}

// pause waits, or until the context or the host ends.
func (r *Running) pause(ctx context.Context, d time.Duration) error {
	return r.sleeper.Until(ctx, time.Now().Add(d))
}
