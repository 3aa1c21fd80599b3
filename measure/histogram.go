package measure

import (
	"math"
	"math/bits"
	"slices"
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

	blockMagnitude = 4 // log2 of the buckets in a block
	blockBuckets   = 1 << blockMagnitude
	bucketCount    = 24 * halfCount // covers bucketIndex(MaxDuration) = 24204
	blockCount     = bucketCount / blockBuckets
	maxFew         = 128 // buckets in the list
	manyValues     = 512 // from where on the list takes too long
	maxBucket      = math.MaxUint32
)

// A Histogram counts durations in the buckets of HdrHistogram, 1 µs to 1 h at
// three significant digits: a bucket is at most 0.1 % wide. A few values are kept in a
// list of buckets, sorted, as those of a rare endpoint's second are. Beyond, buckets
// are made in blocks of 128 bytes on first use, so that a histogram weighs what
// its spread needs (typically 5 to 30 KiB) and not the 190 kB of a dense one. Neither
// lists nor blocks hold pointers for the garbage collector to follow.
//
// The zero value is empty and ready. It is not safe for concurrent use.
//
// The library's own types were weighed: the dense one costs three to four times
// as much per value and ten times the memory, the packed one shifts its buckets
// whenever a new one appears. It remains the judge of this one in tests, and
// reads its files.
type Histogram struct {
	few      []bucket            // all buckets, while place is nil
	place    *[blockCount]uint16 // where each block is in cells, counted from 1; 0: nowhere
	cells    [][blockBuckets]uint64
	count    int64
	clamped  int64
	sum      time.Duration
	min, max time.Duration
}

// A bucket holds n values.
type bucket struct {
	index int32
	n     uint32
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
	if h.place != nil {
		if at := h.place[index>>blockMagnitude]; at != 0 { // by far the most frequent
			h.cells[at-1][index&(blockBuckets-1)]++
			return
		}
	}
	h.addBucket(index, 1)
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

// addBucket counts n values of a bucket, leaving sum and extremes alone.
func (h *Histogram) addBucket(index int, n uint64) {
	if h.place == nil {
		if h.addFew(index, n) {
			return
		}
		h.spread()
	}
	at := &h.place[index>>blockMagnitude]
	if *at == 0 {
		h.cells = append(h.cells, [blockBuckets]uint64{})
		*at = uint16(len(h.cells)) //nolint:gosec // at most blockCount
	}
	h.cells[*at-1][index&(blockBuckets-1)] += n
}

// addFew counts in the list, and reports whether that could be.
func (h *Histogram) addFew(index int, n uint64) bool {
	if h.count > manyValues {
		return false
	}
	at, found := slices.BinarySearchFunc(h.few, index, compareBucket)
	switch {
	case found && n <= maxBucket-uint64(h.few[at].n):
		h.few[at].n += uint32(n)
	case found || len(h.few) == maxFew || n > maxBucket:
		return false // no room
	default:
		h.few = slices.Insert(h.few, at, bucket{int32(index), uint32(n)}) //nolint:gosec // an index is below bucketCount
	}
	return true
}

// compareBucket orders the list.
func compareBucket(b bucket, index int) int { return int(b.index) - index }

// spread makes blocks of the list.
func (h *Histogram) spread() {
	few := h.few
	h.few, h.place = nil, new([blockCount]uint16)
	for _, b := range few {
		h.addBucket(int(b.index), uint64(b.n))
	}
}

// counts yields the buckets that hold values, in ascending order.
func (h *Histogram) counts(yield func(index int, n uint64) bool) {
	for _, b := range h.few {
		if !yield(int(b.index), uint64(b.n)) {
			return
		}
	}
	if h.place == nil {
		return
	}
	for i, at := range h.place {
		if at == 0 {
			continue
		}
		for k, n := range &h.cells[at-1] {
			if n > 0 && !yield(i<<blockMagnitude+k, n) {
				return
			}
		}
	}
}

// Add counts everything that other holds.
func (h *Histogram) Add(other *Histogram) {
	if other.count == 0 {
		return
	}
	if h.place == nil && h.few == nil && other.place != nil {
		h.place, h.cells = new(*other.place), slices.Clone(other.cells)
	} else {
		for index, n := range other.counts {
			h.addBucket(index, n)
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

// Reset empties the histogram and keeps its memory for the next values.
func (h *Histogram) Reset() {
	if h.count == 0 {
		return
	}
	h.few = h.few[:0]
	clear(h.cells)
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
func (h *Histogram) Quantile(q float64) time.Duration { return h.AtRank(Rank(q, h.count)) }

// Rank returns the rank of the quantile q among n values, as in [Histogram.Quantile].
func Rank(q float64, n int64) int64 {
	return int64(max(math.Ceil(q*float64(n)-1e-9), 0)) // 0.99*100 is 99.00000000000001
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
	for index, n := range h.counts {
		seen += int64(n) //nolint:gosec // not more than count
		if seen >= rank {
			_, high := bucketRange(index)
			return max(min(high, h.max), h.min)
		}
	}
	return h.max
}

// Buckets yields the buckets that hold values, in ascending order, as the
// highest value of each and its count.
func (h *Histogram) Buckets(yield func(high time.Duration, n int64) bool) {
	for index, n := range h.counts {
		_, high := bucketRange(index)
		if !yield(high, int64(n)) { //nolint:gosec // not more than count
			return
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
	for index, n := range h.counts {
		if index > last {
			break
		}
		seen += int64(n) //nolint:gosec // not more than count
	}
	return seen
}
