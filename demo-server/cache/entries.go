package cache

import (
	"sync/atomic"
	"time"

	gocache "github.com/Code-Hex/go-generics-cache"
	"github.com/Code-Hex/go-generics-cache/policy/fifo"
	"github.com/Code-Hex/go-generics-cache/policy/lfu"
	"github.com/Code-Hex/go-generics-cache/policy/lru"
	"github.com/maypok86/otter/v2"
)

// An entry is a value and what is known of it. It is never changed once it is kept, but
// for overwritten, under the cache's lock.
type entry struct {
	value       []byte
	expires     time.Time     // zero: never
	took        time.Duration // to load it
	overwritten bool          // a write went around the cache
}

// entries are those of this process, at most as many as their capacity. What is expired
// stays until it is replaced or evicted: it may still be of use when a load fails.
// One goroutine at a time may use it.
type entries interface {
	get(key string) (*entry, bool) // counts as a use
	put(key string, e *entry)
	drop(key string)
	len() int
}

// evictions counts the entries that made room for others.
type evictions = atomic.Uint64

// newEntries returns entries that are evicted in the given way.
func newEntries(eviction Eviction, capacity int, evicted *evictions) (entries, error) {
	if capacity < 0 {
		return nothing{}, nil
	}
	var p gocache.Interface[string, *holder]
	switch eviction {
	case WTinyLFU:
		return newTiny(capacity, evicted)
	case LFU:
		p = lfu.NewCache[string, *holder](lfu.WithCapacity(capacity))
	case FIFO:
		p = fifo.NewCache[string, *holder](fifo.WithCapacity(capacity))
	default:
		p = lru.NewCache[string, *holder](lru.WithCapacity(capacity))
	}
	return &policed{policy: p, capacity: capacity, evicted: evicted}, nil
}

// A holder keeps a key's place in its policy while its entry changes. Without it FIFO
// would put a key that is written again last, and in a full cache drop another for it.
type holder struct{ entry *entry }

// policed are entries under a policy of go-generics-cache, without that library's own
// expiry and the goroutine that comes with it.
type policed struct {
	policy   gocache.Interface[string, *holder]
	capacity int
	evicted  *evictions
}

func (p *policed) get(key string) (*entry, bool) {
	h, ok := p.policy.Get(key)
	if !ok {
		return nil, false
	}
	return h.entry, true
}

func (p *policed) put(key string, e *entry) {
	if h, ok := p.policy.Get(key); ok {
		h.entry = e
		return
	}
	if p.policy.Len() == p.capacity {
		p.evicted.Add(1)
	}
	p.policy.Set(key, &holder{e})
}

func (p *policed) drop(key string) { p.policy.Delete(key) }
func (p *policed) len() int        { return p.policy.Len() }

// tiny are entries under otter's W-TinyLFU.
type tiny struct{ cache *otter.Cache[string, *entry] }

func newTiny(capacity int, evicted *evictions) (*tiny, error) {
	c, err := otter.New(&otter.Options[string, *entry]{
		MaximumSize: capacity,
		Executor:    func(task func()) { task() }, // evicts at once, and leaves no goroutine behind
		OnAtomicDeletion: func(e otter.DeletionEvent[string, *entry]) {
			if e.WasEvicted() {
				evicted.Add(1)
			}
		},
	})
	return &tiny{c}, err
}

func (t *tiny) get(key string) (*entry, bool) { return t.cache.GetIfPresent(key) }
func (t *tiny) put(key string, e *entry)      { t.cache.Set(key, e) }
func (t *tiny) drop(key string)               { t.cache.Invalidate(key) }
func (t *tiny) len() int                      { return t.cache.EstimatedSize() }

// nothing keeps no entry.
type nothing struct{}

func (nothing) get(string) (*entry, bool) { return nil, false }
func (nothing) put(string, *entry)        {}
func (nothing) drop(string)               {}
func (nothing) len() int                  { return 0 }
