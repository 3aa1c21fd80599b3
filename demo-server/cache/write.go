package cache

import (
	"bytes"
	"context"
	"sync"
)

// Write gives a key a value, as the strategy has it. The error is the writer's, the
// context's, ErrNoWriter or ErrClosed. After an error of the writer nobody knows what
// the database has, so the key is dropped.
func (c *Cache) Write(ctx context.Context, key string, value []byte) error {
	if c.config.Writer == nil {
		return ErrNoWriter
	}
	release, err := c.writing.lock(ctx, key)
	if err != nil {
		return c.wrote(err)
	}
	defer release()
	if !c.begin() {
		return ErrClosed
	}
	defer c.running.Done()
	value = bytes.Clone(value) // the caller may use its own again
	if c.behind != nil {
		if err := c.behind.add(ctx, key, value); err != nil {
			return err
		}
		c.replace(ctx, key, value)
		return nil
	}
	err = c.config.Writer.Write(ctx, key, value)
	switch {
	case err != nil || c.config.Strategy == CacheAside:
		c.discard(context.WithoutCancel(ctx), key)
	case c.config.Strategy == WriteThrough:
		c.replace(ctx, key, value)
	default:
		c.outdate(key)
	}
	return c.wrote(err)
}

// wrote counts a write that did not go through the queue.
func (c *Cache) wrote(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Writes++
	if err != nil {
		c.counts.WriteErrors++
	} else {
		c.counts.Written++
	}
	return err
}

// Invalidate drops a key from the entries and the shared tier, so that the next read
// loads it. What is queued to be written stays queued. It waits for a write of the key
// that is under way; the error is the context's.
func (c *Cache) Invalidate(ctx context.Context, key string) error {
	release, err := c.writing.lock(ctx, key)
	if err != nil {
		return err
	}
	defer release()
	c.discard(ctx, key)
	return nil
}

// replace keeps a written value in both tiers. The caller has locked the key.
func (c *Cache) replace(ctx context.Context, key string, value []byte) {
	c.mu.Lock()
	c.overtake(key)
	e := &entry{value: value, expires: c.age(), took: c.typical}
	c.entries.put(key, e)
	c.mu.Unlock()
	c.share(ctx, key, e)
}

// discard drops a key from both tiers. The caller has locked the key.
func (c *Cache) discard(ctx context.Context, key string) {
	c.mu.Lock()
	c.overtake(key)
	c.entries.drop(key)
	c.mu.Unlock()
	c.unshare(ctx, key)
}

// outdate marks what is kept of a key as older than the database.
func (c *Cache) outdate(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.overtake(key)
	if e, ok := c.entries.get(key); ok {
		e.overwritten = true
	}
}

// queued returns a value that waits to be written: the database has an older one.
func (c *Cache) queued(key string) ([]byte, bool) {
	if c.behind == nil {
		return nil, false
	}
	return c.behind.value(key)
}

// keyLocks lock keys one by one. The zero value is ready; what is kept is only for keys
// that are locked or waited for.
type keyLocks struct {
	mu   sync.Mutex
	held map[string]*keyLock
}

type keyLock struct {
	free  chan struct{} // holds one when nobody has the lock
	users int           // who have it or wait
}

// lock waits for the key and returns what unlocks it, or the context's error.
func (k *keyLocks) lock(ctx context.Context, key string) (release func(), err error) {
	k.mu.Lock()
	if k.held == nil {
		k.held = make(map[string]*keyLock)
	}
	l, ok := k.held[key]
	if !ok {
		l = &keyLock{free: make(chan struct{}, 1)}
		l.free <- struct{}{}
		k.held[key] = l
	}
	l.users++
	k.mu.Unlock()
	select {
	case <-l.free:
		return func() {
			l.free <- struct{}{}
			k.leave(key, l)
		}, nil
	case <-ctx.Done():
		k.leave(key, l)
		return nil, ctx.Err()
	}
}

// leave forgets the key when nobody is left.
func (k *keyLocks) leave(key string, l *keyLock) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(k.held, key)
	}
}
