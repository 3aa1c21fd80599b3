package profiles

import (
	"math"
	"math/rand/v2"
	"time"
)

// even yields arrival k where the area below the rate curve exceeds k for the first time: the first at the start, the next
// one arrival's worth of area later. Each is worked out from its number alone, so no error adds up.
func (s Schedule) even(yield func(time.Duration) bool) {
	k := s.begun
	for i := range s.pieces {
		p := &s.pieces[i]
		for last := min(p.next, s.count); k < last; k++ {
			if !yield(p.at(float64(k-p.whole) - p.fraction)) {
				return
			}
		}
	}
}

// stream tells the numbers of arrivals from others drawn from the same seed.
const stream = 0x61727269_76616c73

// poisson yields a Poisson process, given how many arrivals it has: these are so many uniform points below the curve, in
// order. The smallest of the m points still to come leaves 1-u of the rest with the law V^(1/m), so each point is drawn
// from the one before and none is stored (Bentley and Saxe, Generating Sorted Lists of Random Numbers, 1980). The
// logarithm of the rest is kept instead of the rest, which would lose its digits.
func (s Schedule) poisson(yield func(time.Duration) bool) {
	if len(s.pieces) == 0 {
		return
	}
	// With a limit on requests the points are those of the whole process, and the first of them are taken.
	total := float64(s.points())
	random := rand.New(rand.NewPCG(s.seed, stream+s.turns))
	rest, i := 0.0, 0
	for k := range s.count - s.begun {
		rest += random.ExpFloat64() / (total - float64(k))
		x := s.before - math.Expm1(-rest)*(s.area-s.before)
		for x >= s.pieces[i].end && i < len(s.pieces)-1 {
			i++
		}
		p := &s.pieces[i]
		if !yield(p.at(x - float64(p.whole) - p.fraction)) {
			return
		}
	}
}
