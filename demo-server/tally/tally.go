// Package tally counts requests by how they ended.
package tally

import (
	"maps"
	"sync"
)

// A Tally counts what began, and how it ended. It has a lock rather than atomic counters
// so that its counts add up whenever they are read. The zero value is ready; all methods
// may be called at once.
type Tally[Outcome comparable] struct {
	mu     sync.Mutex
	counts Counts[Outcome]
}

// Begin counts one more under way.
func (t *Tally[Outcome]) Begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.InFlight++
}

// End counts the end of one that has begun.
func (t *Tally[Outcome]) End(how Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts.Ended == nil {
		t.counts.Ended = make(map[Outcome]uint64)
	}
	t.counts.InFlight--
	t.counts.Ended[how]++
}

// Read returns the counts of this moment.
func (t *Tally[Outcome]) Read() Counts[Outcome] {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Counts[Outcome]{InFlight: t.counts.InFlight, Ended: maps.Clone(t.counts.Ended)}
}

// Counts are those of one moment.
type Counts[Outcome comparable] struct {
	InFlight uint64
	Ended    map[Outcome]uint64
}

// Begun returns how many have begun: those under way, and those that ended.
func (c Counts[Outcome]) Begun() uint64 {
	sum := c.InFlight
	for _, n := range c.Ended {
		sum += n
	}
	return sum
}
