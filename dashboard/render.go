package dashboard

import "github.com/floodmark/floodmark/report"

// From these sizes on, a frame has rules between its parts, and boxes around them.
const (
	ruledWidth, ruledHeight = 40, 10
	boxedWidth, boxedHeight = 120, 36
)

// Render draws how a run stands: at most height lines of at most width columns each,
// without a line break at the end. It is pure, and fine with a nil snapshot, which is
// a run that has not begun.
//
// From 120 columns and 36 lines on there are boxes, from 40 and 10 on rules, and below
// as many lines as there are, of which the first says the most.
func Render(s *report.Snapshot, width, height int, theme Theme) string {
	return theme.frame(s, view{}, width, height)
}

// frame is Render with what somebody has chosen to see.
func (t Theme) frame(s *report.Snapshot, view view, width, height int) string {
	return draw(newScene(s, view, t), width, height, nil).text(t.inks(), t.Symbols)
}

// draw draws a frame.
func draw(s *scene, width, height int, kept *plates) *cells {
	const widest, highest = 1000, 500 // what no terminal is
	c := newCells(min(width, widest), min(height, highest))
	a := c.whole()
	switch {
	case a.w <= 0 || a.h <= 0:
	case a.w < ruledWidth || a.h < ruledHeight:
		s.drawCompact(a)
	default:
		s.drawHeader(a.part(0, 0, a.w, 2))
		s.drawFoot(a.row(a.h - 1))
		body := a.part(0, 2, a.w, a.h-3)
		switch {
		case s.view.help:
			s.drawHelp(body)
		case s.view.zoomed:
			s.drawZoomed(body, kept)
		case a.w >= boxedWidth && a.h >= boxedHeight:
			s.drawBoxes(body, kept)
		default:
			s.drawRuled(body)
		}
	}
	return c
}
