package report

import (
	"math"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// tenSeconds is how many intervals the middle window has, and minute those of an
// endpoint's history.
const (
	tenSeconds = 10
	minute     = 60
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
	p99    []float64 // the latest minute
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
	if !warmup {
		p.run.Add(&t.Response)
		p.whole.add(amounts{counts: t.Counts, late: t.Late}, 1)
	}
}

// end closes the interval of the given number.
func (p *part) end(number int, measured time.Duration) {
	p.whole.length = measured
	slot := &p.ring[number%tenSeconds]
	if number >= tenSeconds {
		p.ten.Drop(slot.packed)
		p.sum.add(slot.amounts, -1)
	}
	*slot = frame{p.second.Pack(), p.now}
	p.ten.Add(slot.packed)
	p.sum.add(p.now, 1)
}

// remember keeps the interval in the endpoint's history.
func (p *part) remember(bounds []float64) {
	p.p99 = push(p.p99, rounded(p.second.Quantile(0.99)), minute)
	p.heat = push(p.heat, HeatOf(classesOf(&p.second, bounds)), minute)
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
		Second: numbersOf(&p.now, &p.second), Ten: numbersOf(&p.sum, p.ten.Histogram()), Run: numbersOf(&p.whole, &p.run),
	}
}

func numbersOf(a *amounts, h *measure.Histogram) Numbers {
	return Numbers{
		Length: rounded(a.length), Asked: a.counts.Planned, Unsent: a.counts.Unsent,
		Succeeded: a.counts.Succeeded, Failed: a.counts.Failed, Late: a.late,
		P50: rounded(h.Quantile(0.5)), P95: rounded(h.Quantile(0.95)), P99: rounded(h.Quantile(0.99)), Max: rounded(h.Max()),
	}
}

// rounded returns seconds with at most six decimals, which is all that is measured.
func rounded(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }

// tenth rounds a rate to what a chart can show.
func tenth(v float64) float64 { return math.Round(10*v) / 10 }
