package dashboard

import (
	"fmt"
	"slices"
)

// A heatStrip draws response times over time without needing colours: a column is a
// second, a row a class of response times, and the glyph how dense that is.
type heatStrip struct {
	bounds []float64 // highest values of the classes
	time   timeline
	level  func(column, from, to int) int
	failed func(column int) int // likewise, of the requests that failed; nil: none did
	limit  float64
	events []float64
}

// class returns the class of a value.
func (h *heatStrip) class(v float64) int {
	i, _ := slices.BinarySearch(h.bounds, v)
	return i
}

// rows chooses the classes that are shown: those that hold anything and that of the limit,
// then a higher one and lower ones while there is room. The lowest row stands for all
// that is lower, too.
func (h *heatStrip) rows(low, high, room int) (from, to int) {
	last := len(h.bounds)
	if h.limit > 0 {
		low, high = min(low, h.class(h.limit)), max(high, h.class(h.limit))
	}
	low, high = min(max(low, 0), last), min(max(high, 0), last)
	for high-low+1 < room && (low > 0 || high < last) {
		if high < last && (low == 0 || high-low+1 == 0 || high < h.class(h.limit)+1) {
			high++
			continue
		}
		if low > 0 {
			low--
		}
	}
	return max(low, high-room+1), high
}

// draw draws the classes that hold anything, from low to high, and the time below them if
// there is room to spare.
func (h *heatStrip) draw(a area, low, high int) {
	if a.h <= 0 || a.w <= heatLabel || len(h.bounds) == 0 {
		return
	}
	lines, timed, failing := a.h, a.h >= 8, false
	if timed {
		lines--
	}
	if failing = h.failed != nil && lines >= 6; failing {
		lines--
	}
	field := a.part(0, 0, a.w, min(lines, len(h.bounds)+1))
	below := field.h
	if failing {
		h.drawFailed(a.row(below))
		below++
	}
	if timed {
		h.time.draw(a.part(heatLabel, below, a.w-heatLabel, 1), h.events)
	}
	from, to := h.rows(low, high, field.h)
	limit := -1
	if h.limit > 0 {
		limit = h.class(h.limit)
	}
	for class := to; class >= from; class-- {
		row := field.row(to - class)
		lowest := class
		if class == from {
			lowest = 0
		}
		row.put(0, 0, faint, padLeft(h.name(class, class == from && from > 0), heatLabel-2))
		if class == limit {
			row.set(heatLabel-2, 0, warn, '┄')
		}
		h.drawRow(row.part(heatLabel, 0, row.w-heatLabel, 1), lowest, class, limit)
	}
}

// drawRow draws the classes of a row. That of the limit has a line where it holds nothing.
func (h *heatStrip) drawRow(a area, from, to, limit int) {
	free := 0
	for i := range h.time.end {
		level := h.level(i, from, to)
		if level == 0 {
			continue
		}
		for x := range h.time.wide {
			a.set(h.time.column(i)+x, 0, classInk(to, limit), []rune(" ·░▒▓█")[level])
		}
		free = h.time.column(len(h.time.end))
	}
	if to != limit {
		return
	}
	for x := free + 1; x < a.w; x += 2 {
		a.set(x, 0, faint, '┄')
	}
}

// drawFailed draws how many of each second's requests failed: quick failures look well
// above.
func (h *heatStrip) drawFailed(a area) {
	a.put(0, 0, faint, "failed")
	for i := range h.time.end {
		if level := h.failed(i); level > 0 {
			for x := range h.time.wide {
				a.set(heatLabel+h.time.column(i)+x, 0, bad, []rune(" ·░▒▓█")[level])
			}
		}
	}
}

// name is the label of a class.
func (h *heatStrip) name(class int, andLower bool) string {
	switch {
	case class >= len(h.bounds):
		return ">" + bound(h.bounds[len(h.bounds)-1])
	case andLower:
		return "≤" + bound(h.bounds[class])
	}
	return bound(h.bounds[class])
}

// bound writes a bound without zeros: 2.5ms, 1s.
func bound(seconds float64) string {
	switch {
	case seconds >= 1:
		return fmt.Sprintf("%.3gs", seconds)
	case seconds >= 0.001:
		return fmt.Sprintf("%.3gms", 1e3*seconds)
	}
	return fmt.Sprintf("%.3gµs", 1e6*seconds)
}

// classInk is the colour of a class: from quick to beyond the limit, or, without one, to
// a second and beyond.
func classInk(class, limit int) ink {
	if limit < 0 {
		limit = 11 // 500ms
	}
	switch d := class - limit; {
	case d > 1:
		return burning
	case d > 0:
		return hot
	case d == 0:
		return warm
	case d == -1:
		return mild
	}
	return cool
}
