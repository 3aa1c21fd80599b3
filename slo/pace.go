package slo

import (
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A pace measures how many requests finish per second.
//
// It counts whole intervals: from the first in which a matching request was
// planned, to the one before the last, which is often cut short and followed by
// the drain. Intervals in which another stage planned requests are left out, so
// neither warm-up nor the mixed second at the border of two stages counts. A run
// of a single interval is measured by that.
type pace struct {
	counted flow // surely between the first and the last
	pending flow // the last interval with planned requests, and those since
	planned int64
}

// A flow is how many requests finished in how much time.
type flow struct {
	finished int64
	time     time.Duration
}

// add notes an interval of the given length.
func (p *pace) add(c measure.Counts, length time.Duration) {
	p.planned += c.Planned
	if c.Planned > 0 {
		p.counted.add(p.pending)
		p.pending = flow{}
	}
	if p.planned > 0 {
		p.pending.add(flow{c.Finished(), length})
	}
}

func (f *flow) add(other flow) {
	f.finished += other.finished
	f.time += other.time
}

// best returns what is counted, or what there is as long as nothing is.
func (p pace) best() flow {
	if p.counted.time > 0 {
		return p.counted
	}
	return p.pending
}

// perSecond returns the rate, 0 if no time was measured.
func (p pace) perSecond() float64 {
	f := p.best()
	return perSecond(f.finished, f.time)
}

// perSecond returns a rate, 0 if no time has passed.
func perSecond(n int64, length time.Duration) float64 {
	if length <= 0 {
		return 0
	}
	return float64(n) / length.Seconds()
}

// events returns how many requests were planned, 0 if no time was measured.
func (p pace) events() int64 {
	if p.best().time <= 0 {
		return 0
	}
	return p.planned
}
