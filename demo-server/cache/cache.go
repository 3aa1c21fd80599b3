// Package cache stands between whoever reads and writes values and whoever keeps them.
//
// It does not know what the values mean or where they are kept: it asks a [Loader] and
// tells a [Writer], and they know the database. It opens no port.
//
// The main type is [Cache]. A read goes through it in these steps: the entries of this
// process are asked; what is found is judged, as fresh, as old enough to be renewed, or
// as expired; where there is nothing, the tier that several processes share is asked, if
// there is one; last the value is loaded, by one reader or by all, as the protection
// against stampedes has it, and kept. Each read ends in exactly one counter of [Stats].
// What a write does is the [Strategy].
//
// Tiers in other processes are not told of a write: for them a value is good until its
// time is over, as in every cache of this kind.
package cache

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

var (
	// ErrClosed is returned once a cache is closed, or has crashed.
	ErrClosed = errors.New("the cache is closed")
	// ErrNoWriter is returned by Write when the cache has no Writer.
	ErrNoWriter = errors.New("the cache has no writer")
)

// A Loader gets a value from where it is kept. Any number of goroutines call it at once.
type Loader interface {
	Load(ctx context.Context, key string) ([]byte, error)
}

// A Writer keeps a value. Any number of goroutines call it at once, but never two for
// the same key. It must not change the value.
type Writer interface {
	Write(ctx context.Context, key string, value []byte) error
}

// A Cache keeps values for a while. Its methods may be called by any number of
// goroutines at once. It is made by New and ended by Close or Crash.
type Cache struct {
	config  Config
	log     *slog.Logger
	flights singleflight.Group
	writing keyLocks
	behind  *behind // nil: the strategy is another

	life    context.Context // ends with the cache
	end     context.CancelFunc
	running sync.WaitGroup // loads that nobody's context ends

	mu       sync.Mutex
	closed   bool
	entries  entries
	loading  map[string][]*load
	typical  time.Duration // what the last load took
	counts   Stats         // without the parts that behind counts
	draws    *rand.Rand
	evicting evictions
}

// New returns an empty cache. The error says what of the configuration is wrong, all
// of it at once.
func New(config Config) (*Cache, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	const stream = 0x6361636865 // fixed, so that the seed alone decides
	c := &Cache{
		config:  config,
		log:     config.Log,
		loading: make(map[string][]*load),
		draws:   rand.New(rand.NewPCG(config.Seed, stream)),
	}
	var err error
	if c.entries, err = newEntries(config.Eviction, config.Capacity, &c.evicting); err != nil {
		return nil, err
	}
	c.life, c.end = context.WithCancel(context.Background())
	if config.Strategy == WriteBehind {
		c.behind = startBehind(config.Behind, config.Writer, c.unwritten)
	}
	return c, nil
}

// Close takes no new reads and writes, gives the writer all that is queued, and ends
// loads that nobody waits for. When the context ends before that, what is left in the
// queue is lost, and counted, and the context's error is returned. After Close nothing
// of the cache is left but its Stats. Calling it again does no harm.
func (c *Cache) Close(ctx context.Context) error {
	var err error
	c.shut()
	if c.behind != nil {
		err = c.behind.close(ctx)
	}
	c.end()
	c.running.Wait()
	return err
}

// Crash ends the cache as a crash of its process would: the entries are gone, and so is
// what was queued to be written, which is counted as lost. A process that is really
// killed loses the same, and nobody counts it.
func (c *Cache) Crash() {
	c.shut()
	if c.behind != nil {
		c.behind.drop()
	}
	c.end()
	c.running.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries = nothing{}
}

// shut makes the cache refuse what comes from now on.
func (c *Cache) shut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
}

// begin counts a goroutine that Close waits for, and reports false when it is too late.
func (c *Cache) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.running.Add(1)
	return true
}

// unwritten drops a value that the writer did not take, so that readers see what there
// really is.
func (c *Cache) unwritten(key string, err error) {
	c.log.Warn("write-behind: a value could not be written", "key", key, "error", err)
	if c.Invalidate(c.life, key) != nil {
		return // the cache ends, and its entries with it
	}
}
