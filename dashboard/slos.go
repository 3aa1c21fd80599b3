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
	all := slices.Clone(s.SLOs)
	room := a.h
	if len(all) > a.h { // what is bad is not left out
		slices.SortStableFunc(all, func(x, y report.SLOView) int { return cmp.Compare(urgency(x), urgency(y)) })
		room--
	}
	shown := all[:min(len(all), max(room, 1))]
	layout := newSLOLayout(shown, a.w)
	for y := range shown {
		layout.draw(a.row(y), &shown[y])
	}
	y := len(shown)
	if rest := len(all) - len(shown); rest > 0 {
		a.put(0, y, faint, fit(fmt.Sprintf("  and %d more", rest), a.w))
		return
	}
	for i := range all { // what there is to say, while there is room
		if note := all[i].Note; note != "" && y+1 < a.h {
			rest := a.part(0, y+1, a.w, a.h-y-1)
			y += rest.wrap(0, faint, all[i].Expression+": "+note)
		}
	}
}

// urgency orders objectives: missed ones first.
func urgency(v report.SLOView) int {
	return slices.Index([]string{"missed", "inconclusive", "met"}, v.Verdict)
}

// An sloLayout is where the parts of an objective's line stand. What has no room is left
// out, the most telling last.
type sloLayout struct {
	expression, observed, bar int // columns; a bar of 0 is none
	burn, word                bool
}

const (
	leftColumn = 5 // "-999%"
	burnColumn = 7
)

// newSLOLayout fits the lines into a width.
func newSLOLayout(all []report.SLOView, width int) sloLayout {
	var l sloLayout
	for i := range all {
		l.expression = max(l.expression, columns(all[i].Expression))
		l.observed = max(l.observed, columns(seen(&all[i])))
	}
	rest := width - 2 - l.expression - 2 - l.observed - 1 - leftColumn
	if l.word = rest >= 6; l.word {
		rest -= 5
	}
	if rest >= 5 {
		l.bar = min(rest-1, 8)
		rest -= l.bar + 1
	}
	l.burn = rest >= burnColumn
	if rest < 0 {
		l.expression = max(l.expression+rest, 6)
	}
	return l
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

// draw draws one line.
func (l sloLayout) draw(a area, v *report.SLOView) {
	sign, word, ink := verdictOf(v.Verdict)
	a.put(0, 0, ink, sign)
	x := 2
	if l.word {
		a.put(x, 0, ink, word)
		x += 5
	}
	a.put(x, 0, plain, fit(v.Expression, l.expression))
	x += l.expression + 2
	number := strong
	if v.Verdict == "missed" {
		number = bad
	}
	a.put(x, 0, number, padLeft(seen(v), l.observed))
	x += l.observed + 1
	if v.Left == nil { // there is no budget, but a distance
		if text := distance(v, l.bar+leftColumn); text != "" {
			a.put(x, 0, faint, padLeft(text, l.bar+leftColumn))
		}
		return
	}
	left := ink
	if v.Verdict == "met" && *v.Left < 0.25 {
		left = warn
	}
	if *v.Left <= 0 {
		left = bad
	}
	if l.bar > 0 {
		gauge(a.part(x, 0, l.bar, 1), *v.Left, left)
		x += l.bar
	}
	a.put(x, 0, left, padLeft(percent(*v.Left), leftColumn))
	x += leftColumn
	if l.burn && v.Burn != nil {
		a.put(x, 0, faint, padLeft(factor(*v.Burn), burnColumn-1))
	}
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
