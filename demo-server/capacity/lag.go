package capacity

import (
	"encoding/json"
	"math/bits"
	"sync"
	"time"
)

// Buckets are logarithmic with 16 steps to each doubling, so a bound is at most 1/16
// above the value, from a nanosecond to the longest Duration, in 8 kB.
const (
	stepBits = 4
	steps    = 1 << stepBits
	buckets  = (64 - stepBits) * steps
)

// lags counts how late answers were. The zero value is empty; any number of goroutines
// may use it at once.
type lags struct {
	mu     sync.Mutex
	count  uint64
	sum    time.Duration
	max    time.Duration
	counts [buckets]uint64
}

// observe counts one lag; a negative one counts as none.
func (l *lags) observe(lag time.Duration) {
	lag = max(lag, 0)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	l.sum += lag
	l.max = max(l.max, lag)
	l.counts[bucket(lag)]++
}

// bucket returns the index of the bucket that holds d: below 2·steps every nanosecond
// has its own, above that each doubling has steps of them.
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
func (l *lags) summary() Lag {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == 0 {
		return Lag{}
	}
	return Lag{
		Count: l.count,
		Mean:  l.sum / time.Duration(l.count),
		P99:   min(l.quantile(), l.max),
		Max:   l.max,
	}
}

// quantile returns the upper bound of the bucket that holds the 99th percentile.
func (l *lags) quantile() time.Duration {
	rank := l.count - l.count/100 // the smallest value with at least 99% at or below it
	seen := uint64(0)
	for index, n := range l.counts {
		if seen += n; seen >= rank {
			return bound(index)
		}
	}
	return l.max
}

// A Lag says how late a machine's answers were against its model: woke minus planned.
// A run whose P99 is not small against its service times has measured the host, not
// the modelled machine. P99 is at most a sixteenth too high; the others are exact.
type Lag struct {
	Count          uint64
	Mean, P99, Max time.Duration
}

// MarshalJSON writes the times in seconds.
func (l Lag) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Count uint64  `json:"count"`
		Mean  float64 `json:"mean_seconds"`
		P99   float64 `json:"p99_seconds"`
		Max   float64 `json:"max_seconds"`
	}{l.Count, l.Mean.Seconds(), l.P99.Seconds(), l.Max.Seconds()})
}
