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
	n := s.numbers
	sentCount := n.Asked - n.Unsent
	x := a.put(0, 0, asked, "asked ")
	x = a.put(x, 0, strong, rate(n.Asked, n.Length)+"/s")
	x = a.put(x+2, 0, sent, "sent ")
	x = a.put(x, 0, strong, rate(sentCount, n.Length))
	if n.Asked > 0 {
		share := ratio(sentCount, n.Asked)
		ink := good
		if share < reached {
			ink = bad
		}
		if text := shareText(share); x+2+columns(text) <= a.w {
			x = a.put(x+2, 0, ink, text)
		}
	}
	if text := "done " + rate(n.Finished(), n.Length); x+2+columns(text) <= a.w && a.w > 44 {
		x = a.put(x+2, 0, completed, "done ")
		a.put(x, 0, strong, rate(n.Finished(), n.Length))
	}
	if a.h < 2 {
		return
	}
	foot := a.row(a.h - 1)
	if a.h == 2 {
		foot = a.row(1)
	}
	s.drawFlight(foot)
	if chart := a.part(0, 1, a.w, a.h-2); chart.h >= 3 {
		s.chartRate(chart)
	} else if chart.h > 0 {
		s.sparkRate(chart.row(0))
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
	if why := s.whyBehind(); why != "" {
		a.put(0, 0, bad, fit(why, a.w))
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

// whyBehind says why less was sent, or came back, than was asked for; "" if it was not.
func (s *scene) whyBehind() string {
	n := s.numbers
	switch {
	case n.Asked == 0:
		return ""
	case n.Unsent > 0 && !s.Generator.Valid:
		return "generator saturated: " + quantity.Count(n.Unsent) + " unsent"
	case n.Unsent > 0:
		return "target slow: " + quantity.Count(n.Unsent) + " unsent, " + quantity.Count(s.InFlight) + " under way"
	case s.Open && float64(n.Finished()) < 0.9*float64(n.Asked) && s.InFlight > n.Asked/2:
		return "target slow: " + quantity.Count(s.InFlight) + " under way"
	}
	return ""
}

// sparkRate draws the completed rate in one line.
func (s *scene) sparkRate(a area) {
	values := tail(s.History.Completed, a.w)
	wanted := tail(s.History.Asked, a.w)
	most := largest(wanted, values)
	for x, v := range values {
		ink := good
		if x < len(wanted) && v < reached*wanted[x] {
			ink = warn
		}
		if x < len(wanted) && v < 0.9*wanted[x] {
			ink = bad
		}
		if s.theme.Palette == Mono {
			ink = plain
		}
		a.set(x, 0, ink, bar(v, most))
	}
}

// chartRate draws the three rates over time.
func (s *scene) chartRate(a area) {
	h := &s.History
	c := chart{symbols: s.theme.Symbols, end: h.End, label: wholeRate, high: nice(1.04 * largest(h.Asked, h.Sent, h.Completed)), events: s.marks()}
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
