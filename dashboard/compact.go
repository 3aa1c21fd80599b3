package dashboard

import (
	"fmt"

	"github.com/floodmark/floodmark/quantity"
)

// drawCompact draws what matters in as few lines as there are. What is asked of a person
// is worth more than anything else.
func (s *scene) drawCompact(a area) {
	lines := a
	if (s.view.ask != "" || s.view.notice != "") && a.h > 0 {
		s.drawFoot(a.row(a.h - 1))
		lines = a.part(0, 0, a.w, a.h-1)
	} else if a.h >= 8 {
		s.drawFoot(a.row(a.h - 1))
		lines = a.part(0, 0, a.w, a.h-1)
	}
	if s.view.help && a.h > 1 {
		s.drawHelp(lines)
		return
	}
	s.drawOneLine(lines.row(0))
	s.drawFew(lines.part(0, 1, lines.w, lines.h-1))
}

// A token is a word of a line, and its ink.
type token struct {
	text string
	ink  ink
}

// drawOneLine draws the run in one line: as many tokens as there is room for, those that
// matter most first.
func (s *scene) drawOneLine(a area) {
	n := s.numbers
	state, ink := s.state()
	x := a.put(0, 0, ink, fit(state, a.w))
	tokens := []token{
		{sloWord(s), s.sloInk()},
		{"p99 " + duration(n.P99), strong},
		{rate(n.Finished(), n.Length) + "/s", strong},
		{"err " + errorShare(n), s.errorInk()},
		{instant(s.At), plain},
	}
	for _, t := range tokens {
		if x+1+columns(t.text) <= a.w {
			x = a.put(x+1, 0, t.ink, t.text)
		}
	}
}

// sloWord counts the objectives that hold.
func sloWord(s *scene) string {
	met := 0
	for i := range s.SLOs {
		if s.SLOs[i].Verdict == "met" {
			met++
		}
	}
	sign := "✓"
	switch {
	case s.missed() > 0:
		sign = "✗"
	case met < len(s.SLOs):
		sign = "?"
	}
	return fmt.Sprintf("slo %s%d/%d", sign, met, len(s.SLOs))
}

func (s *scene) sloInk() ink {
	if s.missed() > 0 {
		return bad
	}
	return good
}

func (s *scene) errorInk() ink {
	if s.numbers.Failed > 0 {
		return bad
	}
	return plain
}

// drawFew draws what has room below that: progress, rate, generator, news, objectives.
func (s *scene) drawFew(a area) {
	if a.h <= 0 {
		return
	}
	y := 0
	if a.h >= 5 && a.w >= 20 {
		s.drawProgress(a.row(y))
		y++
	}
	n := s.numbers
	if y < a.h {
		what := "asked " + rate(n.Asked, n.Length) + "/s"
		if !s.Open {
			what = s.level(s.Pace.Now)
		}
		x := a.put(0, y, plain, what+", in flight "+quantity.Count(s.InFlight))
		if x < a.w-6 {
			a.put(x, y, faint, "  "+fit(s.view.window.String(), a.w-x-2))
		}
		y++
	}
	if y < a.h {
		s.drawSLOs(a.part(0, y, a.w, min(max(len(s.SLOs), 1), max(a.h-y-2, 1))))
		y += min(max(len(s.SLOs), 1), max(a.h-y-2, 1))
	}
	if y < a.h {
		words, ink := s.generatorWords()
		a.put(0, y, ink, fit(words, a.w))
		y++
	}
	if y < a.h {
		text, ink := s.latestLine(a.w)
		a.put(0, y, ink, fit(text, a.w))
	}
}
