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

const (
	scaleWidth = 7  // columns of a scale
	timeStep   = 10 // columns between labels of the time
)

// draw draws scale, lines, and below them the time.
func (c *chart) draw(a area) {
	if a.w < scaleWidth+4 || a.h < 2 {
		return
	}
	per := 2 // intervals a column
	if c.symbols != Braille {
		per = 1
	}
	high := a.h
	if a.h >= 4 { // else every line is needed
		high--
		drawTime(a.part(scaleWidth, high, a.w-scaleWidth, 1), tail(c.end, per*(a.w-scaleWidth)), per, c.events)
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
			c.drawDots(field, l)
		} else {
			c.drawMarks(field, l)
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

// drawScale labels the ends, and evenly what is between them.
func (c *chart) drawScale(a area) {
	for y := range a.h {
		a.set(a.w-1, y, faint, '│')
	}
	parts := 1
	for parts < 8 && a.h >= 5*parts {
		parts *= 2
	}
	if a.h == 1 {
		parts = 0
	}
	for i := range parts + 1 {
		at := float64(i) / float64(max(parts, 1))
		v := c.low + at*(c.high-c.low)
		if c.log {
			v = c.low * math.Pow(c.high/max(c.low, 1e-9), at)
		}
		if y := c.row(v, a.h); y >= 0 {
			a.put(0, y, faint, padLeft(fit(c.label(v), a.w-1), a.w-1))
		}
	}
}

// drawTime labels columns of intervals with when they ended, every so many seconds, so
// that a label moves with what it is about, and marks events.
func drawTime(a area, end []float64, per int, events []float64) {
	for _, at := range events {
		if x, ok := columnOf(at, end, per); ok {
			a.set(x, 0, marked, '▲')
		}
	}
	free := 0
	for x := 0; x < a.w && x*per < len(end); x++ {
		second := int64(end[x*per] + 0.5)
		if per > 1 && x*per+1 < len(end) && second%int64(timeStep*per) != 0 {
			second = int64(end[x*per+1] + 0.5)
		}
		if second%int64(timeStep*per) != 0 || x < free {
			continue
		}
		text := instant(float64(second))
		from := x
		if !a.empty(from, 1) { // a mark is here
			from++
		}
		if from+columns(text) <= a.w && a.empty(from, columns(text)) {
			free = a.put(from, 0, faint, text) + 1
		}
	}
}

// empty reports whether nothing is drawn in some columns of the first line.
func (a area) empty(x, wide int) bool {
	for i := x; i < x+wide && i < a.w; i++ {
		if !a.cells.all[a.y*a.cells.width+a.x+i].blank() {
			return false
		}
	}
	return true
}

// columnOf returns the column of an instant.
func columnOf(at float64, end []float64, per int) (x int, ok bool) {
	if len(end) == 0 || at > end[len(end)-1] || at < end[0]-1 {
		return 0, false
	}
	for i, e := range end {
		if at <= e {
			return i / per, true
		}
	}
	return 0, false
}

// drawDots draws a line in braille.
func (c *chart) drawDots(a area, l line) {
	wide, high := 2*a.w, 4*a.h
	values := tail(l.values, wide)
	grid := graph.NewBrailleGrid(a.w, a.h, 0, float64(wide-1), 0, float64(high-1))
	before, joined := canvas.Point{}, false
	for x, v := range values {
		at, ok := c.place(v)
		if !ok {
			joined = false
			continue
		}
		now := canvas.Point{X: x, Y: high - 1 - int(at*float64(high-1)+0.5)}
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

// drawMarks draws a line of marks, one for each interval.
func (c *chart) drawMarks(a area, l line) {
	for x, v := range tail(l.values, a.w) {
		if y := c.row(v, a.h); y >= 0 {
			a.set(x, y, l.ink, l.mark)
		}
	}
}
