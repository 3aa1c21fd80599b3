package profiles

import (
	"math"
	"math/big"
	"time"
)

// piece is a segment that takes time, ready for the question "when has the curve seen c arrivals since the piece began?".
//
// How many arrivals lie before the piece is kept as a whole number and a fraction, and only their difference to the
// number of an arrival is ever a float: after hours at a high rate the sum alone has digits to lose, and where a ramp
// leaves zero a lost digit moves an arrival by milliseconds.
type piece struct {
	Segment
	slope    float64 // of the rate: arrivals per second, per second
	whole    int64   // arrivals before the piece…
	fraction float64 // …and the rest, at least 0 and less than 1
	next     int64   // number of the first arrival after the piece
	end      float64 // arrivals up to the piece's end, as one float
}

func newPiece(s Segment) piece {
	return piece{Segment: s, slope: (s.To - s.From) / (s.End - s.Start).Seconds()}
}

// level returns the rate, or the users, at a time within the piece.
func (p *piece) level(t time.Duration) float64 { return p.From + p.slope*(t-p.Start).Seconds() }

// layOut fills in what lies before each piece, by exact arithmetic, and returns the whole area: that which has passed before
// the first of them, nil for none, included. It does not touch one arrival, so its cost does not matter.
func layOut(pieces []piece, passed *big.Float) float64 {
	sum := new(big.Float).SetPrec(256)
	if passed != nil {
		sum.Set(passed)
	}
	for i := range pieces {
		p := &pieces[i]
		p.whole, p.fraction = split(sum)
		sum.Add(sum, areaOf(p.Segment))
		whole, fraction := split(sum)
		p.next = whole
		if fraction > 0 {
			p.next++
		}
		p.end = float64(whole) + fraction
	}
	area, _ := sum.Float64()
	return area
}

// areaOf returns the arrivals below a segment: the mean of its two rates times its length.
func areaOf(s Segment) *big.Float {
	area := new(big.Float).SetPrec(256).SetFloat64(s.From)
	area.Add(area, new(big.Float).SetFloat64(s.To))
	area.Mul(area, new(big.Float).SetInt64(int64(s.End-s.Start)))
	return area.Quo(area, new(big.Float).SetInt64(2*int64(time.Second)))
}

// split cuts a sum into a whole number and a fraction. A sum that misses a whole number by no more than the rounding of
// the rates it came from is taken for that number: 0.1/s for 10 s is one arrival.
func split(sum *big.Float) (int64, float64) {
	rounded, _ := new(big.Float).SetPrec(256).Add(sum, big.NewFloat(0.5)).Int64()
	off, _ := new(big.Float).SetPrec(256).Sub(sum, new(big.Float).SetInt64(rounded)).Float64()
	if math.Abs(off) <= tolerance(float64(rounded)) {
		return rounded, 0
	}
	whole, _ := sum.Int64()
	fraction, _ := new(big.Float).SetPrec(256).Sub(sum, new(big.Float).SetInt64(whole)).Float64()
	return whole, fraction
}

// tolerance is how far an area may be from a whole number for nothing but rounding: half a unit in the last place of each
// rate that made it.
func tolerance(area float64) float64 { return 1e-9 + area*4e-16 }

// at returns when the curve has seen c arrivals since the piece began: the root of from*t + slope*t²/2 = c, in the form
// that subtracts nothing from its like and stays good for any slope (Press et al., Numerical Recipes, section 5.6).
func (p *piece) at(c float64) time.Duration {
	if c <= 0 {
		return p.Start
	}
	seconds := 2 * c / (p.From + math.Sqrt(max(0, p.From*p.From+2*p.slope*c)))
	return min(p.End, p.Start+time.Duration(seconds*1e9+0.5))
}
