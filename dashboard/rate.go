package dashboard

import (
	"math"
	"strconv"

	"github.com/floodmark/floodmark/quantity"
)

// reached is the share of the asked rate from which on it counts as reached.
const reached = 0.99

// drawRate draws the rate that was asked for beside those that were sent and completed,
// and why they part.
func (s *scene) drawRate(a area) {
	x := 0
	for _, t := range s.rateTokens(a.w) {
		x = a.put(x, 0, t.ink, t.text)
	}
	if a.h < 2 {
		return
	}
	s.drawFlight(a.row(a.h - 1))
	if chart := a.part(0, 1, a.w, a.h-2); chart.h >= 3 {
		s.chartRate(chart)
	} else {
		s.sparkRate(chart)
	}
}

// shareText writes how much of the rate was sent. Only all of it is 100%.
func shareText(share float64) string {
	if share < 1 && share > 0.9995 {
		return ">99.9%"
	}
	return quantity.Percent(math.Round(share*1000)/1000, 0)
}

// drawFlight draws what is under way and what was not sent, and why the rate is not
// reached.
func (s *scene) drawFlight(a area) {
	n := s.numbers
	if why, more := s.whyBehind(); why != "" {
		a.put(0, 0, bad, longest(a.w, why+more, why))
		return
	}
	x := a.put(0, 0, plain, "in flight "+quantity.Count(s.InFlight))
	ink := plain
	if n.Unsent > 0 {
		ink = bad
	}
	x = a.put(x+2, 0, ink, "unsent "+quantity.Count(n.Unsent))
	if text := "late " + quantity.Count(n.Late); x+2+columns(text) <= a.w {
		a.put(x+2, 0, plain, text)
	}
}

// whyBehind says why less was sent, or came back, than was asked for, and more about it;
// "" if it was not.
func (s *scene) whyBehind() (why, more string) {
	n := s.numbers
	flight := quantity.Count(s.InFlight) + " in flight"
	switch {
	case n.Asked == 0:
		return "", ""
	case n.Unsent > 0 && !s.Generator.Valid:
		return "generator saturated: " + quantity.Count(n.Unsent) + " unsent", ""
	case n.Unsent > 0:
		return "target slow: " + quantity.Count(n.Unsent) + " unsent", ", " + flight
	case s.Open && float64(n.Finished()) < 0.9*float64(n.Asked) && s.InFlight > n.Asked/2:
		return "target slow: " + flight, ""
	}
	return "", ""
}

// sparkRate draws the completed rate in a line or two.
func (s *scene) sparkRate(a area) {
	if a.h <= 0 {
		return
	}
	h := &s.History
	time := newTimeline(h.End, a.w, 1, s.Planned, widestSecond)
	n := min(len(time.end), len(h.Asked), len(h.Sent), len(h.Completed))
	asked, sent, done := tail(h.Asked, n), tail(h.Sent, n), tail(h.Completed, n)
	most := largest(asked, done)
	for i := range n {
		ink := s.rateInk(asked[i], sent[i], done[i])
		for y := range a.h {
			char := bar(done[i]*float64(a.h)-most*float64(a.h-1-y), most)
			if char == '▁' && y < a.h-1 {
				continue // the line below has it all
			}
			for x := range time.wide {
				a.set(time.column(i)+x, y, ink, char)
			}
		}
	}
}

// rateInk is the colour of a second: bad if less was sent than asked for, and a warning
// if less came back than the second's edges explain.
func (s *scene) rateInk(asked, sent, done float64) ink {
	switch {
	case s.theme.Palette == Mono:
		return plain
	case sent < reached*asked:
		return bad
	case done < asked-3*math.Sqrt(max(asked, 0)):
		return warn
	}
	return good
}

// chartRate draws the three rates over time.
func (s *scene) chartRate(a area) {
	h := &s.History
	c := chart{symbols: s.theme.Symbols, end: h.End, planned: s.Planned, label: wholeRate, high: nice(1.04 * largest(h.Asked, h.Sent, h.Completed)), events: s.marks()}
	c.lines = []line{{asked, '-', h.Asked}, {completed, '*', h.Completed}, {sent, 'o', h.Sent}}
	c.draw(a)
}

// bar is a block as high as a value's share of the largest one.
func bar(v, most float64) rune {
	if most <= 0 || v <= 0 {
		return '▁'
	}
	level := int(v/most*8 + 0.5)
	return []rune("▁▁▂▃▄▅▆▇█")[min(max(level, 0), 8)]
}

// wholeRate writes a rate for a scale, without decimals where there is enough of it.
func wholeRate(v float64) string {
	if v >= 10 {
		return quantity.Count(int64(min(v, 1e12) + 0.5))
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// tail returns the latest entries.
func tail[T any](list []T, most int) []T { return list[max(len(list)-max(most, 0), 0):] }

// largest returns the largest of all values, 0 of none.
func largest(lists ...[]float64) float64 {
	out := 0.0
	for _, list := range lists {
		for _, v := range list {
			if v > out && !math.IsInf(v, 0) {
				out = v
			}
		}
	}
	return out
}

// nice returns the next larger of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten, which a
// scale ends at.
func nice(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 1.5, 2, 3, 4, 5, 6, 8} {
		if v <= step*unit {
			return step * unit
		}
	}
	return 10 * unit
}
