// Package latency counts times of any length in little memory.
//
// It does not know what the times are of, and has no lock. The main type is
// [Histogram]: times are observed, and mean, maximum and percentiles are asked of it.
package latency

import (
	"math/bits"
	"time"
)

// Buckets are logarithmic with 16 steps to each doubling, so a bound is at most 1/16
// above the value, from a nanosecond to the longest Duration, in 8 kB.
const (
	stepBits = 4
	steps    = 1 << stepBits
	buckets  = (64 - stepBits) * steps
)

// A Histogram counts times. The zero value is empty. One goroutine at a time may use it.
type Histogram struct {
	count  uint64
	sum    time.Duration
	max    time.Duration
	counts [buckets]uint64
}

// Observe counts one time; a negative one counts as none.
func (h *Histogram) Observe(d time.Duration) {
	d = max(d, 0)
	h.count++
	h.sum += d
	h.max = max(h.max, d)
	h.counts[bucket(d)]++
}

// Count returns how many times were observed.
func (h *Histogram) Count() uint64 { return h.count }

// Max returns the longest time; 0 if there is none.
func (h *Histogram) Max() time.Duration { return h.max }

// Mean returns the mean, exactly; 0 if there is none.
func (h *Histogram) Mean() time.Duration {
	if h.count == 0 {
		return 0
	}
	return h.sum / time.Duration(h.count)
}

// Percentile returns the smallest time with so many percent of all at or below it, or
// up to a sixteenth more; 0 if there is none.
func (h *Histogram) Percentile(percent int) time.Duration {
	rank := h.count - h.count*uint64(100-min(max(percent, 0), 100))/100
	seen := uint64(0)
	for index, n := range h.counts {
		if seen += n; seen >= rank {
			return min(bound(index), h.max)
		}
	}
	return h.max
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
