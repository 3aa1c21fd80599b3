package cache_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/cache"
)

// slow loads for 100 ms.
type slow struct{}

func (slow) Load(ctx context.Context, key string) ([]byte, error) {
	return []byte(key), pause(ctx, 100*time.Millisecond)
}

// stampede lets 100 clients read one key for four seconds, each about every 20 ms, and
// returns what the cache says and the share of reads that waited. The value is there at
// the start, which is not counted as a load.
func stampede(t *testing.T, config cache.Config) (s cache.Stats, waited float64) {
	t.Helper()
	config.Loader, config.TTL, config.Margin, config.Seed = slow{}, 500*time.Millisecond, 200*time.Millisecond, 7
	c, err := cache.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Get(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	late := 0
	start := time.Now()
	for client := range uint64(100) {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(7, client)) // no two clients at the same instant
			for {
				time.Sleep(time.Duration((0.5 + rng.Float64()) * float64(20*time.Millisecond)))
				if time.Since(start) > 4*time.Second {
					return
				}
				asked := time.Now()
				if _, err := c.Get(t.Context(), "key"); err != nil {
					t.Error(err)
				}
				if time.Since(asked) > 0 {
					mu.Lock()
					late++
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	s = c.Stats()
	s.Loads--
	return s, float64(late) / float64(s.Gets-1)
}

// What each protection makes of it, in loads and loads at once. In virtual time the
// clients are never late, so that counts of one load at a time are exact.
func TestStampede(t *testing.T) {
	tests := []struct {
		name        string
		config      cache.Config
		loads, peak [2]int     // from, to
		waited      [2]float64 // per cent of reads
	}{
		{"none", cache.Config{}, [2]int{580, 620}, [2]int{98, 100}, [2]float64{3, 4}},
		{"lock", cache.Config{Protection: cache.Lock}, [2]int{6, 6}, [2]int{1, 1}, [2]float64{3, 4}},
		{"early", cache.Config{Protection: cache.Early}, [2]int{10, 10}, [2]int{1, 1}, [2]float64{0.04, 0.06}},
		{"probabilistic", cache.Config{Protection: cache.Probabilistic}, [2]int{150, 230}, [2]int{8, 20}, [2]float64{0.7, 1.3}},
		{"probabilistic and lock", cache.Config{Protection: cache.Probabilistic, SingleFlight: true}, [2]int{10, 34}, [2]int{1, 1}, [2]float64{0.04, 0.2}},
		{"background", cache.Config{Protection: cache.Background}, [2]int{10, 10}, [2]int{1, 1}, [2]float64{0, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, waited := stampede(t, test.config)
				t.Logf("%d loads, %d at once, %.2f%% of %d reads waited", s.Loads, s.PeakLoads, 100*waited, s.Gets-1)
				if got := int(s.Loads); got < test.loads[0] || got > test.loads[1] {
					t.Errorf("got %d loads, want %v", got, test.loads)
				}
				if got := s.PeakLoads; got < test.peak[0] || got > test.peak[1] {
					t.Errorf("got %d loads at once, want %v", got, test.peak)
				}
				if got := 100 * waited; got < test.waited[0] || got > test.waited[1] {
					t.Errorf("got %.2f%% that waited, want %v", got, test.waited)
				}
				if got := s.Hits + s.Stale + s.SharedHits + s.Early + s.Misses; got != s.Gets {
					t.Errorf("got %d reads in all counters, want %d", got, s.Gets)
				}
			})
		})
	}
}

// The same seed, the same run.
func TestStampedeAgain(t *testing.T) {
	var runs [2]cache.Stats
	for i := range runs {
		synctest.Test(t, func(t *testing.T) {
			runs[i], _ = stampede(t, cache.Config{Protection: cache.Probabilistic, Jitter: 0.2})
		})
	}
	if runs[0] != runs[1] {
		t.Errorf("got %+v, then %+v", runs[0], runs[1])
	}
}
