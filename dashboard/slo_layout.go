package dashboard

import (
	"github.com/floodmark/floodmark/report"
)

// An sloLayout is where the parts of an objective's line stand. What has no room is left
// out, the most telling last.
type sloLayout struct {
	expression, observed int // columns
	bar, left            int // likewise; a bar of 0 is none, and left has it
	burn, word           bool
}

const (
	leftColumn      = 6  // " -999%"
	barColumn       = 1  // between a bar and that
	barLeast        = 5  // with it
	burnColumn      = 7  // "  >999x"
	expressionLeast = 20 // longer ones leave what is beyond to a bar
)

// newSLOLayout fits the lines into a width.
func newSLOLayout(all []report.SLOView, width int) sloLayout {
	var l sloLayout
	for i := range all {
		l.expression = max(l.expression, columns(all[i].Expression))
		l.observed = max(l.observed, columns(seen(&all[i])))
	}
	rest := width - 2 - 2 - l.observed - leftColumn
	if l.expression > expressionLeast {
		l.expression = min(l.expression, max(rest-barLeast, expressionLeast))
	}
	rest -= l.expression
	if l.word = rest >= 5+barLeast; l.word {
		rest -= 5
	}
	l.left = leftColumn
	if rest >= barLeast {
		l.bar = min(rest-barColumn, 8)
		l.left += l.bar + barColumn
		rest -= l.bar + barColumn
	}
	l.burn = rest >= burnColumn
	if rest < 0 {
		l.expression = max(l.expression+rest, 6)
	}
	return l
}

// start is where what is observed begins.
func (l *sloLayout) start() int {
	if l.word {
		return 2 + 5 + l.expression + 2
	}
	return 2 + l.expression + 2
}

// draw draws one line.
func (l *sloLayout) draw(a area, v *report.SLOView) {
	sign, word, ink := verdictOf(v.Verdict)
	a.put(0, 0, ink, sign)
	x := 2
	if l.word {
		a.put(x, 0, ink, word)
		x += 5
	}
	a.put(x, 0, plain, fitMiddle(v.Expression, l.expression))
	x = l.start()
	number := strong
	if v.Verdict == "missed" {
		number = bad
	}
	a.put(x, 0, number, padLeft(seen(v), l.observed))
	x += l.observed
	if v.Left == nil { // there is no budget, but a distance
		a.put(x, 0, faint, padLeft(distance(v, l.left), l.left))
		return
	}
	left := ink
	if v.Verdict == "met" && *v.Left < 0.25 {
		left = warn
	}
	if *v.Left <= 0 {
		left = bad
	}
	a.put(x, 0, left, padLeft(percent(*v.Left), l.left))
	gauge(a.part(x+1, 0, l.bar, 1), *v.Left, left)
	x += l.left
	if l.burn && v.Burn != nil {
		a.put(x, 0, faint, padLeft(factor(*v.Burn), burnColumn-1))
	}
}
