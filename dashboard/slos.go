package dashboard

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// drawSLOs draws a line for each objective: whether it holds, what it promises, what is
// seen, and what is left of its budget and how fast that burns.
func (s *scene) drawSLOs(a area) {
	if len(s.SLOs) == 0 {
		a.put(0, 0, faint, fit("no objectives: nothing is judged", a.w))
		return
	}
	shown := s.judged(a.h)
	layout := newSLOLayout(shown, a.w)
	for y := range shown {
		layout.draw(a.row(y), &shown[y])
	}
	y := len(shown)
	if y < a.h-2 { // room for a line between
		y++
	}
	for i := range s.SLOs { // what there is to say, while there is room
		if note := s.SLOs[i].Note; note != "" && y < a.h && len(shown) == len(s.SLOs) {
			y += a.part(0, y, a.w, a.h-y).wrap(0, faint, s.SLOs[i].Expression+": "+note)
		}
	}
}

// judged returns the objectives that have room in so many lines. What is bad is not left
// out.
func (s *scene) judged(lines int) []report.SLOView {
	if len(s.SLOs) <= lines {
		return s.SLOs
	}
	all := slices.Clone(s.SLOs)
	slices.SortStableFunc(all, func(x, y report.SLOView) int { return cmp.Compare(urgency(x), urgency(y)) })
	return all[:max(lines, 0)]
}

// drawSLOHeads draws the heads of the columns into the title above so many lines of a
// width, from a column on, and says if objectives are left out.
func (s *scene) drawSLOHeads(a area, from, width, lines int) {
	shown := s.judged(lines)
	if text := fmt.Sprintf("%d of %d ", len(shown), len(s.SLOs)); len(shown) < len(s.SLOs) && from+columns(text) < width {
		from = a.put(from, 0, faint, text)
	}
	if len(shown) == 0 {
		return
	}
	l := newSLOLayout(shown, width)
	head := func(end int, texts ...string) {
		for _, text := range texts {
			if at := end - columns(text); at >= from && end <= width {
				a.put(at-1, 0, plain, " ")
				from = a.put(a.put(at, 0, faint, text), 0, plain, " ")
				return
			}
		}
	}
	x := l.start() + l.observed
	head(x, "run")
	x += l.left
	head(x, "budget left", "left")
	if l.burn {
		head(x+burnColumn-1, "burn")
	}
}

// urgency orders objectives: missed ones first.
func urgency(v report.SLOView) int {
	return slices.Index([]string{"missed", "inconclusive", "met"}, v.Verdict)
}

// seen writes the observed value, with as many digits as tell it from the limit.
func seen(v *report.SLOView) string {
	if !v.HasData {
		return "no data"
	}
	return quantity.Beside(v.Unit, v.Observed, v.Limit)
}

// verdictOf returns sign, word and ink of a verdict.
func verdictOf(verdict string) (sign, word string, i ink) {
	switch verdict {
	case "met":
		return "✓", "PASS", good
	case "missed":
		return "✗", "FAIL", bad
	}
	return "?", "OPEN", warn
}

// factor writes how many times as fast as allowed a budget burns.
func factor(v float64) string {
	switch {
	case v >= 1000:
		return ">999x"
	case v >= 10:
		return fmt.Sprintf("%.0fx", v)
	}
	return fmt.Sprintf("%.1fx", v)
}

// gauge draws a share as a bar.
func gauge(a area, share float64, i ink) {
	full := int(min(max(share, 0), 1)*float64(a.w) + 0.5)
	if share > 0 && full == 0 {
		full = 1
	}
	for x := range a.w {
		if x < full {
			a.set(x, 0, i, '▇')
		} else {
			a.set(x, 0, faint, '·')
		}
	}
}

// distance says how far a value is from its limit, in as many words as a width holds.
func distance(v *report.SLOView, width int) string {
	if !v.HasData || v.Limit == 0 || v.Unit == "ratio" {
		return fit(v.Margin, width)
	}
	share, word := (v.Observed-v.Limit)/v.Limit, " above"
	if share < 0 {
		share, word = -share, " below"
	}
	if text := percent(share) + word; columns(text) < width {
		return text
	}
	return "–"
}
