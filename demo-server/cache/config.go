package cache

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// A Strategy says what a write does. Reads are the same in all of them: a value that is
// not there is loaded and kept.
type Strategy string

// The strategies, by what becomes of a value that is overwritten.
const (
	// CacheAside writes to the database and drops the value: the next read loads the new
	// one. The cache is never behind a write that went through it.
	CacheAside Strategy = "cache_aside"
	// ReadThrough leaves writing to others: a write goes to the database around the cache,
	// and the old value is served until its time is over. The process that wrote counts it
	// as stale; others, and readers of the shared tier, cannot know.
	ReadThrough Strategy = "read_through"
	// WriteThrough writes to the database, then keeps the new value. A write takes as long
	// as the database, and no read after it is stale or misses.
	WriteThrough Strategy = "write_through"
	// WriteBehind keeps the new value and queues it for the database. A write takes no
	// time, several of one key become one, and a crash loses what is queued.
	WriteBehind Strategy = "write_behind"
)

// An Eviction says which entry makes room for a new one.
type Eviction string

// The evictions.
const (
	LRU      Eviction = "lru"       // the one used longest ago
	LFU      Eviction = "lfu"       // the one used least often since it came
	FIFO     Eviction = "fifo"      // the one that came first
	WTinyLFU Eviction = "w_tinylfu" // LFU with a memory that fades, behind a window of LRU
)

// A Protection says what keeps all readers of a key from loading it at once when its
// time is over: a stampede.
type Protection string

// The protections.
const (
	// None lets each reader load what it does not find.
	None Protection = "none"
	// Lock lets one reader load a key at a time; the others wait for its value.
	Lock Protection = "lock"
	// Early lets one reader load a value when less than Margin is left of its time; the
	// others are served the value that is still good.
	Early Protection = "early"
	// Probabilistic lets each reader draw whether it loads early, the likelier the less
	// time is left and the longer the last load took. This is XFetch, of A. Vattani,
	// F. Chierichetti, K. Lowenstein: Optimal Probabilistic Cache Stampede Prevention,
	// PVLDB 8(8), 2015.
	Probabilistic Protection = "probabilistic"
	// Background loads a value that has less than Margin left while readers are still
	// served the old one: nobody waits.
	Background Protection = "background"
)

// A Config says how a cache behaves. Only Loader must be set.
type Config struct {
	Loader Loader
	Writer Writer // needed by the strategies that write; nil: Write returns ErrNoWriter

	Strategy Strategy // empty: CacheAside
	Eviction Eviction // empty: LRU
	Capacity int      // entries kept in this process; 0: 1000; negative: none, which needs Shared
	Shared   *Shared  // the tier behind it, the caller's to close after the cache; nil: none

	TTL    time.Duration // how long a value is good; 0: 30 s; negative: for ever
	Jitter float64       // share of TTL, 0 to 1, by which each value's time is shortened at random at most

	Protection Protection // empty: None
	// SingleFlight makes loads of one key at a time one load, which the others wait for.
	// Lock, Early and Background imply it; with Probabilistic it bounds what the draws let through.
	SingleFlight bool
	Margin       time.Duration // for Early and Background; 0: a fifth of TTL
	Beta         float64       // for Probabilistic, above 1 loads earlier; 0: 1
	// MaxStale is how long after its time a value may be served when it cannot be loaded,
	// or, with Background, has not been yet. 0: never.
	MaxStale    time.Duration
	LoadTimeout time.Duration // of loads that readers share; 0: 10 s

	Behind Behind // for WriteBehind

	Seed uint64       // the same seed draws the same jitter and the same early loads
	Log  *slog.Logger // failures that no caller hears of; nil discards
}

// Behind is the queue of WriteBehind.
type Behind struct {
	Queue    int           // values that may wait to be written, beyond which a write waits; 0: 1000
	Workers  int           // writes to the database at once; 0: 4
	Delay    time.Duration // for which a value waits for others of its key; 0: none
	Attempts int           // before a value is given up; 0: 3
	Pause    time.Duration // between attempts; 0: 100 ms
}

// maxCapacity bounds the entries and the queue: enough for any demonstration.
const maxCapacity = 10_000_000

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	c.Strategy = or(c.Strategy, CacheAside)
	c.Eviction = or(c.Eviction, LRU)
	c.Protection = or(c.Protection, None)
	c.Capacity = or(c.Capacity, 1000)
	c.TTL = or(c.TTL, 30*time.Second)
	c.Margin = or(c.Margin, c.TTL/5)
	c.Beta = or(c.Beta, 1)
	c.LoadTimeout = or(c.LoadTimeout, 10*time.Second)
	c.Behind.Queue = or(c.Behind.Queue, 1000)
	c.Behind.Workers = or(c.Behind.Workers, 4)
	c.Behind.Attempts = or(c.Behind.Attempts, 3)
	c.Behind.Pause = or(c.Behind.Pause, 100*time.Millisecond)
	c.Log = or(c.Log, slog.New(slog.DiscardHandler))
	c.SingleFlight = c.SingleFlight || slices.Contains([]Protection{Lock, Early, Background}, c.Protection)
	return c
}

// or returns the value, or the default if it is zero.
func or[T comparable](value, otherwise T) T {
	if value == *new(T) {
		return otherwise
	}
	return value
}

// validate returns all that is wrong.
func (c Config) validate() error {
	return errors.Join(
		known("strategy", c.Strategy, CacheAside, ReadThrough, WriteThrough, WriteBehind),
		known("eviction", c.Eviction, LRU, LFU, FIFO, WTinyLFU),
		known("protection", c.Protection, None, Lock, Early, Probabilistic, Background),
		unless(c.Loader != nil, "a cache needs a loader"),
		unless(c.Writer != nil || c.Strategy != WriteThrough && c.Strategy != WriteBehind, "the strategy %s needs a writer", c.Strategy),
		unless(c.Capacity > 0 || c.Shared != nil, "a cache without entries of its own needs a shared tier"),
		unless(c.Capacity <= maxCapacity, "a cache has at most %d entries, got %d", maxCapacity, c.Capacity),
		unless(c.Jitter >= 0 && c.Jitter <= 1, "jitter is a share from 0 to 1, got %g", c.Jitter),
		unless(c.Beta > 0 && c.Beta <= 1000, "beta is above 0 and at most 1000, got %g", c.Beta),
		unless(c.TTL < 0 || c.Margin > 0 && c.Margin < c.TTL, "the margin lies between 0 and the TTL of %v, got %v", c.TTL, c.Margin),
		unless(c.MaxStale >= 0, "a value cannot be served for %v after its time", c.MaxStale),
		unless(c.LoadTimeout > 0, "a load cannot take %v", c.LoadTimeout),
		c.Behind.validate(),
	)
}

func (b Behind) validate() error {
	return errors.Join(
		unless(b.Queue > 0 && b.Queue <= maxCapacity, "a write-behind queue has 1 to %d places, got %d", maxCapacity, b.Queue),
		unless(b.Workers > 0 && b.Workers <= 1024, "write-behind has 1 to 1024 workers, got %d", b.Workers),
		unless(b.Attempts > 0, "a write cannot be tried %d times", b.Attempts),
		unless(b.Delay >= 0 && b.Pause >= 0, "write-behind cannot wait for less than nothing: %v, %v", b.Delay, b.Pause),
	)
}

// unless returns an error when the condition is not met.
func unless(met bool, format string, args ...any) error {
	if met {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// known returns an error for a word that is none of those there are.
func known[W ~string](what string, word W, words ...W) error {
	if slices.Contains(words, word) {
		return nil
	}
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return fmt.Errorf("unknown %s %q; there are: %s", what, word, strings.Join(list, ", "))
}
