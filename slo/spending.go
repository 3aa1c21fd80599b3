package slo

import (
	"slices"
	"time"
)

// maxMarks bounds what a spending remembers.
const maxMarks = 1024

// A spending remembers when bad requests came, to tell when there were more of
// them than are allowed for the whole run. How many that are is known only at
// the end, but it never falls: marks that are within what is allowed already can
// be forgotten.
//
// When bad intervals are many, a mark stands for several: the answer may then be
// late, by at most one in 500 of the bad intervals.
type spending struct {
	allowed float64 // share of all requests that may be bad
	count   Count
	marks   []mark
	stride  int // bad intervals a mark; 0 is 1
	filled  int // bad intervals in the last mark
}

// A mark is how many requests had been bad at the end of an interval.
type mark struct {
	at  time.Duration
	bad int64
}

// add notes the requests that ended in an interval, which ends at the given time.
func (s *spending) add(c Count, at time.Duration) {
	s.count.Good += c.Good
	s.count.Total += c.Total
	if c.Bad() > 0 {
		s.note(mark{at, s.count.Bad()})
	}
	within := 0
	for within < len(s.marks) && !s.spent(s.marks[within].bad) {
		within++
	}
	s.marks = slices.Delete(s.marks, 0, within)
}

// note adds a mark, or moves the last one on if it has room.
func (s *spending) note(m mark) {
	if len(s.marks) > 0 && s.filled < s.stride {
		s.marks[len(s.marks)-1] = m
		s.filled++
		return
	}
	s.marks = append(s.marks, m)
	s.filled = 1
	if len(s.marks) == maxMarks {
		s.thin()
	}
}

// spent reports whether so many bad requests are more than allowed. The little
// that is added makes 10 of 100 within 1 - 0.9, which is a bit less than 0.1.
func (s *spending) spent(bad int64) bool {
	return float64(bad) > s.allowed*float64(s.count.Total)*(1+1e-12)
}

// thin keeps the later of each pair of marks, and lets each new one stand for
// twice as many intervals.
func (s *spending) thin() {
	for i := range maxMarks / 2 {
		s.marks[i] = s.marks[2*i+1]
	}
	s.marks = s.marks[:maxMarks/2]
	s.stride = 2 * max(s.stride, 1)
	s.filled = s.stride
}

// burn returns the share of bad requests in terms of what is allowed, -1 if that is
// nothing or nobody knows.
func (s *spending) burn() float64 {
	if s.count.Total == 0 || s.allowed <= 0 {
		return -1
	}
	return ratio(s.count.Bad(), s.count.Total) / s.allowed
}

// at returns when the budget was spent, -1 if it is not.
func (s *spending) at() time.Duration {
	if len(s.marks) == 0 {
		return -1
	}
	return s.marks[0].at
}
