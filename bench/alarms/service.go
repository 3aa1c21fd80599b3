package main

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// A service answers so many requests a second, evenly, and each of them well with the
// probability that play is given. A board of one alert watches it.
type service struct {
	random *rand.Rand
	rate   float64 // requests a second
	board  *alert.Board
	second int
	tally  measure.Tally // of the latest second; kept for its memory
}

// watched returns a service that a rule watches, from the first second of a run.
func watched(r *rand.Rand, rate float64, rule *alert.Rule) *service {
	board := alert.NewBoard([]*alert.Rule{rule}, slo.Recorded{Series: []measure.Series{{}}}, nil)
	return &service{random: r, rate: rate, board: board}
}

// play lets a second pass, and returns the state that the alert has come to in it, ""
// for none.
func (s *service) play(good float64) alert.State {
	c := drawSecond(s.random, s.requests(), good)
	s.tally.Counts = measure.Counts{Planned: c.Total, Succeeded: c.Good, Failed: c.Bad()}
	in := measure.Interval{
		Index: s.second, Start: time.Duration(s.second) * time.Second, End: time.Duration(s.second+1) * time.Second,
		Series: []measure.SeriesInterval{{Tally: &s.tally}},
	}
	s.second++
	var state alert.State
	for _, t := range s.board.Add(&in) {
		state = t.To
	}
	return state
}

// playFor lets seconds pass until the alert comes to a state, and returns how many it
// took; ok is false if they were not enough.
func (s *service) playFor(seconds int, good float64, until alert.State) (took int, ok bool) {
	for i := range seconds {
		if s.play(good) == until {
			return i + 1, true
		}
	}
	return seconds, false
}

// requests returns how many requests the next second has; a rate of 2.5 has two and
// three in turn.
func (s *service) requests() int64 {
	return int64(s.rate*float64(s.second+1)) - int64(s.rate*float64(s.second))
}

// drawSecond draws how many of some requests are good. It compares whole numbers, so that
// the answer does not depend on how a processor rounds.
func drawSecond(r *rand.Rand, requests int64, good float64) slo.Count {
	if good >= 1 {
		return slo.Count{Good: requests, Total: requests}
	}
	c := slo.Count{Total: requests}
	limit := uint64(good * math.MaxInt64)
	for range requests {
		if r.Uint64()>>1 < limit {
			c.Good++
		}
	}
	return c
}

// condition reads a condition, which is part of this program.
func condition(text string) slo.Condition {
	c, err := slo.ParseCondition(text)
	if err != nil {
		panic(text + ": " + err.Error())
	}
	return c
}
