package measure

import (
	"math"
	"math/bits"
	"time"
)

// The geometry of HdrHistogram for 1 µs to 1 h at three significant digits, in
// nanoseconds: New(1000, 3600000000000, 3). Values below 2^20 ns (1.05 ms) share
// buckets of 512 ns; above, each doubling is cut into 1024 buckets.
const (
	unitMagnitude = 9  // log2 of the smallest bucket, in ns
	halfMagnitude = 10 // log2 of the buckets in a doubling
	halfCount     = 1 << halfMagnitude
	subBucketMask = (2*halfCount - 1) << unitMagnitude

	// MaxDuration is the largest value a histogram holds. Larger ones are
	// clamped to it and counted as clamped.
	MaxDuration = time.Hour

	blockMagnitude = 7 // log2 of the buckets in a block
	blockBuckets   = 1 << blockMagnitude
	bucketCount    = 24 * halfCount // covers bucketIndex(MaxDuration) = 24204
	blockCount     = bucketCount / blockBuckets
)

// A Histogram counts durations in the buckets of HdrHistogram, 1 µs to 1 h at
// three significant digits: a bucket is at most 0.1 % wide. Buckets are made in
// blocks of 1 KiB on first use, so that a histogram weighs what its spread
// needs (typically 5 to 30 KiB) and not the 190 kB of a dense one.
//
// The zero value is empty and ready. It is not safe for concurrent use.
//
// The library's own types were weighed: the dense one costs three to four times
// as much per value and ten times the memory, the packed one shifts its buckets
// whenever a new one appears. It remains the judge of this one in tests, and
// reads and writes its files.
type Histogram struct {
	blocks   [blockCount]*[blockBuckets]uint64
	count    int64
	clamped  int64
	sum      time.Duration
	min, max time.Duration
}

// bucketIndex returns the bucket of d, which must be within 0 and MaxDuration.
func bucketIndex(d time.Duration) int {
	bucket := bits.Len64(uint64(d)|subBucketMask) - (unitMagnitude + halfMagnitude + 1)
	sub := int(uint64(d) >> (uint(bucket+unitMagnitude) & 63))
	return bucket<<halfMagnitude + sub
}

// bucketRange returns the lowest and the highest value of a bucket.
func bucketRange(index int) (low, high time.Duration) {
	bucket, sub := index>>halfMagnitude-1, index&(halfCount-1)+halfCount
	if bucket < 0 {
		bucket, sub = 0, index
	}
	width := uint(bucket + unitMagnitude)
	low = time.Duration(sub) << width
	return low, low + 1<<width - 1
}

// Record counts one duration. A value below 0 or above MaxDuration is clamped
// and counted as clamped; the largest true value still shows in Max.
func (h *Histogram) Record(d time.Duration) {
	h.note(d)
	if d < 0 || d > MaxDuration {
		h.clamped++
		d = min(max(d, 0), MaxDuration)
	}
	index := bucketIndex(d)
	block := h.blocks[index>>blockMagnitude]
	if block == nil {
		block = new([blockBuckets]uint64)
		h.blocks[index>>blockMagnitude] = block
	}
	block[index&(blockBuckets-1)]++
}

// note keeps the exact extremes and the sum.
func (h *Histogram) note(d time.Duration) {
	if h.count == 0 || d < h.min {
		h.min = d
	}
	if h.count == 0 || d > h.max {
		h.max = d
	}
	h.count++
	h.sum += d
}

// addBucket counts n values of the bucket that holds d, leaving sum and extremes
// alone.
func (h *Histogram) addBucket(index int, n uint64) {
	block := h.blocks[index>>blockMagnitude]
	if block == nil {
		block = new([blockBuckets]uint64)
		h.blocks[index>>blockMagnitude] = block
	}
	block[index&(blockBuckets-1)] += n
}

// Add counts everything that other holds.
func (h *Histogram) Add(other *Histogram) {
	if other.count == 0 {
		return
	}
	for i, from := range other.blocks {
		if from == nil {
			continue
		}
		to := h.blocks[i]
		if to == nil {
			to = new([blockBuckets]uint64)
			h.blocks[i] = to
		}
		for k, n := range from {
			to[k] += n
		}
	}
	if h.count == 0 || other.min < h.min {
		h.min = other.min
	}
	if h.count == 0 || other.max > h.max {
		h.max = other.max
	}
	h.count += other.count
	h.clamped += other.clamped
	h.sum += other.sum
}

// Reset empties the histogram and keeps its blocks for the next values.
func (h *Histogram) Reset() {
	if h.count == 0 {
		return
	}
	for _, block := range h.blocks {
		if block != nil {
			*block = [blockBuckets]uint64{}
		}
	}
	h.count, h.clamped, h.sum, h.min, h.max = 0, 0, 0, 0, 0
}

// Count returns the number of values.
func (h *Histogram) Count() int64 { return h.count }

// Clamped returns how many values were outside 0 to MaxDuration.
func (h *Histogram) Clamped() int64 { return h.clamped }

// Sum returns the exact sum of the values.
func (h *Histogram) Sum() time.Duration { return h.sum }

// Max returns the exact largest value, 0 if there is none.
func (h *Histogram) Max() time.Duration { return h.max }

// Min returns the exact smallest value, 0 if there is none.
func (h *Histogram) Min() time.Duration { return h.min }

// Mean returns the exact mean, 0 if there is no value.
func (h *Histogram) Mean() time.Duration {
	if h.count == 0 {
		return 0
	}
	return time.Duration(float64(h.sum) / float64(h.count))
}

// Quantile returns the value that a share q of all values does not exceed: the
// one of rank ceil(q·n), to the upper end of its bucket and never above Max. It
// returns 0 without values, Min for q <= 0 and Max for q >= 1. It never falls
// when q rises.
//
// The rank is the nearest one from above, unlike the library's rounded rank:
// "p99" must be a value that at least 99 % of the samples satisfy.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := math.Ceil(q*float64(h.count) - 1e-9) // 0.99*100 is 99.00000000000001
	return h.AtRank(int64(max(rank, 0)))
}

// AtRank returns the value of the given rank in ascending order, counted from 1,
// to the upper end of its bucket. Ranks below 1 give Min, above Count Max; an
// empty histogram gives 0.
func (h *Histogram) AtRank(rank int64) time.Duration {
	switch {
	case rank < 1:
		return h.min
	case rank >= h.count:
		return h.max
	}
	var seen int64
	for i, block := range h.blocks {
		if block == nil {
			continue
		}
		for k, n := range block {
			seen += int64(n)
			if seen >= rank {
				_, high := bucketRange(i<<blockMagnitude + k)
				return max(min(high, h.max), h.min)
			}
		}
	}
	return h.max
}

// Buckets yields the buckets that hold values, in ascending order, as the
// highest value of each and its count.
func (h *Histogram) Buckets(yield func(high time.Duration, n int64) bool) {
	for i, block := range h.blocks {
		if block == nil {
			continue
		}
		for k, n := range block {
			if n == 0 {
				continue
			}
			_, high := bucketRange(i<<blockMagnitude + k)
			if !yield(high, int64(n)) {
				return
			}
		}
	}
}

// CountAtMost returns how many values lie in buckets up to and including the one
// of d. It is exact to the bucket, at most 0.1 % of d.
func (h *Histogram) CountAtMost(d time.Duration) int64 {
	if d < 0 {
		return 0
	}
	var seen int64
	last := bucketIndex(min(d, MaxDuration))
	for i := 0; i <= last>>blockMagnitude; i++ {
		if h.blocks[i] == nil {
			continue
		}
		for k, n := range h.blocks[i] {
			if i<<blockMagnitude+k <= last {
				seen += int64(n)
			}
		}
	}
	return seen
}
