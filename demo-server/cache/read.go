package cache

import (
	"context"
	"time"
)

// An outcome is how a read ended; each read has one.
type outcome int

const (
	hit       outcome = iota // served from this process, good
	stale                    // served, after its time or after a write around the cache
	sharedHit                // served from the shared tier
	renewed                  // loaded although the old value was good
	missed                   // loaded, or tried to
)

// Get returns the value of a key. It is the cache's: the caller must not change it. The
// error is the loader's, the context's or ErrClosed.
func (c *Cache) Get(ctx context.Context, key string) ([]byte, error) {
	e, v, err := c.look(key)
	switch {
	case err != nil:
		return nil, err
	case v == fresh:
		return e.value, nil
	case v == ageing:
		c.renew(ctx, key)
		return e.value, nil
	}
	value, o, err := c.fetch(ctx, key, v)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && e != nil && (v == early || c.tolerable(e)) {
		value, o, err = e.value, found(e), nil
	}
	c.count(o)
	return value, err
}

// look asks the entries of this process, and counts the read if it ends here.
func (c *Cache) look(key string) (*entry, verdict, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, expired, ErrClosed
	}
	e, ok := c.entries.get(key)
	if !ok {
		return nil, expired, nil
	}
	v := c.judge(e, len(c.loading[key]) > 0)
	if v == fresh || v == ageing {
		c.count(found(e))
	}
	return e, v, nil
}

// found is the outcome of a read that an entry of this process is served to. The caller
// holds mu.
func found(e *entry) outcome {
	if e.overwritten || !e.expires.IsZero() && !time.Now().Before(e.expires) {
		return stale
	}
	return hit
}

// tolerable reports whether an expired entry may be served when there is no other.
func (c *Cache) tolerable(e *entry) bool {
	return time.Since(e.expires) < c.config.MaxStale
}

// count adds one read. The caller holds mu.
func (c *Cache) count(o outcome) {
	c.counts.Gets++
	switch o {
	case hit:
		c.counts.Hits++
	case stale:
		c.counts.Stale++
	case sharedHit:
		c.counts.SharedHits++
	case renewed:
		c.counts.Early++
	case missed:
		c.counts.Misses++
	}
}
