package slo

import (
	"slices"
	"time"
)

// maxSpans is how many spans a tracker keeps.
const maxSpans = 64

// spans remembers when it was bad.
type spans struct {
	all     []Span
	total   time.Duration
	good    int           // good intervals since the last bad one
	stalled bool          // nothing has ended since stalledAt, though something was under way
	since   time.Duration // start of the stall
}

// addGood notes an interval that was good, or in which nothing was asked for.
func (s *spans) addGood() {
	s.good++
	s.stalled = false
}

// addStalled notes an interval in which requests were under way and none ended.
// It is as bad as the interval in which they do end turns out to be.
func (s *spans) addStalled(start time.Duration) {
	if !s.stalled {
		s.stalled, s.since = true, start
	}
}

// addBad notes a bad interval. A gap of one good interval is bridged.
func (s *spans) addBad(in Span) {
	if s.stalled {
		in.Start = s.since
	}
	bridged := len(s.all) > 0 && s.good <= 1
	s.good, s.stalled = 0, false
	if bridged {
		last := &s.all[len(s.all)-1]
		s.total += in.End - last.End
		last.End = in.End
		return
	}
	s.total += in.Length()
	s.all = append(s.all, in)
	if len(s.all) > maxSpans {
		s.joinNearest()
	}
}

// joinNearest joins the two neighbours with the least gap.
func (s *spans) joinNearest() {
	nearest := 1
	for i := 2; i < len(s.all); i++ {
		if s.all[i].Start-s.all[i-1].End < s.all[nearest].Start-s.all[nearest-1].End {
			nearest = i
		}
	}
	s.all[nearest-1].End = s.all[nearest].End
	s.all = slices.Delete(s.all, nearest, nearest+1)
}
