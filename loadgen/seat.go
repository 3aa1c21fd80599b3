package loadgen

import (
	"sync/atomic"
	"time"
)

// A seat is a user's place in the crowd: where in the plan it leaves, or gone.
type seat struct{ end atomic.Int64 }

// gone is the end of a seat whose user has left.
const gone = -1

// until returns where in the plan the user leaves.
func (s *seat) until() time.Duration { return time.Duration(s.end.Load()) }

// give moves the end. It reports false if the user has left.
func (s *seat) give(end time.Duration) bool {
	for {
		before := s.end.Load()
		if before == gone {
			return false
		}
		if s.end.CompareAndSwap(before, int64(end)) {
			return true
		}
	}
}

// leaves reports whether the user leaves at a position in the plan: then it has.
func (s *seat) leaves(position time.Duration) bool {
	for {
		end := s.end.Load()
		if int64(position) < end {
			return false
		}
		if s.end.CompareAndSwap(end, gone) {
			return true
		}
	}
}

// take gives a span to the first of some users who has not left, and returns the others.
func take(seats []*seat, end time.Duration) (others []*seat, taken bool) {
	for i, s := range seats {
		if s.give(end) {
			return seats[i+1:], true
		}
	}
	return nil, false
}
