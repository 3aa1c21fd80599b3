package cache

import (
	"context"
	"sync"
	"time"
)

// behind is the queue of WriteBehind. It holds at most one value a key, besides the one
// that is being written, and at most as many of both as it has places. Lost are values
// that were accepted and never written: those queued at a crash, or when there was no
// time left to close.
type behind struct {
	config Behind
	writer Writer
	failed func(key string, err error) // told of a value that is given up

	places chan struct{} // one is in it for each value queued or being written
	turns  chan string   // keys of pending, in order, but for those being written
	hurry  chan struct{} // closed when delays are over
	life   context.Context
	end    context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	pending map[string]*change
	writing map[string]*change
	counts  behindCounts
}

// A change is a value to be written.
type change struct {
	value []byte
	due   time.Time
}

// behindCounts are the queue's own: accepted = written + coalesced + errors + lost +
// pending + being written.
type behindCounts struct{ accepted, written, coalesced, errors, lost uint64 }

func startBehind(config Behind, writer Writer, failed func(string, error)) *behind {
	b := &behind{
		config:  config,
		writer:  writer,
		failed:  failed,
		places:  make(chan struct{}, config.Queue),
		turns:   make(chan string, config.Queue),
		hurry:   make(chan struct{}),
		pending: make(map[string]*change),
		writing: make(map[string]*change),
	}
	b.life, b.end = context.WithCancel(context.Background())
	for range config.Workers {
		b.work.Go(b.run)
	}
	return b
}

// add queues a value, in place of an older one of its key. When all places are taken it
// waits for one, which is how a database that is too slow slows those who write.
func (b *behind) add(ctx context.Context, key string, value []byte) error {
	if b.coalesce(key, value) {
		return nil
	}
	select {
	case b.places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-b.life.Done():
		return ErrClosed
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		<-b.places
		return ErrClosed
	}
	// Only one at a time writes a key, so none has been queued meanwhile.
	b.counts.accepted++
	b.pending[key] = &change{value: value, due: time.Now().Add(b.config.Delay)}
	if b.writing[key] == nil {
		b.turns <- key // there is room: the key has a place
	}
	return nil
}

// coalesce replaces a value that still waits, if there is one.
func (b *behind) coalesce(key string, value []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.pending[key]
	if !ok || b.closed {
		return false
	}
	p.value = value
	b.counts.accepted++
	b.counts.coalesced++
	return true
}

// value returns the newest value that is not in the database yet.
func (b *behind) value(key string) ([]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, changes := range []map[string]*change{b.pending, b.writing} {
		if c, ok := changes[key]; ok {
			return c.value, true
		}
	}
	return nil, false
}

// close writes all that is queued, or loses what is left when the context ends.
func (b *behind) close(ctx context.Context) error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		b.work.Wait()
		return nil
	}
	b.closed = true
	close(b.hurry)
	b.mu.Unlock()
	var err error
	for range b.config.Queue { // who has all places knows that nothing is in them
		select {
		case b.places <- struct{}{}:
			continue
		case <-ctx.Done():
			err = ctx.Err()
		}
		break
	}
	b.stop()
	return err
}

// drop loses all that is queued.
func (b *behind) drop() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.stop()
}

// stop ends the workers and counts what they leave as lost.
func (b *behind) stop() {
	b.mu.Lock()
	b.counts.lost += uint64(len(b.pending))
	b.pending = make(map[string]*change)
	b.end()
	b.mu.Unlock()
	b.work.Wait()
}

// snapshot adds the queue's numbers to those of its cache.
func (b *behind) snapshot(s *Stats) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.Writes += b.counts.accepted
	s.Written += b.counts.written
	s.Coalesced += b.counts.coalesced
	s.WriteErrors += b.counts.errors
	s.Lost += b.counts.lost
	s.Queued += len(b.pending) + len(b.writing)
}
