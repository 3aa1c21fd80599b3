package health

import (
	"math"
	"runtime/metrics"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// What is asked of Go's runtime: nothing of it stops the program.
const (
	pauseMetric = "/sched/pauses/total/gc:seconds"
	heapMetric  = "/memory/classes/heap/objects:bytes"
)

// pauses reads for how long garbage collection stopped the program.
type pauses struct {
	samples [2]metrics.Sample
	before  []uint64 // counts by bucket
}

// since returns the pauses since the call before, and the size of the heap.
func (p *pauses) since() (measure.Pauses, int64) {
	p.samples[0].Name, p.samples[1].Name = pauseMetric, heapMetric
	metrics.Read(p.samples[:])
	var out measure.Pauses
	if p.samples[0].Value.Kind() == metrics.KindFloat64Histogram {
		h := p.samples[0].Value.Float64Histogram()
		if len(p.before) != len(h.Counts) {
			p.before = make([]uint64, len(h.Counts))
		}
		out = newPauses(h.Buckets, h.Counts, p.before)
		copy(p.before, h.Counts)
	}
	var heap int64
	if p.samples[1].Value.Kind() == metrics.KindUint64 {
		heap = int64(p.samples[1].Value.Uint64())
	}
	return out, heap
}

// newPauses describes what counts has more than before. Bucket i reaches from
// bounds[i] to bounds[i+1] seconds; a pause is taken for the middle of its bucket,
// and the longest for its end.
func newPauses(bounds []float64, counts, before []uint64) measure.Pauses {
	var out measure.Pauses
	for i, n := range counts {
		fresh := int64(n - before[i])
		if fresh <= 0 {
			continue
		}
		low, high := max(bounds[i], 0), bounds[i+1]
		if math.IsInf(high, 1) {
			high = low
		}
		out.Count += fresh
		out.Total += time.Duration(float64(fresh) * (low + high) / 2 * 1e9)
		out.Longest = time.Duration(high * 1e9)
	}
	return out
}
