package faults

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// maxActive bounds the faults that are on at once: each costs every request a look.
const maxActive = 100

// A roster is which faults are on, for a Set as for Links. The zero value is empty.
type roster struct {
	mu     sync.Mutex
	lastID int
	// changed, if set, is called under mu when a fault begins or has ended, so that its
	// calls are in order.
	changed func(*fault)
	// active is replaced as a whole, under mu, so that a request reads it without a lock.
	active atomic.Pointer[[]*fault]
	lulls  atomic.Uint64 // how often the last fault went off
}

// A fault is one spec at work.
type fault struct {
	id      int
	spec    Spec
	since   time.Time
	expiry  *time.Timer   // nil: it stays until removed
	ended   chan struct{} // closed when it is off
	hits    atomic.Uint64
	drawn   atomic.Uint64 // delays, for their jitter
	errors  Spread
	reset   Spread
	mangled Spread
	lost    [maxLosses]Spread
}

func newFault(id int, spec Spec) *fault {
	f := &fault{id: id, spec: spec, since: time.Now(), ended: make(chan struct{})}
	for i := 1; i < maxLosses; i++ {
		f.lost[i].Hit(spec.Loss) // or the first packet of all would be lost every time it is sent
	}
	return f
}

// An Active fault is one that is on.
type Active struct {
	ID    int        `json:"id"`
	Fault string     `json:"fault"` // as ParseLine reads it
	Since time.Time  `json:"since"`
	Until *time.Time `json:"until,omitempty"` // nil: until it is removed
	Hits  uint64     `json:"hits"`            // requests (on a link: exchanges, connections) it fell on so far
}

// add switches a fault on, and off again after its lifetime.
func (r *roster) add(spec Spec) (Active, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	active := r.load()
	if len(active) == maxActive {
		return Active{}, fmt.Errorf("%d faults are on, which is the most; remove some first", maxActive)
	}
	r.lastID++
	f := newFault(r.lastID, spec)
	if lifetime := spec.Lifetime(); lifetime > 0 {
		f.expiry = time.AfterFunc(lifetime, func() { r.Remove(f.id) })
	}
	next := append(slices.Clone(active), f)
	r.active.Store(&next)
	if r.changed != nil {
		r.changed(f)
	}
	return f.describe(), nil
}

// Remove switches one fault off and reports whether it was on.
func (r *roster) Remove(id int) bool {
	return r.remove(func(f *fault) bool { return f.id == id }) > 0
}

// Clear switches all faults off and returns how many there were. What is held by a stall
// or a hang goes on; a delay or a slow body that has begun is suffered to its end.
func (r *roster) Clear() int {
	return r.remove(func(*fault) bool { return true })
}

func (r *roster) remove(chosen func(*fault) bool) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kept, removed []*fault
	for _, f := range r.load() {
		if chosen(f) {
			removed = append(removed, f)
		} else {
			kept = append(kept, f)
		}
	}
	r.active.Store(&kept)
	if len(kept) == 0 && len(removed) > 0 {
		r.lulls.Add(1)
	}
	for _, f := range removed {
		if f.expiry != nil {
			f.expiry.Stop()
		}
		close(f.ended)
		if r.changed != nil {
			r.changed(f)
		}
	}
	return len(removed)
}

// List returns the faults that are on, oldest first.
func (r *roster) List() []Active {
	active := r.load()
	list := make([]Active, len(active))
	for i, f := range active {
		list[i] = f.describe()
	}
	return list
}

// load returns the active faults, which nobody changes.
func (r *roster) load() []*fault {
	if active := r.active.Load(); active != nil {
		return *active
	}
	return nil
}

func (f *fault) describe() Active {
	a := Active{ID: f.id, Fault: f.spec.String(), Since: f.since, Hits: f.hits.Load()}
	if lifetime := f.spec.Lifetime(); lifetime > 0 {
		until := f.since.Add(lifetime)
		a.Until = &until
	}
	return a
}

// delay returns how long the fault's next delay is. Jitter is spread as evenly as shares
// are, for the same reason: the n-th delay stands at the fractional part of n golden ratios,
// and any few in a row have nearly the mean of all.
func (f *fault) delay() time.Duration {
	if f.spec.Jitter == 0 {
		return f.spec.Delay
	}
	const golden = 0x9e3779b97f4a7c15 // of 2^64
	at := float64(f.drawn.Add(1)*golden>>11) / (1 << 53)
	return f.spec.Delay + time.Duration((2*at-1)*float64(f.spec.Jitter))
}
