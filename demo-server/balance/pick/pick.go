// Package pick decides which of several backends gets the next request.
//
// It does not know what a backend is, whether it is healthy, or what time it is: it gets
// the candidates that may be had now, as they are now, and names one.
//
// The main type is [Picker], a function; [New] makes one for an [Algorithm]. Most rest on
// two parts: turns in proportion to shares, spread as evenly as can be (turns.go), and
// draws in proportion to shares (draws.go). What a candidate's share is, is all that
// differs between an algorithm and its weighted sister.
package pick

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/nearest"
)

// An Algorithm is the name of a way to pick, as configurations write it. Empty is
// round_robin.
type Algorithm string

// The algorithms. RoundRobin and LeastConnections do not heed weights, all others do.
const (
	RoundRobin               Algorithm = "round_robin"                // each in turn
	WeightedRoundRobin       Algorithm = "weighted_round_robin"       // each as often as its weight says, spread evenly
	LeastConnections         Algorithm = "least_connections"          // the one with the fewest requests under way
	WeightedLeastConnections Algorithm = "weighted_least_connections" // … for its weight
	ResourceBased            Algorithm = "resource_based"             // each as often as the capacity it has left says
	IPHash                   Algorithm = "ip_hash"                    // always the same one for a client
	TwoChoices               Algorithm = "two_choices"                // the less loaded of two drawn at random
	Random                   Algorithm = "random"                     // any
)

// Algorithms returns all of them.
func Algorithms() []Algorithm {
	return []Algorithm{
		RoundRobin, WeightedRoundRobin, LeastConnections, WeightedLeastConnections,
		ResourceBased, IPHash, TwoChoices, Random,
	}
}

// Weighted reports whether the algorithm heeds weights.
func (a Algorithm) Weighted() bool {
	return a != RoundRobin && a != LeastConnections && a != ""
}

// A Candidate is a backend as a picker sees it. Its fields may change between two picks.
// It belongs to one picker at a time, which keeps its own notes in it.
type Candidate struct {
	Name        string  // never changes
	Weight      float64 // how much it can do beside the others; above 0
	Ramp        float64 // what part of its share it takes while it starts slowly; above 0, at most 1
	InFlight    int     // requests under way
	Utilisation float64 // 0 idle to 1 busy, or above; negative: unknown

	current float64 // what it is owed, see turn
	hash    uint64  // of Name; 0: not computed yet
}

// weighted is the share of a candidate by its weight.
func weighted(c *Candidate) float64 { return c.Weight * c.Ramp }

// even is the share of a candidate beside its equals.
func even(c *Candidate) float64 { return c.Ramp }

// A Picker returns one of the candidates, or nil if there are none. The client is any
// text that stands for whoever asks, such as its address; only IPHash looks at it. One
// goroutine at a time may use a picker.
type Picker func(candidates []*Candidate, client string) *Candidate

// New returns a picker for an algorithm. Those that draw at random draw the same for the
// same seed.
func New(a Algorithm, seed uint64) (Picker, error) {
	const stream = 0x62616c616e6365 // fixed, so that the seed alone decides
	rng := rand.New(rand.NewPCG(seed, stream))
	switch a {
	case RoundRobin, "":
		return func(all []*Candidate, _ string) *Candidate { return turn(all, even) }, nil
	case WeightedRoundRobin:
		return func(all []*Candidate, _ string) *Candidate { return turn(all, weighted) }, nil
	case LeastConnections:
		return leastLoaded(even), nil
	case WeightedLeastConnections:
		return leastLoaded(weighted), nil
	case ResourceBased:
		return byCapacityLeft, nil
	case IPHash:
		return byHash, nil
	case TwoChoices:
		return twoChoices(rng), nil
	case Random:
		return func(all []*Candidate, _ string) *Candidate { return draw(rng, all, nil) }, nil
	}
	return nil, unknown(a)
}

// unknown names the algorithm that was probably meant.
func unknown(a Algorithm) error {
	var names []string
	for _, known := range Algorithms() {
		names = append(names, string(known))
	}
	if best := nearest.Word(string(a), names); best != "" {
		return fmt.Errorf("unknown algorithm %q; did you mean %q?", a, best)
	}
	return fmt.Errorf("unknown algorithm %q; there are %s", a, strings.Join(names, ", "))
}

// leastLoaded picks who has the fewest requests under way for its share. Those who are
// equal take turns, or the first would get everything while little is going on.
func leastLoaded(share func(*Candidate) float64) Picker {
	var equals []*Candidate
	return func(all []*Candidate, _ string) *Candidate {
		equals = equals[:0]
		least := 0.0
		for _, c := range all {
			load := float64(c.InFlight) / share(c)
			if len(equals) == 0 || load < least {
				equals, least = equals[:0], load
			}
			if load == least {
				equals = append(equals, c)
			}
		}
		picked := turn(equals, share)
		clear(equals) // or who is gone would be kept alive from here
		return picked
	}
}

// full bounds how little of a share a busy candidate gets: a share of nothing would never
// again be tried.
const full = 0.01

// byCapacityLeft gives turns in proportion to weight times idle part. The least utilised
// alone would get all requests until the next report, and be overrun. Who reports nothing
// counts as the mean of the others.
func byCapacityLeft(all []*Candidate, _ string) *Candidate {
	sum, known := 0.0, 0
	for _, c := range all {
		if c.Utilisation >= 0 {
			sum += c.Utilisation
			known++
		}
	}
	mean := sum / float64(max(known, 1))
	return turn(all, func(c *Candidate) float64 {
		utilisation := c.Utilisation
		if utilisation < 0 {
			utilisation = mean
		}
		return weighted(c) * max(1-utilisation, full)
	})
}

// twoChoices draws two and takes the one with fewer requests under way for its share.
// That is nearly as good as looking at all of them, and several balancers that do not
// know of each other do not all run to the same one.
func twoChoices(rng *rand.Rand) Picker {
	return func(all []*Candidate, _ string) *Candidate {
		first := draw(rng, all, nil)
		if len(all) < 2 {
			return first
		}
		second := draw(rng, all, first)
		return slices.MinFunc([]*Candidate{first, second}, func(a, b *Candidate) int {
			return compare(float64(a.InFlight)/weighted(a), float64(b.InFlight)/weighted(b))
		})
	}
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
