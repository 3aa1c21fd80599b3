package cache_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"
	"strconv"
	"testing"

	"github.com/floodmark/floodmark/demo-server/cache"
)

// echo loads the key itself.
type echo struct{}

func (echo) Load(_ context.Context, key string) ([]byte, error) { return []byte(key), nil }

// zipf draws from n keys, the i-th in proportion to 1/i^s.
type zipf struct {
	sums []float64
	rng  *rand.Rand
}

func newZipf(n int, s float64, seed uint64) *zipf {
	z := &zipf{sums: make([]float64, n), rng: rand.New(rand.NewPCG(seed, 1))}
	sum := 0.0
	for i := range n {
		sum += math.Pow(float64(i+1), -s)
		z.sums[i] = sum
	}
	return z
}

func (z *zipf) next() int {
	return sort.SearchFloat64s(z.sums, z.rng.Float64()*z.sums[len(z.sums)-1])
}

// ratio returns the share of hits of so many reads, after each part of which the ranks
// belong to other keys.
func ratio(t *testing.T, eviction cache.Eviction, reads, parts int) float64 {
	t.Helper()
	const keys = 10_000
	c, err := cache.New(cache.Config{Loader: echo{}, Eviction: eviction, Capacity: 500, TTL: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	z := newZipf(keys, 1.1, 7)
	for i := range reads {
		shift := i / (reads / parts) * 1000
		key := strconv.Itoa((z.next() + shift) % keys)
		if value, err := c.Get(t.Context(), key); err != nil || string(value) != key {
			t.Fatalf("got %s, %v, want %s", value, err, key)
		}
	}
	s := c.Stats()
	if s.Entries > 500 || s.Loads != s.Misses || s.Hits+s.Misses != uint64(reads) || s.Evictions != s.Loads-uint64(s.Entries) {
		t.Errorf("got %+v, want at most 500 entries, a load for each miss, and an eviction for each load that is not there any more", s)
	}
	return s.HitRatio()
}

// The order that textbooks have, FIFO < LRU < LFU, and its end: when other keys become
// popular, four times here, LFU stays with those that were.
func TestHitRatios(t *testing.T) {
	tests := []struct {
		eviction        cache.Eviction
		steady, shifted float64 // per cent
		within          float64 // points
		reads           int
	}{
		{cache.FIFO, 66.5, 66.4, 0.3, 300_000},
		{cache.LRU, 70.9, 70.7, 0.3, 300_000},
		{cache.LFU, 76.8, 39.2, 0.3, 300_000},
		{cache.WTinyLFU, 76.7, 70.7, 1.2, 100_000}, // otter seeds its hashes at random, and is slow under the race detector
	}
	for _, test := range tests {
		t.Run(string(test.eviction), func(t *testing.T) {
			for parts, want := range map[int]float64{1: test.steady, 5: test.shifted} {
				if got := 100 * ratio(t, test.eviction, test.reads, parts); math.Abs(got-want) > test.within {
					t.Errorf("%d sets of popular keys: got %.2f%%, want %.1f%% within %.1f", parts, got, want, test.within)
				}
			}
		})
	}
}

// Small caches, so that each step is known: which of a, b, c goes when d comes.
func TestEvictionOrder(t *testing.T) {
	tests := []struct {
		eviction cache.Eviction
		want     string
	}{
		{cache.FIFO, "a"}, // came first, although it was read last
		{cache.LRU, "b"},  // was read longest ago
		{cache.LFU, "c"},  // was read once
	}
	for _, test := range tests {
		t.Run(string(test.eviction), func(t *testing.T) {
			c, err := cache.New(cache.Config{Loader: echo{}, Eviction: test.eviction, Capacity: 3})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(t.Context())
			for _, key := range []string{"a", "b", "b", "c", "a", "d"} {
				if _, err := c.Get(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
			before := c.Stats()
			if before.Evictions != 1 || before.Entries != 3 {
				t.Fatalf("got %+v, want one eviction and 3 entries", before)
			}
			for _, key := range []string{"a", "b", "c"} {
				if key == test.want {
					continue
				}
				if _, err := c.Get(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
			if got := c.Stats(); got.Hits != before.Hits+2 {
				t.Errorf("got %+v, want all but %s to be there", got, test.want)
			}
		})
	}
}

// A key that is written again takes nobody's place, whatever the policy.
func TestOverwritingEvictsNothing(t *testing.T) {
	for _, eviction := range []cache.Eviction{cache.FIFO, cache.LRU, cache.LFU, cache.WTinyLFU} {
		db := newDatabase()
		c, err := cache.New(cache.Config{Loader: db, Writer: db, Strategy: cache.WriteThrough, Eviction: eviction, Capacity: 3})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		for i := range 30 {
			if err := c.Write(t.Context(), string(rune('a'+i%3)), []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.Stats(); got.Evictions != 0 || got.Entries != 3 {
			t.Errorf("%s: got %+v, want no eviction and 3 entries", eviction, got)
		}
	}
}
