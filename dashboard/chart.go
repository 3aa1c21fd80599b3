package dashboard

import (
	"math"

	"github.com/NimbleMarkets/ntcharts/canvas"
	"github.com/NimbleMarkets/ntcharts/canvas/graph"
	"github.com/NimbleMarkets/ntcharts/canvas/runes"
)

// A chart draws lines over time, a dot for each interval. Later lines are above earlier
// ones. Values that are 0 or less are gaps on a logarithmic scale.
type chart struct {
	symbols   Symbols
	end       []float64 // of the intervals, seconds
	planned   float64   // seconds of the whole run, 0 if nobody knows
	lines     []line
	low, high float64
	log       bool
	limit     float64 // a level to mark; 0 none
	label     func(float64) string
	events    []float64 // instants to mark below
}

// A line is one of a chart's. Its mark stands for it where there is no braille.
type line struct {
	ink    ink
	mark   rune
	values []float64
}

const scaleWidth = 7 // columns of a scale

// draw draws scale, lines, and below them the time.
func (c *chart) draw(a area) {
	if a.w < scaleWidth+4 || a.h < 2 {
		return
	}
	per, widest := 2, 6 // places a column, and an interval
	if c.symbols != Braille {
		per, widest = 1, 3
	}
	time := newTimeline(c.end, a.w-scaleWidth, per, c.planned, widest)
	high := a.h
	if a.h >= 4 { // else every line is needed
		high--
		time.draw(a.part(scaleWidth, high, a.w-scaleWidth, 1), c.events)
	}
	field := a.part(scaleWidth, 0, a.w-scaleWidth, high)
	c.drawScale(a.part(0, 0, scaleWidth, high))
	if c.limit > 0 {
		if y := c.row(c.limit, field.h); y >= 0 && y < field.h {
			for x := range field.w {
				field.set(x, y, warn, '┄')
			}
		}
	}
	for _, l := range c.lines {
		if c.symbols == Braille {
			c.drawDots(field, l, &time)
		} else {
			c.drawMarks(field, l, &time)
		}
	}
}

// place returns where a value is between the ends of the scale, 0 to 1; ok is false for a
// gap.
func (c *chart) place(v float64) (at float64, ok bool) {
	low, high := c.low, c.high
	if c.log {
		if v <= 0 || low <= 0 {
			return 0, false
		}
		v, low, high = math.Log(v), math.Log(low), math.Log(high)
	}
	if !(high > low) || math.IsNaN(v) {
		return 0, false
	}
	return min(max((v-low)/(high-low), 0), 1), true
}

// row returns the line of a value in a field of so many, -1 for a gap.
func (c *chart) row(v float64, height int) int {
	at, ok := c.place(v)
	if !ok {
		return -1
	}
	return height - 1 - min(int(at*float64(height)), height-1)
}

// drawScale labels round values, or the ends where there are none between them.
func (c *chart) drawScale(a area) {
	for y := range a.h {
		a.set(a.w-1, y, faint, '│')
	}
	for _, v := range c.ticks(a.h) {
		if y := c.row(v, a.h); y >= 0 {
			a.put(0, y, faint, padLeft(fit(c.label(v), a.w-1), a.w-1))
		}
	}
}

// drawDots draws a line in braille.
func (c *chart) drawDots(a area, l line, time *timeline) {
	wide, high := 2*a.w, 4*a.h
	values := tail(l.values, len(time.end))
	grid := graph.NewBrailleGrid(a.w, a.h, 0, float64(wide-1), 0, float64(high-1))
	before, joined := canvas.Point{}, false
	for x, v := range values {
		at, ok := c.place(v)
		if !ok {
			joined = false
			continue
		}
		now := canvas.Point{X: x * time.wide, Y: high - 1 - int(at*float64(high-1)+0.5)}
		if joined {
			for _, p := range graph.GetLinePoints(before, now) {
				grid.Set(p)
			}
		}
		grid.Set(now)
		before, joined = now, true
	}
	for y, row := range grid.BraillePatterns() {
		for x, r := range row {
			if r != runes.BrailleBlockOffset && x < a.w && y < a.h {
				a.set(x, y, l.ink, a.joined(x, y, r))
			}
		}
	}
}

// joined returns a pattern together with the one that is drawn already.
func (a area) joined(x, y int, r rune) rune {
	have := a.cells.all[(a.y+y)*a.cells.width+a.x+x].char
	if runes.IsBraillePattern(have) {
		return runes.CombineBraillePatterns(have, r)
	}
	return r
}

// drawMarks draws a line of marks, as many for each interval as it is wide.
func (c *chart) drawMarks(a area, l line, time *timeline) {
	for i, v := range tail(l.values, len(time.end)) {
		if y := c.row(v, a.h); y >= 0 {
			for x := range time.wide {
				a.set(time.column(i)+x, y, l.ink, l.mark)
			}
		}
	}
}
