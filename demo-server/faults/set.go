// Package faults makes a server misbehave on request, while it runs.
//
// It knows HTTP and nothing of what the server does, so any handler can be wrapped, in
// a test as well as in the demo server. It does not know when to misbehave either: a
// person or a script says so, through the set or its HTTP API.
//
// The main type is [Set], the faults that are on. A fault is read from words by
// [Parse] into a [Spec] and switched on by Set.Add; each request through Set.Handler
// then collects what the faults that match it do to it, suffers that, and is handled,
// or not. [Admin] serves the set over HTTP, for [Client] and curl.
package faults

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxActive bounds the faults that are on at once: each costs every request a look.
const maxActive = 100

// A Set holds the faults that are on. The zero value is an empty set. Its methods may
// be called by any number of goroutines at once; the exported fields are set before the
// first use.
type Set struct {
	// Parts are the names that a fault's part= may have.
	Parts []string
	// Freeze, if set, is called when a stall of the whole server begins or ends, with the
	// time that is left of the longest one on: whoever holds requests that passed the
	// handler's entrance before it began holds them as well.
	Freeze func(time.Duration)

	mu     sync.Mutex
	lastID int
	// active is replaced as a whole, under mu, so that a request reads it without a lock.
	active atomic.Pointer[[]*fault]
}

// A fault is one spec at work.
type fault struct {
	id      int
	spec    Spec
	since   time.Time
	expiry  *time.Timer   // nil: it stays until removed
	ended   chan struct{} // closed when it is off
	hits    atomic.Uint64
	errors  Spread
	reset   Spread
	mangled Spread
}

// An Active fault is one that is on.
type Active struct {
	ID    int        `json:"id"`
	Fault string     `json:"fault"` // as ParseLine reads it
	Since time.Time  `json:"since"`
	Until *time.Time `json:"until,omitempty"` // nil: until it is removed
	Hits  uint64     `json:"hits"`            // requests it fell on so far
}

// Add switches a fault on, and off again after its lifetime.
func (s *Set) Add(spec Spec) (Active, error) {
	if err := spec.validate(); err != nil {
		return Active{}, err
	}
	if spec.Part != "" && !slices.Contains(s.Parts, spec.Part) {
		return Active{}, fmt.Errorf("unknown part %q; this server has: %s", spec.Part, strings.Join(s.Parts, ", "))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	active := s.load()
	if len(active) == maxActive {
		return Active{}, fmt.Errorf("%d faults are on, which is the most; remove some first", maxActive)
	}
	s.lastID++
	f := &fault{id: s.lastID, spec: spec, since: time.Now(), ended: make(chan struct{})}
	if lifetime := spec.lifetime(); lifetime > 0 {
		f.expiry = time.AfterFunc(lifetime, func() { s.Remove(f.id) })
	}
	next := append(slices.Clone(active), f)
	s.active.Store(&next)
	s.freeze(f)
	return f.describe(), nil
}

// Remove switches one fault off and reports whether it was on.
func (s *Set) Remove(id int) bool {
	return s.remove(func(f *fault) bool { return f.id == id }) > 0
}

// Clear switches all faults off and returns how many there were. Requests held by a stall
// go on; a delay or a slow body that has begun is suffered to its end.
func (s *Set) Clear() int {
	return s.remove(func(*fault) bool { return true })
}

func (s *Set) remove(chosen func(*fault) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept, removed []*fault
	for _, f := range s.load() {
		if chosen(f) {
			removed = append(removed, f)
		} else {
			kept = append(kept, f)
		}
	}
	s.active.Store(&kept)
	for _, f := range removed {
		if f.expiry != nil {
			f.expiry.Stop()
		}
		close(f.ended)
		s.freeze(f)
	}
	return len(removed)
}

// freeze passes on that f, if it stalls the whole server, has begun or ended. The caller
// holds mu, which keeps the calls in order.
func (s *Set) freeze(f *fault) {
	if s.Freeze == nil || !f.freezes() {
		return
	}
	var left time.Duration
	for _, other := range s.load() {
		if other.freezes() {
			left = max(left, time.Until(other.since.Add(other.spec.Stall)))
		}
	}
	s.Freeze(left)
}

// freezes reports whether the fault stalls the whole server.
func (f *fault) freezes() bool { return f.spec.Stall > 0 && f.spec.Endpoint == "" }

// List returns the faults that are on, oldest first.
func (s *Set) List() []Active {
	active := s.load()
	list := make([]Active, len(active))
	for i, f := range active {
		list[i] = f.describe()
	}
	return list
}

// Part returns what the faults of a part do to it now: the share of its calls that
// fail, the largest where several faults name it, and the delay, their sum.
func (s *Set) Part(name string) (failing Share, delay time.Duration) {
	for _, f := range s.load() {
		if f.spec.Part == name {
			failing = max(failing, f.spec.Errors)
			delay += f.spec.Delay
			f.hits.Add(1)
		}
	}
	return failing, delay
}

// load returns the active faults, which nobody changes.
func (s *Set) load() []*fault {
	if active := s.active.Load(); active != nil {
		return *active
	}
	return nil
}

func (f *fault) describe() Active {
	a := Active{ID: f.id, Fault: f.spec.String(), Since: f.since, Hits: f.hits.Load()}
	if lifetime := f.spec.lifetime(); lifetime > 0 {
		until := f.since.Add(lifetime)
		a.Until = &until
	}
	return a
}
