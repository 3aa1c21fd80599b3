package slo

import (
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// clocks is how many clocks an expression can be about: response, service and lag.
const clocks = int(measure.Lag) + 1

// A feed joins what some of the series did, interval by interval, and hands it to
// the windows that look at them.
type feed struct {
	wanted  [clocks]bool // by some gauge
	joined  [clocks]measure.Histogram
	slide   slide   // the interval that is being gathered
	recent  []slide // those that a window will have to subtract, oldest first
	first   int     // the number of the oldest
	windows map[time.Duration]*window
}

// A slide is what happened in one interval.
type slide struct {
	length time.Duration
	middle time.Duration // of the interval, from the start of the run
	counts measure.Counts
	under  []int64
	clocks [clocks]*measure.Packed
}

// begin starts an interval.
func (f *feed) begin(start, end time.Duration) {
	f.slide = slide{length: end - start, middle: start + (end-start)/2, under: make([]int64, len(f.slide.under))}
	for c := range f.joined {
		f.joined[c].Reset()
	}
}

// gather adds one series' part.
func (f *feed) gather(part *measure.Tally) {
	f.slide.add(part.Counts, part.Under, 1)
	for c, wanted := range f.wanted {
		if wanted {
			f.joined[c].Add(part.Clock(measure.Clock(c))) //nolint:gosec // a clock's number
		}
	}
}

// end hands the interval to the windows, and forgets what none of them holds.
func (f *feed) end(now time.Duration) {
	for c, wanted := range f.wanted {
		if wanted {
			f.slide.clocks[c] = f.joined[c].Pack()
		}
	}
	next := f.first + len(f.recent)
	f.recent = append(f.recent, f.slide)
	oldest := next + 1
	for _, w := range f.windows {
		w.push(&f.slide)
		for w.length > 0 && w.first <= next && f.recent[w.first-f.first].middle < now-w.length {
			w.drop(&f.recent[w.first-f.first])
		}
		if w.length > 0 {
			oldest = min(oldest, w.first)
		}
	}
	f.recent = slices.Delete(f.recent, 0, oldest-f.first)
	f.first = oldest
}

// window returns the feed's window of a length, which is made if it is new.
func (f *feed) window(length time.Duration) *window {
	w := f.windows[length]
	if w == nil {
		next := f.first + len(f.recent)
		w = &window{length: length, first: next, next: next, begun: next, sum: slide{under: make([]int64, len(f.slide.under))}}
		f.windows[length] = w
	}
	return w
}

// add adds counts, times 1 or -1.
func (s *slide) add(c measure.Counts, under []int64, sign int64) {
	addCounts(&s.counts, s.under, c, under, sign)
}

// A window is the sum of the latest intervals of a feed.
type window struct {
	length  time.Duration // 0: all of them
	first   int           // the number of the oldest inside
	next    int           // the number of the next one
	begun   int           // the number of the first in which a request was planned
	sum     slide         // its length is the time since the first request inside
	latest  measure.Counts
	clocks  [clocks]measure.Sliding
	answers []answer // percentiles that were read since the last interval
}

// An answer is a percentile of a clock.
type answer struct {
	clock measure.Clock
	q     float64
	value time.Duration
}

// push adds the newest interval.
func (w *window) push(s *slide) {
	w.answers = w.answers[:0]
	w.latest = s.counts
	w.sum.add(s.counts, s.under, 1)
	if w.begun == w.next && s.counts.Planned == 0 {
		w.begun++
	} else {
		w.sum.length += s.length
	}
	w.next++
	for c := range w.clocks {
		w.clocks[c].Add(s.clocks[c])
	}
}

// drop subtracts the oldest one.
func (w *window) drop(s *slide) {
	if w.first >= w.begun {
		w.sum.length -= s.length
	}
	w.first++
	w.sum.add(s.counts, s.under, -1)
	for c := range w.clocks {
		w.clocks[c].Drop(s.clocks[c])
	}
}

// quantile returns a percentile, which is looked up once an interval however many
// rules are about it.
func (w *window) quantile(clock measure.Clock, q float64) time.Duration {
	for _, a := range w.answers {
		if a.clock == clock && a.q == q {
			return a.value
		}
	}
	value := w.clocks[clock].Histogram().Quantile(q)
	w.answers = append(w.answers, answer{clock, q, value})
	return value
}
