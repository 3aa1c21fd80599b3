package slo

import (
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A window is the sum of the latest intervals of a feed.
type window struct {
	length  time.Duration // 0: all of them
	first   int           // the number of the oldest inside
	next    int           // the number of the next one
	begun   int           // the number of the first in which a request was planned
	lasted  time.Duration // of what is inside, since the first request
	sum     counters
	latest  measure.Counts
	clocks  [clocks]measure.Sliding
	answers []answer // ranks that were looked up since the last interval
}

// An answer is the value of a rank of a clock.
type answer struct {
	clock measure.Clock
	rank  int64
	value time.Duration
}

// push adds the newest interval.
func (w *window) push(s *slide) {
	w.answers = w.answers[:0]
	w.latest = s.Counts
	w.sum.add(s.counters, 1)
	if w.begun == w.next && s.Planned == 0 {
		w.begun++
	} else {
		w.lasted += s.length
	}
	w.next++
	for c := range w.clocks {
		w.clocks[c].Add(s.clocks[c])
	}
}

// drop subtracts the oldest one.
func (w *window) drop(s *slide) {
	if w.first >= w.begun {
		w.lasted -= s.length
	}
	w.first++
	w.sum.add(s.counters, -1)
	for c := range w.clocks {
		w.clocks[c].Drop(s.clocks[c])
	}
}

// atRank returns the value of a rank, which is looked up once an interval however many
// rules are about it.
func (w *window) atRank(clock measure.Clock, rank int64) time.Duration {
	for _, a := range w.answers {
		if a.clock == clock && a.rank == rank {
			return a.value
		}
	}
	value := w.clocks[clock].Histogram().AtRank(rank)
	w.answers = append(w.answers, answer{clock, rank, value})
	return value
}
