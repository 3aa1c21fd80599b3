package journey

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/demo-server/cache"
)

// The keys of the stage evictions, and how many reads the answer rests on.
const (
	keysShown   = 10_000
	keysKept    = 500
	readsShown  = 300_000
	shiftsShown = 5
)

// An evicting is a way to make room, and the hit ratios of an earlier trial; 0 where there
// is none to be compared with.
type evicting struct {
	eviction        cache.Eviction
	steady, shifted float64
}

func evictionsShown() []evicting {
	return []evicting{{cache.FIFO, 0.665, 0.664}, {cache.LRU, 0.709, 0.707}, {cache.LFU, 0.768, 0.392}, {cache.WTinyLFU, 0.767, 0}}
}

// evictions compares what a cache forgets. It needs no server: the shop's cache itself is
// asked, as often as a server could not be in the time.
func evictions() Stage {
	stage := Stage{
		Name: "09b", Title: "Cache eviction", Changes: "cache.eviction, 500 of 10,000 keys by Zipf's law",
		Lesson: "What is asked for often is worth more room than what was asked for last, until other things become popular.",
		Read:   readEvictions,
	}
	for _, e := range evictionsShown() {
		stage.Cases = append(stage.Cases, Case{
			Name: words(string(e.eviction)), Changes: "eviction: " + string(e.eviction), Takes: 4 * time.Second,
			Local: func(ctx context.Context) ([]Figure, error) {
				steady, err := hitRatio(ctx, e.eviction, 1)
				if err != nil {
					return nil, err
				}
				shifted, err := hitRatio(ctx, e.eviction, shiftsShown)
				return []Figure{
					figure("hit ratio", steady, Ratio, e.steady, byTrial),
					figure("when popularity moves", shifted, Ratio, e.shifted, byTrial),
				}, err
			},
		})
	}
	return stage
}

// An echo loads the key itself.
type echo struct{}

// Load returns the key.
func (echo) Load(_ context.Context, key string) ([]byte, error) { return []byte(key), nil }

// hitRatio returns the share of reads that a cache answers itself. The keys are drawn by
// Zipf's law, and after each part of the reads other keys are the popular ones.
func hitRatio(ctx context.Context, eviction cache.Eviction, parts int) (float64, error) {
	c, err := cache.New(cache.Config{Loader: echo{}, Eviction: eviction, Capacity: keysKept, TTL: -1})
	if err != nil {
		return 0, err
	}
	sums := make([]float64, keysShown)
	sum := 0.0
	for i := range sums {
		sum += math.Pow(float64(i+1), -1.1)
		sums[i] = sum
	}
	rng := rand.New(rand.NewPCG(7, 1)) //nolint:gosec // chance for a load
	for i := range readsShown {
		shift := i / (readsShown / parts) * 1000
		rank := sort.SearchFloat64s(sums, rng.Float64()*sum)
		if _, err := c.Get(ctx, strconv.Itoa((rank+shift)%keysShown)); err != nil {
			break
		}
	}
	ratio := c.Stats().HitRatio()
	if err := c.Close(context.WithoutCancel(ctx)); err != nil {
		return 0, err
	}
	return ratio, ctx.Err()
}

func readEvictions(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	near := true
	for i, e := range evictionsShown() {
		f := seen[i].Figures
		near = near && math.Abs(f[0].Value-e.steady) < 0.015 && (e.shifted == 0 || math.Abs(f[1].Value-e.shifted) < 0.015)
	}
	value := func(i, j int) float64 { return seen[i].Figures[j].Value }
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(value(0, 0) < value(1, 0) && value(1, 0) < value(2, 0), "FIFO hits less than LRU, and LRU less than LFU",
				fmt.Sprintf("%s, %s, %s", seen[0].Figures[0], seen[1].Figures[0], seen[2].Figures[0]), all...),
			expect(value(2, 1) < 0.5, "LFU fails when popularity moves", seen[2].Figures[1].String(), all...),
			expect(near, "they are within 1.5 points of an earlier trial", "see the theory column", all...),
		},
		Sentence: fmt.Sprintf("LFU answers %s of the reads and LRU %s; when other keys become popular LFU falls to %s.", seen[2].Figures[0], seen[1].Figures[0], seen[2].Figures[1]),
	}
}
