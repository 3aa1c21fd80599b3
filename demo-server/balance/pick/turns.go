package pick

// turn gives the next turn to one of the candidates, in proportion to their shares. This
// is nginx's smooth weighted round robin: everybody is owed its share of each turn, and
// who is owed most gets it and pays for it. Shares of 5, 1 and 1 give a a b a c a a: the
// turns of the heavy one are spread between those of the others instead of coming in a
// burst. Equal shares give plain round robin.
//
// Shares may change between turns, and candidates come and go: what one is owed stays
// below the sum of all shares, so that nobody comes back to a burst.
func turn(all []*Candidate, share func(*Candidate) float64) *Candidate {
	var picked *Candidate
	total := 0.0
	for _, c := range all {
		s := share(c)
		c.current += s
		total += s
		if picked == nil || c.current > picked.current {
			picked = c
		}
	}
	if picked != nil {
		picked.current -= total
	}
	return picked
}
