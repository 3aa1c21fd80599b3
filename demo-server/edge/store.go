package edge

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// A resource is what is kept under one key, newest first. It is never changed.
type resource struct {
	vary    []string
	objects []*object
	// unkept is until when nobody waits for another's answer: the last one was not to be
	// kept, and neither will the next be. It is only set when there are no objects.
	unkept time.Time
}

// unkept is for how long an answer that was not to be kept is remembered.
const unkept = 10 * time.Second

// A store keeps resources by the path and query of their URL, within so many bytes.
type store struct {
	cache *otter.Cache[string, *resource]
}

func newStore(bytes int64, evicted *atomic.Uint64) (*store, error) {
	cache, err := otter.New(&otter.Options[string, *resource]{
		MaximumWeight: uint64(bytes),
		Weigher: func(key string, r *resource) uint32 {
			n := len(key) + 256
			for _, o := range r.objects {
				n += o.size()
			}
			return uint32(min(n, math.MaxUint32))
		},
		Executor: func(task func()) { task() }, // evicts at once, and leaves no goroutine behind
		OnAtomicDeletion: func(e otter.DeletionEvent[string, *resource]) {
			if e.WasEvicted() {
				evicted.Add(1)
			}
		},
	})
	return &store{cache}, err
}

// find returns the object that is an answer to a request, or nil, and what there is of
// its resource.
func (s *store) find(key string, h http.Header) (*object, *resource) {
	r, ok := s.cache.GetIfPresent(key)
	if !ok {
		return nil, nil
	}
	for _, o := range r.objects {
		if o.matches(h) {
			return o, r
		}
	}
	return nil, r
}

// put keeps an object in place of the one it replaces. When the origin's answers have
// come to depend on other headers, the older ones are dropped.
func (s *store) put(key string, o *object) {
	s.cache.Compute(key, func(old *resource, found bool) (*resource, otter.ComputeOp) {
		next := &resource{vary: o.vary, objects: []*object{o}}
		if found && slices.Equal(old.vary, o.vary) {
			next.objects = append(next.objects, without(old.objects, o)...)
		}
		next.objects = next.objects[:min(len(next.objects), maxVariants)]
		return next, otter.WriteOp
	})
}

// note remembers that the answer was not to be kept, if there is no other that was.
func (s *store) note(key string, until time.Time) {
	s.cache.Compute(key, func(old *resource, found bool) (*resource, otter.ComputeOp) {
		if found && len(old.objects) > 0 {
			return old, otter.CancelOp
		}
		return &resource{unkept: until}, otter.WriteOp
	})
}

// drop removes one object.
func (s *store) drop(key string, o *object) {
	s.cache.ComputeIfPresent(key, func(old *resource) (*resource, otter.ComputeOp) {
		left := without(old.objects, o)
		if len(left) == 0 {
			return nil, otter.InvalidateOp
		}
		return &resource{vary: old.vary, objects: left}, otter.WriteOp
	})
}

// without returns the objects but for the one that answers the same requests.
func without(objects []*object, o *object) []*object {
	return slices.DeleteFunc(slices.Clone(objects), func(other *object) bool { return slices.Equal(other.selected, o.selected) })
}

// remove removes the resources whose key is chosen, and returns how many.
func (s *store) remove(chosen func(key string) bool) int {
	n := 0
	for _, key := range slices.Collect(s.cache.Keys()) {
		if !chosen(key) {
			continue
		}
		if _, there := s.cache.Invalidate(key); there {
			n++
		}
	}
	return n
}

// pathOf returns the path of a key.
func pathOf(key string) string {
	path, _, _ := strings.Cut(key, "?")
	return path
}
