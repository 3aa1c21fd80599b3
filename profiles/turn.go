package profiles

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"
)

// Turn is a point at which a run's load goes on otherwise than before: at another level, or later in the plan.
type Turn struct {
	Begun         int64         // arrivals begun up to it, in the whole run
	At, From      time.Duration // the plan was followed until At, and is from From on; what lies between them is skipped
	Factor, Fixed float64       // the level from then on is Factor times that of the plan, plus Fixed
}

// Turn returns the load as it is after a turn, in times of the plan. Its arrivals are numbered on, so that one still comes
// wherever the area that was really offered exceeds a whole number: however often a load is changed, an even one has as many
// arrivals as the area below the changed curve, give or take one. Poisson arrivals are drawn anew from the seed and the number
// of turns, given how many the area left has; what came before does not matter to them, as it never does.
//
// Of users there are as many as there are whole ones in the changed level.
func (s Schedule) Turn(t Turn) Schedule {
	if s.Open() {
		s.passed = s.areaUntil(t.At)
		s.before, _ = s.passed.Float64()
	}
	s.begun = t.Begun
	s.turns++
	s.pieces = nil
	for i := range s.plan {
		if p := &s.plan[i]; p.End > t.From {
			s.pieces = append(s.pieces, newPiece(s.changed(p, t)))
		}
	}
	s.measure()
	return s
}

// changed returns what a turn leaves of a piece of the plan.
func (s Schedule) changed(p *piece, t Turn) Segment {
	out := p.Segment
	out.Start = max(p.Start, t.From)
	out.From = bounded(t.Factor*p.level(out.Start)+t.Fixed, s.most())
	out.To = bounded(t.Factor*p.To+t.Fixed, s.most())
	return out
}

// areaUntil returns the arrivals below the curve before a time of the plan.
func (s Schedule) areaUntil(at time.Duration) *big.Float {
	sum := new(big.Float).SetPrec(256)
	if s.passed != nil {
		sum.Set(s.passed)
	}
	for i := range s.pieces {
		p := &s.pieces[i]
		if p.Start >= at {
			break
		}
		part := p.Segment
		if at < part.End {
			part.End, part.To = at, p.level(at)
		}
		sum.Add(sum, areaOf(part))
	}
	return sum
}

// most returns the highest level that is possible.
func (s Schedule) most() float64 {
	if s.Open() {
		return maxRate
	}
	return maxUsers
}

// Allows returns why a load may not be changed to Factor times its plan plus Fixed, nil if it may.
func (s Schedule) Allows(factor, fixed float64) error {
	peak := 0.0
	for i := range s.plan {
		peak = max(peak, s.plan[i].From, s.plan[i].To)
	}
	level := factor*peak + fixed
	switch {
	case !(factor >= 0) || !(fixed >= 0) || math.IsNaN(level): // so it also holds for what is not a number
		return errors.New("the level is negative")
	case level > s.most() && s.Open():
		return fmt.Errorf("the rate is larger than any machine sends: at most %s", formatRate(s.most()))
	case level > s.most():
		return fmt.Errorf("there are too many users: at most %.0f", s.most())
	}
	return nil
}
