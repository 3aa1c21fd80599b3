package balance

import (
	"encoding/json"
	"math/bits"
	"time"
)

// Buckets are logarithmic with 16 steps to each doubling, so that a bound is at most 1/16
// above the value, from a nanosecond to the longest Duration, in 8 kB.
const (
	stepBits = 4
	steps    = 1 << stepBits
	buckets  = (64 - stepBits) * steps
)

// latencies counts how long attempts took. Its owner has the lock.
type latencies struct {
	count  uint64
	sum    time.Duration
	max    time.Duration
	counts [buckets]uint64
}

// observe counts one time.
func (l *latencies) observe(took time.Duration) {
	took = max(took, 0)
	l.count++
	l.sum += took
	l.max = max(l.max, took)
	l.counts[bucket(took)]++
}

// bucket returns the index of the bucket that holds d: below 2·steps every nanosecond has
// its own, above that each doubling has steps of them.
func bucket(d time.Duration) int {
	v := uint64(d)
	shift := max(bits.Len64(v)-stepBits-1, 0)
	return shift*steps + int(v>>shift)
}

// bound returns the largest duration in a bucket.
func bound(index int) time.Duration {
	shift := max(index/steps-1, 0)
	return time.Duration(uint64(index-shift*steps+1)<<shift - 1)
}

// summary returns what was counted so far.
func (l *latencies) summary() Latency {
	if l.count == 0 {
		return Latency{}
	}
	return Latency{
		Count: l.count,
		Mean:  l.sum / time.Duration(l.count),
		P50:   l.quantile(50),
		P95:   l.quantile(95),
		P99:   l.quantile(99),
		Max:   l.max,
	}
}

// quantile returns the upper bound of the bucket that holds a percentile.
func (l *latencies) quantile(percent uint64) time.Duration {
	rank := l.count - l.count*(100-percent)/100 // the smallest value with so many at or below it
	seen := uint64(0)
	for index, n := range l.counts {
		if seen += n; seen >= rank {
			return min(bound(index), l.max)
		}
	}
	return l.max
}

// A Latency says how long answered attempts took, from when they were begun until the
// answer's last byte (of a connection: until it ended). Percentiles are at most a sixteenth
// too high; the others are exact.
type Latency struct {
	Count                    uint64
	Mean, P50, P95, P99, Max time.Duration
}

// MarshalJSON writes the times in seconds.
func (l Latency) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Count uint64  `json:"count"`
		Mean  float64 `json:"mean_seconds"`
		P50   float64 `json:"p50_seconds"`
		P95   float64 `json:"p95_seconds"`
		P99   float64 `json:"p99_seconds"`
		Max   float64 `json:"max_seconds"`
	}{l.Count, l.Mean.Seconds(), l.P50.Seconds(), l.P95.Seconds(), l.P99.Seconds(), l.Max.Seconds()})
}
