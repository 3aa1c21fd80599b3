package cache_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/cache"
)

func ExampleCache() {
	c, err := cache.New(cache.Config{Loader: echo{}, Protection: cache.Lock})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	for range 3 {
		value, err := c.Get(ctx, "product:7")
		fmt.Printf("%s %v\n", value, err)
	}
	s := c.Stats()
	fmt.Println(s.Misses, s.Hits, c.Close(ctx))
	// Output:
	// product:7 <nil>
	// product:7 <nil>
	// product:7 <nil>
	// 1 2 <nil>
}

// start returns a cache that ends with the test.
func start(t *testing.T, config cache.Config) *cache.Cache {
	t.Helper()
	c, err := cache.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
		sums(t, c.Stats())
	})
	return c
}

// sums checks that each read and each write is in one counter.
func sums(t interface {
	Helper()
	Errorf(string, ...any)
}, s cache.Stats,
) {
	t.Helper()
	if got := s.Hits + s.Stale + s.SharedHits + s.Early + s.Misses; got != s.Gets {
		t.Errorf("reads: got %d in all counters, want %d: %+v", got, s.Gets, s)
	}
	if got := s.Written + s.Coalesced + s.WriteErrors + s.Lost + uint64(s.Queued); got != s.Writes {
		t.Errorf("writes: got %d in all counters, want %d: %+v", got, s.Writes, s)
	}
}

// want reads a key and compares.
func want(t *testing.T, c *cache.Cache, key, value string) {
	t.Helper()
	if got, err := c.Get(t.Context(), key); err != nil || string(got) != value {
		t.Errorf("%s: got %q, %v, want %q", key, got, err, value)
	}
}

func TestNewRefuses(t *testing.T) {
	db := newDatabase()
	tests := []struct {
		config cache.Config
		want   string
	}{
		{cache.Config{}, "a cache needs a loader"},
		{cache.Config{Loader: db, Strategy: "cache-aside"}, `unknown strategy "cache-aside"; there are: cache_aside, read_through, write_through, write_behind`},
		{cache.Config{Loader: db, Eviction: "mru"}, `unknown eviction "mru"; there are: lru, lfu, fifo, w_tinylfu`},
		{cache.Config{Loader: db, Protection: "prayer"}, `unknown protection "prayer"; there are: none, lock, early, probabilistic, background`},
		{cache.Config{Loader: db, Strategy: cache.WriteBehind}, "the strategy write_behind needs a writer"},
		{cache.Config{Loader: db, Capacity: -1}, "needs a shared tier"},
		{cache.Config{Loader: db, Jitter: 1.5}, "jitter is a share from 0 to 1, got 1.5"},
		{cache.Config{Loader: db, TTL: time.Second, Margin: time.Second}, "the margin lies between 0 and the TTL of 1s, got 1s"},
		{cache.Config{Loader: db, Behind: cache.Behind{Workers: -1}}, "1 to 1024 workers, got -1"},
	}
	for _, test := range tests {
		if c, err := cache.New(test.config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, %v, want …%s…", c, err, test.want)
		}
	}
}

// What each strategy does to a value that is overwritten, and how long a write takes.
func TestStrategies(t *testing.T) {
	tests := []struct {
		strategy cache.Strategy
		write    time.Duration // that the writer waits
		read     string        // what is read right after
		loads    uint64        // for both reads
		stale    uint64
	}{
		{cache.CacheAside, 12 * time.Millisecond, "new", 2, 0},
		{cache.ReadThrough, 12 * time.Millisecond, "old", 1, 1},
		{cache.WriteThrough, 12 * time.Millisecond, "new", 1, 0},
		{cache.WriteBehind, 0, "new", 1, 0},
	}
	for _, test := range tests {
		t.Run(string(test.strategy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := newDatabase()
				db.read, db.write = 10*time.Millisecond, 12*time.Millisecond
				db.set("key", "old")
				c := start(t, cache.Config{Loader: db, Writer: db, Strategy: test.strategy, TTL: time.Second})
				want(t, c, "key", "old")
				begun := time.Now()
				if err := c.Write(t.Context(), "key", []byte("new")); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(begun); got != test.write {
					t.Errorf("the write took %v, want %v", got, test.write)
				}
				want(t, c, "key", test.read)
				if got := c.Stats(); got.Loads != test.loads || got.Stale != test.stale {
					t.Errorf("got %+v, want %d loads and %d stale", got, test.loads, test.stale)
				}
				time.Sleep(time.Second + time.Millisecond)
				want(t, c, "key", "new")
				if got := db.get("key"); got != "new" {
					t.Errorf("the database has %q, want new", got)
				}
			})
		})
	}
}

func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		db.set("key", "1")
		c := start(t, cache.Config{Loader: db, TTL: time.Second})
		want(t, c, "key", "1")
		db.set("key", "2")
		time.Sleep(time.Second - time.Nanosecond)
		want(t, c, "key", "1")
		time.Sleep(time.Nanosecond)
		want(t, c, "key", "2")
	})
}

// Jitter spreads what was loaded at once over the end of its time, and lengthens none.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 1000
		c := start(t, cache.Config{Loader: echo{}, TTL: time.Second, Jitter: 0.2, Seed: 3})
		read := func() {
			for i := range keys {
				key := fmt.Sprint(i)
				want(t, c, key, key)
			}
		}
		read()
		time.Sleep(800 * time.Millisecond)
		read()
		if got := c.Stats().Misses; got != keys {
			t.Errorf("after 80%% of the time: got %d misses, want %d", got, keys)
		}
		time.Sleep(100 * time.Millisecond)
		read()
		if got := c.Stats().Misses - keys; got < 430 || got > 570 {
			t.Errorf("half way through the jitter: got %d misses, want about 500", got)
		}
	})
}

func TestLoadErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		db.set("key", "1")
		c := start(t, cache.Config{Loader: db, TTL: time.Second, MaxStale: time.Minute})
		if _, err := c.Get(t.Context(), "other"); !errors.Is(err, errAbsent) {
			t.Errorf("got %v, want %v", err, errAbsent)
		}
		want(t, c, "key", "1")
		down := errors.New("the database is down")
		db.fail(down)
		time.Sleep(2 * time.Second)
		want(t, c, "key", "1") // after its time, for want of a better one
		if got := c.Stats(); got.Stale != 1 || got.LoadErrors != 2 || got.Misses != 2 {
			t.Errorf("got %+v, want 1 stale, 2 load errors, 2 misses", got)
		}
		time.Sleep(time.Minute)
		if _, err := c.Get(t.Context(), "key"); !errors.Is(err, down) {
			t.Errorf("got %v, want %v", err, down)
		}
	})
}

// With Background a value is served after its time while the next one is loaded, but
// not for longer than MaxStale.
func TestBackgroundStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		db.set("key", "1")
		c := start(t, cache.Config{Loader: db, TTL: time.Second, Protection: cache.Background, MaxStale: time.Second})
		want(t, c, "key", "1")
		db.set("key", "2")
		time.Sleep(1500 * time.Millisecond)
		want(t, c, "key", "1")
		synctest.Wait()
		want(t, c, "key", "2")
		db.set("key", "3")
		time.Sleep(2500 * time.Millisecond)
		want(t, c, "key", "3")
		if got := c.Stats(); got.Stale != 1 || got.Misses != 2 {
			t.Errorf("got %+v, want 1 stale, 2 misses", got)
		}
	})
}

// A reader that gives up leaves; those who share the load get its value.
func TestSharedLoadOutlivesItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, cache.Config{Loader: slow{}, Protection: cache.Lock})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := c.Get(ctx, "key"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
			}
		})
		synctest.Wait()
		want(t, c, "key", "key")
		group.Wait()
		if got := c.Stats().Loads; got != 1 {
			t.Errorf("got %d loads, want 1", got)
		}
	})
}

func TestLoadTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, cache.Config{Loader: slow{}, Protection: cache.Lock, LoadTimeout: 50 * time.Millisecond})
		if _, err := c.Get(t.Context(), "key"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

// A load that began before a write may bring the old value, which must not be kept, nor
// be what a reader gets who comes after the write.
func TestWriteOvertakesLoad(t *testing.T) {
	for _, protection := range []cache.Protection{cache.None, cache.Lock} {
		synctest.Test(t, func(t *testing.T) {
			db := newDatabase()
			db.read, db.write = 100*time.Millisecond, time.Millisecond
			db.set("key", "old")
			c := start(t, cache.Config{Loader: db, Writer: db, Protection: protection})
			var group sync.WaitGroup
			group.Go(func() { want(t, c, "key", "old") })
			synctest.Wait()
			if err := c.Write(t.Context(), "key", []byte("new")); err != nil {
				t.Fatal(err)
			}
			want(t, c, "key", "new")
			group.Wait()
			want(t, c, "key", "new")
		})
	}
}

func TestFailedWriteDropsTheKey(t *testing.T) {
	db := newDatabase()
	db.set("key", "1")
	c := start(t, cache.Config{Loader: db, Writer: db, Strategy: cache.WriteThrough})
	want(t, c, "key", "1")
	down := errors.New("the database is down")
	db.fail(down)
	if err := c.Write(t.Context(), "key", []byte("2")); !errors.Is(err, down) {
		t.Errorf("got %v, want %v", err, down)
	}
	db.fail(nil)
	db.set("key", "3") // as if the failed write, or another, had come through
	want(t, c, "key", "3")
	if got := c.Stats(); got.WriteErrors != 1 {
		t.Errorf("got %+v, want 1 write error", got)
	}
}

func TestInvalidate(t *testing.T) {
	db := newDatabase()
	db.set("key", "1")
	c := start(t, cache.Config{Loader: db})
	want(t, c, "key", "1")
	db.set("key", "2")
	if err := c.Invalidate(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	want(t, c, "key", "2")
	if err := c.Write(t.Context(), "key", nil); !errors.Is(err, cache.ErrNoWriter) {
		t.Errorf("got %v, want %v", err, cache.ErrNoWriter)
	}
}

func TestClosed(t *testing.T) {
	db := newDatabase()
	c := start(t, cache.Config{Loader: db, Writer: db, Protection: cache.Lock})
	for range 2 {
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Get(t.Context(), "key"); !errors.Is(err, cache.ErrClosed) {
		t.Errorf("got %v, want %v", err, cache.ErrClosed)
	}
	if err := c.Write(t.Context(), "key", nil); !errors.Is(err, cache.ErrClosed) {
		t.Errorf("got %v, want %v", err, cache.ErrClosed)
	}
}

// Close ends a load that a reader has left behind.
func TestCloseEndsLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		db.read = time.Hour
		c := start(t, cache.Config{Loader: db, Protection: cache.Lock, LoadTimeout: 2 * time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = c.Get(ctx, "key")
		begun := time.Now()
		if err := c.Close(t.Context()); err != nil || time.Since(begun) != 0 {
			t.Errorf("got %v after %v, want nil at once", err, time.Since(begun))
		}
	})
}

func TestStatsAsJSON(t *testing.T) {
	c := start(t, cache.Config{Loader: echo{}})
	for range 4 {
		want(t, c, "key", "key")
	}
	data, err := json.Marshal(c.Stats())
	if err != nil || !strings.Contains(string(data), `"hit_ratio":0.75,"hits":3`) {
		t.Errorf("got %s, %v, want a hit ratio of 0.75", data, err)
	}
}

// However reads and writes of many goroutines fall together, a read returns what was
// written last before it began, or something newer.
func TestReadsFollowWrites(t *testing.T) {
	rapid.Check(t, func(draws *rapid.T) {
		config := cache.Config{
			Strategy:     rapid.SampledFrom([]cache.Strategy{cache.CacheAside, cache.WriteThrough, cache.WriteBehind}).Draw(draws, "strategy"),
			Eviction:     rapid.SampledFrom([]cache.Eviction{cache.LRU, cache.LFU, cache.FIFO, cache.WTinyLFU}).Draw(draws, "eviction"),
			Protection:   rapid.SampledFrom([]cache.Protection{cache.None, cache.Lock, cache.Early, cache.Probabilistic}).Draw(draws, "protection"),
			SingleFlight: rapid.Bool().Draw(draws, "single flight"),
			Capacity:     rapid.IntRange(1, 4).Draw(draws, "capacity"),
			TTL:          20 * time.Millisecond,
			Behind:       cache.Behind{Queue: rapid.IntRange(1, 4).Draw(draws, "queue"), Workers: 2, Delay: time.Duration(rapid.IntRange(0, 5).Draw(draws, "delay")) * time.Millisecond},
		}
		pauses := rapid.SliceOfN(rapid.IntRange(0, 5000), 30, 30).Draw(draws, "pauses in µs")
		var faults complaints // a bubble has no rapid.T
		synctest.Test(t, func(*testing.T) { follow(&faults, config, pauses) })
		if len(faults.list) > 0 {
			draws.Fatal(strings.Join(faults.list, "\n"))
		}
	})
}

// complaints are faults found in a bubble.
type complaints struct {
	mu   sync.Mutex
	list []string
}

func (c *complaints) Helper() {}

func (c *complaints) Errorf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, fmt.Sprintf(format, args...))
}

// follow runs readers and a writer for each of three keys.
func follow(t *complaints, config cache.Config, pauses []int) {
	db := newDatabase()
	db.read, db.write = 3*time.Millisecond, 2*time.Millisecond
	config.Loader, config.Writer = db, db
	c, err := cache.New(config)
	if err != nil {
		t.Errorf("%v", err)
		return
	}
	var group sync.WaitGroup
	for key := range 3 {
		name := fmt.Sprint(key)
		db.set(name, "000")
		var last atomic.Pointer[string] // that was written
		last.Store(new("000"))
		for reader := range 3 {
			group.Go(func() {
				for i := range pauses {
					time.Sleep(time.Duration(pauses[(i+7*reader+key)%len(pauses)]) * time.Microsecond)
					least := *last.Load()
					if got, err := c.Get(context.Background(), name); err != nil || string(got) < least {
						t.Errorf("read %s, %v, after %s was written", got, err, least)
					}
				}
			})
		}
		group.Go(func() {
			for i, p := range pauses {
				time.Sleep(time.Duration(p) * time.Microsecond)
				value := fmt.Sprintf("%03d", i+1)
				if err := c.Write(context.Background(), name, []byte(value)); err != nil {
					t.Errorf("write: %v", err)
				}
				last.Store(&value)
			}
		})
	}
	group.Wait()
	s := c.Stats()
	sums(t, s)
	if s.Entries > config.Capacity || s.Loading != 0 {
		t.Errorf("got %+v, want at most %d entries and no load under way", s, config.Capacity)
	}
	if err := c.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
	sums(t, c.Stats())
	for key := range 3 {
		if got := db.get(fmt.Sprint(key)); got != "030" {
			t.Errorf("the database has %s of %d, want 030", got, key)
		}
	}
}
