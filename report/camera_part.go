package report

import (
	"math"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// tenSeconds is how many intervals the middle window has, and recent those of an
// endpoint's history.
const (
	tenSeconds = 10
	recent     = 40
)

// A part is what a camera adds up about one endpoint, or about all of them: the newest
// interval, the last ten, and the run without warm-up.
type part struct {
	name   string
	second measure.Histogram
	now    amounts
	ring   [tenSeconds]frame // of the last ten, by number
	ten    measure.Sliding
	sum    amounts // of the last ten
	run    measure.Histogram
	whole  amounts
	failed measure.Tally // how requests failed, warm-up included; without histograms
	latest Numbers       // of now
	p99    []float64     // recent ones
	heat   []Heat
}

// amounts are the counts of a window.
type amounts struct {
	counts measure.Counts
	late   int64
	length time.Duration
}

func (a *amounts) add(b amounts, sign int64) {
	a.counts.Planned += sign * b.counts.Planned
	a.counts.Succeeded += sign * b.counts.Succeeded
	a.counts.Failed += sign * b.counts.Failed
	a.counts.Unsent += sign * b.counts.Unsent
	a.late += sign * b.late
	a.length += time.Duration(sign) * b.length
}

// A frame is one of the last ten intervals.
type frame struct {
	packed  *measure.Packed
	amounts amounts
}

// begin empties the newest interval.
func (p *part) begin(length time.Duration) {
	p.second.Reset()
	p.now = amounts{length: length}
}

// gather adds what a series did in the interval.
func (p *part) gather(t *measure.Tally, warmup bool) {
	p.second.Add(&t.Response)
	p.now.add(amounts{counts: t.Counts, late: t.Late}, 1)
	if t.Failed > 0 {
		p.failed.Add(lightly(t))
	}
	if !warmup {
		p.run.Add(&t.Response)
		p.whole.add(amounts{counts: t.Counts, late: t.Late}, 1)
	}
}

// end closes the interval of the given number. One that is too short says nothing of
// rates: the one before stays the latest.
func (p *part) end(number int, measured time.Duration, short bool) {
	p.whole.length = measured
	slot := &p.ring[number%tenSeconds]
	if number >= tenSeconds {
		p.ten.Drop(slot.packed)
		p.sum.add(slot.amounts, -1)
	}
	*slot = frame{p.second.Pack(), p.now}
	p.ten.Add(slot.packed)
	p.sum.add(p.now, 1)
	if !short {
		p.latest = numbersOf(&p.now, &p.second)
	}
}

// remember keeps the interval in the endpoint's history.
func (p *part) remember(bounds []float64) {
	p.p99 = push(p.p99, coarse(p.latest.P99), recent)
	p.heat = push(p.heat, HeatOf(classesOf(&p.second, bounds)), recent)
}

// push appends to a list that keeps its latest entries. The list is made anew now and
// then: what was handed out does not change.
func push[T any](list []T, item T, most int) []T {
	if len(list) >= most {
		list = append([]T(nil), list[len(list)-most+1:]...)
	}
	return append(list, item)
}

// numbers returns what is known in each window.
func (p *part) numbers() Windows[Numbers] {
	return Windows[Numbers]{
		Second: p.latest, Ten: numbersOf(&p.sum, p.ten.Histogram()), Run: numbersOf(&p.whole, &p.run),
	}
}

func numbersOf(a *amounts, h *measure.Histogram) Numbers {
	p50, p95, p99 := percentiles(h)
	return Numbers{
		Length: rounded(a.length), Asked: a.counts.Planned, Unsent: a.counts.Unsent,
		Succeeded: a.counts.Succeeded, Failed: a.counts.Failed, Late: a.late,
		P50: rounded(p50), P95: rounded(p95), P99: rounded(p99), Max: rounded(h.Max()),
	}
}

// percentiles returns what Quantile does, in one go: a snapshot has hundreds of them.
func percentiles(h *measure.Histogram) (p50, p95, p99 time.Duration) {
	out := [...]time.Duration{h.Max(), h.Max(), h.Max()}
	ranks := [...]int64{measure.Rank(0.5, h.Count()), measure.Rank(0.95, h.Count()), measure.Rank(0.99, h.Count())}
	var seen int64
	next := 0
	for high, n := range h.Buckets {
		seen += n
		for next < len(ranks) && seen >= ranks[next] {
			if ranks[next] < h.Count() {
				out[next] = max(min(high, h.Max()), h.Min())
			}
			next++
		}
		if next == len(ranks) {
			break
		}
	}
	return out[0], out[1], out[2]
}

// coarse rounds seconds to three digits, which is what charts need.
func coarse(seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	unit := math.Pow(10, 2-math.Floor(math.Log10(seconds)))
	return math.Round(seconds*unit) / unit
}

// rounded returns seconds with at most six decimals, which is all that is measured.
func rounded(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }

// tenth rounds a rate to what a chart can show.
func tenth(v float64) float64 { return math.Round(10*v) / 10 }
