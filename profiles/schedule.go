package profiles

import (
	"iter"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"
)

// Schedule is when load is meant to happen, worked out from a Load: a pure value, which knows no clock and counts time from
// the start of the run. Everything follows from the Load and the seed, so two schedules of the same are the same. Any number
// of goroutines may use one at once. The zero Schedule lasts no time.
type Schedule struct {
	load   Load
	seed   uint64
	stages []Segment
	pieces []piece // the segments that take time, as the arithmetic wants them
	count  int64
	area   float64 // arrivals below the whole curve, not rounded

	// Of a schedule that a Turn has made, whose pieces are those after it.
	plan   []piece    // the pieces before any turn
	turns  uint64     // how many there were
	begun  int64      // arrivals before the last of them
	passed *big.Float // the area before it, nil for none
	before float64    // the same, not as exact
}

// Segment is a part of the schedule in which the level runs straight from From to To: a rate per second or a number of users.
type Segment struct {
	Name       string
	Start, End time.Duration
	From, To   float64
	Warmup     bool // neither judged nor in any window
}

// Schedule works out when the load happens. The load should be one that [Profile.Validate] accepts; a level that is no
// number, negative or beyond the largest rate is taken for the nearest that is none of these.
func (l Load) Schedule(seed uint64) Schedule {
	s := Schedule{load: l, seed: seed, stages: l.segments()}
	for i := range s.stages {
		segment := &s.stages[i]
		segment.From, segment.To = bounded(segment.From, maxRate), bounded(segment.To, maxRate)
		if segment.End > segment.Start {
			s.pieces = append(s.pieces, newPiece(*segment))
		}
	}
	s.plan = s.pieces
	s.measure()
	return s
}

// measure works out the arrivals below the pieces.
func (s *Schedule) measure() {
	if s.Open() {
		s.area = layOut(s.pieces, s.passed)
		s.count = s.total()
	}
}

func bounded(level, most float64) float64 {
	if !(level >= 0) { // written so, it also holds for what is not a number
		return 0
	}
	return min(level, most)
}

// segments lists the parts of the load, each with a name.
func (l Load) segments() []Segment {
	if l.Executor.Ramping() {
		return l.ramps()
	}
	level := l.Rate
	if l.Executor == ConstantVUs {
		level = float64(l.VUs)
	}
	main := Segment{Name: "main", Start: l.Warmup, End: l.Warmup + l.Duration, From: level, To: level}
	if l.Warmup <= 0 {
		return []Segment{main}
	}
	return []Segment{{Name: "warmup", End: l.Warmup, From: level, To: level, Warmup: true}, main}
}

func (l Load) ramps() []Segment {
	var segments []Segment
	level, at := l.Start, time.Duration(0)
	for i, stage := range l.Stages {
		segments = append(segments, Segment{
			Name: stage.name(i), Start: at, End: at + stage.Duration,
			From: level, To: stage.Target, Warmup: stage.Warmup,
		})
		level, at = stage.Target, at+stage.Duration
	}
	return segments
}

// name returns the stage's own name, or one by its number from 1.
func (s Stage) name(i int) string {
	if s.Name != "" {
		return s.Name
	}
	return "stage " + strconv.Itoa(i+1)
}

// Open reports whether the schedule has arrivals; otherwise it has users.
func (s Schedule) Open() bool { return s.load.Executor.Open() }

// Stages returns the parts of the schedule in order, every one with a name. A jump is a part that takes no time.
func (s Schedule) Stages() []Segment { return slices.Clone(s.stages) }

// Duration returns how long load is meant to be offered, warm-up included and draining not. A limit on requests may end
// the load sooner.
func (s Schedule) Duration() time.Duration {
	if len(s.stages) == 0 {
		return 0
	}
	return s.stages[len(s.stages)-1].End
}

// Measured returns how much of Duration is not warm-up.
func (s Schedule) Measured() time.Duration {
	total := time.Duration(0)
	for _, segment := range s.stages {
		if !segment.Warmup {
			total += segment.End - segment.Start
		}
	}
	return total
}

// Count returns the exact number of arrivals, those before a turn included, and 0 for users, whose number of requests depends
// on the target.
func (s Schedule) Count() int64 { return s.count }

// RateAt returns the level at a time: arrivals per second, or users. At a jump it is the level after it, and outside the
// schedule it is 0.
func (s Schedule) RateAt(t time.Duration) float64 {
	if len(s.pieces) == 0 || t < s.pieces[0].Start || t > s.Duration() {
		return 0
	}
	for i := range s.pieces {
		if t < s.pieces[i].End {
			return s.pieces[i].level(t)
		}
	}
	return s.pieces[len(s.pieces)-1].To
}

// Peak returns the highest level the schedule reaches: arrivals per second, or users.
func (s Schedule) Peak() float64 {
	peak := 0.0
	for _, p := range s.pieces {
		peak = max(peak, p.From, p.To)
	}
	return peak
}

// Arrivals yields the intended start of each request, in order; none for users. Each use begins anew and yields the same.
func (s Schedule) Arrivals() iter.Seq[time.Duration] {
	if s.load.Arrivals == Poisson {
		return s.poisson
	}
	return s.even
}

// total counts arrivals. Poisson arrivals have a whole number of them, the area rounded; even ones begin at the start and
// go on while there is area left, which the tolerance keeps from counting the last rounding error as an arrival.
func (s Schedule) total() int64 {
	n := s.begun + s.points()
	if s.load.Arrivals != Poisson {
		n = int64(math.Ceil(s.area - tolerance(s.area)))
	}
	if s.load.Requests > 0 {
		n = min(n, s.load.Requests)
	}
	return n
}

// points returns how many points a Poisson process has below the pieces.
func (s Schedule) points() int64 {
	rest := s.area - s.before
	return int64(math.Floor(rest + 0.5 + tolerance(rest)))
}
