package profiles

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"
)

// Span is the time in which one virtual user is active.
type Span struct{ Start, End time.Duration }

// Users yields when each virtual user is active, in the order of their starts; none for arrivals. User L is active while
// the level is at least L. One who leaves and is wanted again is a new span, and a user of the new span a new user.
func (s Schedule) Users() iter.Seq[Span] {
	if s.Open() {
		return func(func(Span) bool) {}
	}
	return func(yield func(Span) bool) {
		for _, span := range s.spans() {
			if !yield(span) {
				return
			}
		}
	}
}

// spans works out all spans, level by level, and sorts them.
func (s Schedule) spans() []Span {
	var spans []Span
	for level := 1.0; level <= s.Peak()+levelSlack; level++ {
		spans = s.appendLevel(spans, level)
	}
	slices.SortStableFunc(spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	return spans
}

// levelSlack lets a level that was meant to be reached be reached, whatever the last digit says.
const levelSlack = 1e-9

// appendLevel adds the spans in which the curve is at a level or above it.
func (s Schedule) appendLevel(spans []Span, level float64) []Span {
	first := len(spans)
	for _, p := range s.pieces {
		span, ok := p.above(level)
		if !ok {
			continue
		}
		if n := len(spans); n > first && spans[n-1].End == span.Start {
			spans[n-1].End = span.End
			continue
		}
		spans = append(spans, span)
	}
	return spans
}

// above returns when within the piece the curve is at a level or above it. A piece that only touches the level does so
// for no time, which is no span.
func (p *piece) above(level float64) (Span, bool) {
	span := Span{p.Start, p.End}
	from, to := p.From < level-levelSlack, p.To < level-levelSlack // below the level there
	switch {
	case from && to:
		return Span{}, false
	case from:
		span.Start = p.crossing(level)
	case to:
		span.End = p.crossing(level)
	}
	return span, span.End > span.Start
}

func (p *piece) crossing(level float64) time.Duration {
	share := min(max((level-p.From)/(p.To-p.From), 0), 1)
	return p.Start + time.Duration(math.Round(share*float64(p.End-p.Start)))
}
