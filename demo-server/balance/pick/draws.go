package pick

import "math/rand/v2"

// draw returns one of the candidates at random, in proportion to their weights, but not
// the one that is left out.
func draw(rng *rand.Rand, all []*Candidate, out *Candidate) *Candidate {
	total := 0.0
	for _, c := range all {
		if c != out {
			total += weighted(c)
		}
	}
	var last *Candidate
	left := rng.Float64() * total
	for _, c := range all {
		if c == out {
			continue
		}
		last = c
		if left -= weighted(c); left < 0 {
			break
		}
	}
	return last // also when rounding has left something over
}
