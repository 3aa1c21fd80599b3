package cache

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/singleflight"
)

// A load is one call of the loader under way.
type load struct {
	overtaken bool // by a write: what it returns may be old, and is not kept
}

// fetched is a value and where it came from: sharedHit, missed for the loader, or hit
// for what has come into this process meanwhile.
type fetched struct {
	value []byte
	from  outcome
}

// fetch gets a value that is not here, or no longer good enough, alone or together with
// others who want the same one.
func (c *Cache) fetch(ctx context.Context, key string, v verdict) ([]byte, outcome, error) {
	f, err := fetched{from: missed}, error(nil)
	if c.config.SingleFlight {
		select {
		case result := <-c.flight(ctx, key, v):
			f, _ = result.Val.(fetched)
			err = result.Err
		case <-ctx.Done():
			err = ctx.Err()
		}
	} else {
		f, err = c.obtain(ctx, key, v)
	}
	if f.from == missed && v == early {
		f.from = renewed
	}
	return f.value, f.from, err
}

// flight joins the readers that want the same key. The context is that of one of them,
// and others wait for the value too: its values are kept, its end is not.
func (c *Cache) flight(ctx context.Context, key string, v verdict) <-chan singleflight.Result {
	name := key
	if v == ageing && c.config.Capacity < 0 {
		name += renewal // readers are in flight for the shared value, and must not wait for the next
	}
	return c.flights.DoChan(name, func() (any, error) {
		if !c.begin() {
			return fetched{from: missed}, ErrClosed
		}
		defer c.running.Done()
		if value, ok := c.arrived(key); ok {
			return fetched{value, hit}, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.config.LoadTimeout)
		defer cancel()
		defer context.AfterFunc(c.life, cancel)() //nolint:contextcheck // the end of the cache ends the load as well
		return c.obtain(ctx, key, v)
	})
}

// renewal tells a flight that renews a value in the shared tier from those that read it.
const renewal = "\x00renewal"

// arrived returns a value that a flight before this one has brought, after this one's
// reader had looked.
func (c *Cache) arrived(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries.get(key)
	if !ok || c.judge(e, false) != fresh {
		return nil, false
	}
	return e.value, true
}

// renew fetches a value while readers are served the old one, unless somebody does.
func (c *Cache) renew(ctx context.Context, key string) {
	c.mu.Lock()
	underWay := len(c.loading[key]) > 0
	c.mu.Unlock()
	if !underWay {
		c.flight(ctx, key, ageing)
	}
}

// obtain asks the queue of what is to be written, the shared tier and the loader, in
// this order, and keeps what it gets.
func (c *Cache) obtain(ctx context.Context, key string, v verdict) (fetched, error) {
	if value, ok := c.queued(key); ok {
		return fetched{value, hit}, nil
	}
	if value, ok := c.ask(ctx, key, v); ok {
		return fetched{value, sharedHit}, nil
	}
	value, err := c.load(ctx, key)
	if err != nil && v == ageing {
		c.log.WarnContext(ctx, "background refresh", "key", key, "error", err)
	}
	return fetched{value, missed}, err
}

// load calls the loader and keeps what it returns.
func (c *Cache) load(ctx context.Context, key string) ([]byte, error) {
	l := c.depart(key)
	start := time.Now()
	value, err := c.config.Loader.Load(ctx, key)
	took := time.Since(start)
	c.returned(took, err)
	if err != nil {
		c.land(key, l, nil)
		return nil, err
	}
	if c.config.Shared == nil {
		c.land(key, l, &entry{value: value, took: took})
		return value, nil
	}
	// The key is locked so that no write comes between the two tiers.
	release, err := c.writing.lock(ctx, key)
	if err != nil {
		c.land(key, l, nil)
		return value, nil
	}
	defer release()
	if e := (&entry{value: value, took: took}); c.land(key, l, e) {
		c.share(ctx, key, e)
	}
	return value, nil
}

// depart counts a load that begins.
func (c *Cache) depart(key string) *load {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := new(load)
	c.loading[key] = append(c.loading[key], l)
	c.counts.Loads++
	c.counts.Loading++
	c.counts.PeakLoads = max(c.counts.PeakLoads, c.counts.Loading)
	return l
}

// returned counts a load that the loader is done with.
func (c *Cache) returned(took time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Loading--
	if err != nil {
		c.counts.LoadErrors++
		return
	}
	c.typical = took
}

// land ends a load, keeps its entry, if it has one that no write has overtaken, and
// reports whether it did.
func (c *Cache) land(key string, l *load, e *entry) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loading[key] = slices.DeleteFunc(c.loading[key], func(other *load) bool { return other == l })
	if len(c.loading[key]) == 0 {
		delete(c.loading, key)
	}
	if e == nil || l.overtaken || c.closed {
		return false
	}
	e.expires = c.age()
	c.entries.put(key, e)
	return true
}

// overtake marks the loads of a key that are under way: a write may have come after
// they read. Who reads from now on does not wait for them either. The caller holds mu.
func (c *Cache) overtake(key string) {
	for _, l := range c.loading[key] {
		l.overtaken = true
	}
	c.flights.Forget(key)
	c.flights.Forget(key + renewal)
}
