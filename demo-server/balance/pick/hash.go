package pick

import (
	"hash/fnv"
	"math"
)

// byHash picks by weighted rendezvous: client and candidate together are hashed into a
// score, and the highest wins. Each candidate wins as many clients as its weight says.
// When one leaves, its clients alone go elsewhere; when one comes, it takes clients from
// all and nobody changes between the others. A ring of points does the same, less evenly
// and with a table. Slow starts are not heeded: clients would move there and back.
func byHash(all []*Candidate, client string) *Candidate {
	var picked *Candidate
	highest := 0.0
	key := sum(client)
	for _, c := range all {
		if c.hash == 0 {
			c.hash = sum(c.Name)
		}
		if s := score(mix(key^c.hash), c.Weight); picked == nil || s > highest {
			picked, highest = c, s
		}
	}
	return picked
}

// score turns a hash into a number whose maximum over candidates is won in proportion to
// the weights: -weight / ln(u) with u uniform in (0, 1).
func score(hash uint64, weight float64) float64 {
	u := (float64(hash>>11) + 0.5) / (1 << 53)
	return -weight / math.Log(u)
}

// sum hashes a text, the same in every process.
func sum(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return mix(h.Sum64())
}

// mix spreads a difference in any bit over all bits (the last step of SplitMix64).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return x
}
