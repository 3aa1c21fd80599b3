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
	slide   slide    // the interval that is being gathered
	recent  []slide  // those that a window will have to subtract, oldest first
	first   int      // the number of the oldest
	all     counters // of all intervals: whoever is overdue now has become so, and not ended
	windows map[time.Duration]*window
}

// A slide is what happened in one interval.
type slide struct {
	length time.Duration // pauses not counted
	middle time.Duration // of the interval, from the start of the run
	counters
	clocks [clocks]*measure.Packed
}

// newFeed returns a feed that counts so many thresholds.
func newFeed(under int) *feed {
	return &feed{windows: map[time.Duration]*window{}, all: counters{under: make([]int64, under)}}
}

// none returns counters of nothing.
func (f *feed) none() counters { return counters{under: make([]int64, len(f.all.under))} }

// begin starts an interval.
func (f *feed) begin(in *measure.Interval) {
	f.slide = slide{length: in.Loaded(), middle: in.Start + in.Length()/2, counters: f.none()}
	for c := range f.joined {
		f.joined[c].Reset()
	}
}

// gather adds one series' part.
func (f *feed) gather(part *measure.Tally) {
	f.slide.add(countersOf(part), 1)
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
	f.all.add(f.slide.counters, 1)
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
		w = &window{length: length, first: next, next: next, begun: next, sum: f.none()}
		f.windows[length] = w
	}
	return w
}
