package measure

import (
	"slices"
	"time"
)

// A Packed is a histogram that does not change any more, in little memory: eight
// bytes a bucket. Make it with [Histogram.Pack]; nil is an empty one.
type Packed struct {
	buckets      []bucket // in ascending order; one with many values stands in several entries
	count, clamp int64
	sum, max     time.Duration
}

// Pack returns what the histogram holds now, nil if that is nothing.
func (h *Histogram) Pack() *Packed {
	if h.count == 0 {
		return nil
	}
	p := &Packed{count: h.count, clamp: h.clamped, sum: h.sum, max: h.max}
	for index, n := range h.counts {
		for ; n > 0; n -= min(n, maxBucket) {
			p.buckets = append(p.buckets, bucket{int32(index), uint32(min(n, maxBucket))}) //nolint:gosec // both fit
		}
	}
	p.buckets = slices.Clip(p.buckets)
	return p
}

// A Sliding is a histogram of the latest intervals: each is added when it is new
// and subtracted when it has become too old. Counts and sums are whole numbers, so
// nothing drifts, however long that goes on. The zero value is empty and ready. It
// is not safe for concurrent use.
//
// Adding and subtracting a second costs what the buckets of that second do;
// merging the histograms of a whole window anew costs a thousand times as much.
type Sliding struct {
	sum         Histogram
	peaks       []peak // falling maxima of what is inside, oldest first
	first, next int    // numbers of the oldest inside, and of the next one
}

// A peak is the largest value of a part, by the part's number.
type peak struct {
	part int
	max  time.Duration
}

// Add adds the newest part.
func (s *Sliding) Add(p *Packed) {
	part := s.next
	s.next++
	if p == nil {
		return
	}
	for _, b := range p.buckets {
		s.sum.addBucket(int(b.index), uint64(b.n))
	}
	s.sum.count += p.count
	s.sum.clamped += p.clamp
	s.sum.sum += p.sum
	for len(s.peaks) > 0 && s.peaks[len(s.peaks)-1].max <= p.max {
		s.peaks = s.peaks[:len(s.peaks)-1]
	}
	s.peaks = append(s.peaks, peak{part, p.max})
	s.sum.max = s.peaks[0].max
}

// Drop subtracts the oldest part, which must be the one that was added first of
// those that are still inside.
func (s *Sliding) Drop(p *Packed) {
	part := s.first
	s.first++
	if p == nil {
		return
	}
	for _, b := range p.buckets {
		s.sum.dropBucket(int(b.index), b.n)
	}
	s.sum.count -= p.count
	s.sum.clamped -= p.clamp
	s.sum.sum -= p.sum
	s.sum.max = 0
	if s.peaks[0].part == part {
		s.peaks = slices.Delete(s.peaks, 0, 1)
	}
	if len(s.peaks) > 0 {
		s.sum.max = s.peaks[0].max
	}
}

// Histogram returns the sum of what is inside, for reading until the next change.
// Its Min is 0: the smallest value is not known any more once parts were dropped.
func (s *Sliding) Histogram() *Histogram { return &s.sum }

// dropBucket is the reverse of addBucket.
func (h *Histogram) dropBucket(index int, n uint32) {
	if h.place != nil {
		at := h.place[index>>blockMagnitude]
		h.cells[at-1][index&(blockBuckets-1)] -= uint64(n)
		return
	}
	at, _ := slices.BinarySearchFunc(h.few, index, compareBucket)
	if h.few[at].n -= n; h.few[at].n == 0 {
		h.few = slices.Delete(h.few, at, at+1)
	}
}
