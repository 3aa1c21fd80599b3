package dashboard

import (
	"fmt"
	"slices"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

const heatLabel = 7 // columns: "500ms┄ "

// latencies are the percentiles of the window and the limit that is marked, in as many
// words as a width holds.
func (s *scene) latencies(width int) string {
	n := s.numbers
	text := fmt.Sprintf("%s  p50 %s  p95 %s  p99 %s", s.view.Window, duration(n.P50), duration(n.P95), duration(n.P99))
	for _, more := range []string{"  max " + duration(n.Max), "  ┄ SLO " + bound(s.limit())} {
		if columns(text+more) <= width && more != "  ┄ SLO "+bound(0) {
			text += more
		}
	}
	if columns(text) > width {
		text = fmt.Sprintf("%s  p50 %s  p99 %s", s.view.Window, duration(n.P50), duration(n.P99))
	}
	return text
}

// limit returns the highest limit that an SLO sets to response times, which is that of the
// slowest requests; 0 for none.
func (s *scene) limit() float64 {
	most := 0.0
	for i := range s.SLOs {
		if l := s.SLOs[i].Latency; l > most {
			most = l
		}
	}
	return most
}

// A heatStrip draws response times over time without needing colours: a column is a
// second, a row a class of response times, and the glyph how dense that is.
type heatStrip struct {
	bounds []float64 // highest values of the classes
	end    []float64 // of the columns
	level  func(column, from, to int) int
	limit  float64
	events []float64
}

// drawHeat draws the strip of all requests.
func (s *scene) drawHeat(a area) {
	h := &s.History
	columns := min(len(h.Classes), max(a.w-heatLabel, 0))
	first := len(h.Classes) - columns
	totals := make([]int64, columns)
	for i := range totals {
		for _, n := range h.Classes[first+i] {
			totals[i] += n
		}
	}
	strip := heatStrip{bounds: h.Bounds, end: tail(h.End, columns), limit: s.limit(), events: s.marks()}
	strip.level = func(column, from, to int) int {
		var n int64
		classes := h.Classes[first+column]
		for class := from; class <= to && class < len(classes); class++ {
			n += classes[class]
		}
		return report.HeatLevel(n, totals[column])
	}
	low, high := classRange(h.Classes)
	strip.draw(a, low, high)
}

// drawEndpointHeat draws the strip of one endpoint's latest seconds.
func (s *scene) drawEndpointHeat(a area, e *report.EndpointView) {
	heat := tail(e.Heat, a.w-heatLabel)
	strip := heatStrip{bounds: s.History.Bounds, end: tail(s.History.End, len(heat)), limit: s.limit(), events: s.marks()}
	strip.level = func(column, from, to int) (most int) {
		for class := from; class <= to; class++ {
			most = max(most, heat[column].Level(class))
		}
		return most
	}
	low, high := len(s.History.Bounds), 0
	for _, second := range heat {
		for class := range len(second) {
			if second.Level(class) > 0 {
				low, high = min(low, class), max(high, class)
			}
		}
	}
	strip.draw(a, low, high)
}

// classRange returns the lowest and the highest class that holds anything.
func classRange(seconds [][]int64) (low, high int) {
	low = 1 << 10
	for _, classes := range seconds {
		for class, n := range classes {
			if n > 0 {
				low, high = min(low, class), max(high, class)
			}
		}
	}
	return min(low, high), high
}

// marks are the instants of what people have marked.
func (s *scene) marks() []float64 {
	var out []float64
	for i := range s.Events {
		if s.Events[i].Kind == report.EventMarker {
			out = append(out, s.Events[i].At)
		}
	}
	return out
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
	field := a
	if a.h >= 8 {
		field = a.part(0, 0, a.w, a.h-1)
		if shown := len(h.bounds) + 1; field.h > shown {
			field = a.part(0, 0, a.w, shown)
		}
		drawTime(a.part(heatLabel, field.h, a.w-heatLabel, 1), h.end, 1, h.events)
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
		for x := range h.end {
			if level := h.level(x, lowest, class); level > 0 {
				row.set(heatLabel+x, 0, classInk(class, limit), []rune(" ·░▒▓█")[level])
			} else if class == limit && x%2 == 1 {
				row.set(heatLabel+x, 0, faint, '┄')
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

// drawPercentiles draws three percentiles of each second on a logarithmic scale.
func (s *scene) drawPercentiles(a area) {
	h := &s.History
	low, high := 0.0, 0.0
	for _, list := range [][]float64{h.P50, h.P95, h.P99} {
		for _, v := range list {
			if v > 0 && (low == 0 || v < low) {
				low = v
			}
			high = max(high, v)
		}
	}
	limit := s.limit()
	if low <= 0 {
		a.put(0, 0, faint, fit("no response yet", a.w))
		return
	}
	if limit > 0 && limit < 20*high {
		low, high = min(low, limit), max(high, limit)
	} else {
		limit = 0
	}
	x := a.put(scaleWidth, 0, median, "p50 ")
	x = a.put(x, 0, upper, "p95 ")
	x = a.put(x, 0, top, "p99 ")
	if limit > 0 {
		a.put(x, 0, warn, "┄ SLO "+bound(limit))
	}
	c := chart{
		symbols: s.theme.Symbols, end: h.End, log: true, low: low * 0.8, high: high * 1.25, limit: limit, events: s.marks(),
		label: func(v float64) string { return quantity.Duration(span(v)) },
		lines: []line{{median, '.', h.P50}, {upper, 'o', h.P95}, {top, '#', h.P99}},
	}
	c.draw(a.part(0, 1, a.w, a.h-1))
}
