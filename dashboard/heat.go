package dashboard

import (
	"fmt"
	"strings"

	"github.com/floodmark/floodmark/report"
)

const (
	heatLabel    = 7 // columns: "500ms┄ "
	widestSecond = 3 // columns of a second in a short run
)

// latencies are the percentiles of the window and the limit that is marked, in as many
// words as a width holds.
func (s *scene) latencies(width int) string {
	n := s.numbers
	text := fmt.Sprintf("%s  p50 %s  p95 %s  p99 %s", s.view.window, duration(n.P50), duration(n.P95), duration(n.P99))
	for _, more := range []string{"  max " + duration(n.Max), "  ┄ SLO " + bound(s.limit())} {
		if columns(text+more) <= width && more != "  ┄ SLO "+bound(0) {
			text += more
		}
	}
	if columns(text) > width {
		text = fmt.Sprintf("%s  p50 %s  p99 %s", s.view.window, duration(n.P50), duration(n.P99))
	}
	return text
}

// limit returns the limit that is marked: the highest one that an SLO sets to response
// times, which is that of the slowest requests; 0 for none.
func (s *scene) limit() float64 { l, _ := s.limitOf(); return l }

// limitOf returns it with what sets it. An SLO of all requests comes before those of some.
func (s *scene) limitOf() (most float64, expression string) {
	some := true
	for i := range s.SLOs {
		v := &s.SLOs[i]
		if v.Latency <= 0 {
			continue
		}
		selects := strings.HasPrefix(v.Expression, "{")
		if some && !selects || some == selects && v.Latency > most {
			most, expression, some = v.Latency, v.Expression, selects
		}
	}
	return most, expression
}

// drawHeat draws the strip of all requests.
func (s *scene) drawHeat(a area) {
	h := &s.History
	time := newTimeline(h.End, max(a.w-heatLabel, 0), 1, s.Planned, widestSecond)
	columns := min(len(h.Classes), len(time.end))
	time.end = tail(time.end, columns)
	first := len(h.Classes) - columns
	totals := make([]int64, columns)
	for i := range totals {
		for _, n := range h.Classes[first+i] {
			totals[i] += n
		}
	}
	strip := heatStrip{bounds: h.Bounds, time: time, limit: s.limit(), events: s.marks()}
	strip.level = func(column, from, to int) int {
		var n int64
		classes := h.Classes[first+column]
		for class := from; class <= to && class < len(classes); class++ {
			n += classes[class]
		}
		return report.HeatLevel(n, totals[column])
	}
	failed, done := tail(h.Failed, columns), tail(h.Completed, columns)
	if n := min(len(failed), len(done)); n == columns && largest(failed) > 0 {
		strip.failed = func(column int) int { return report.HeatLevel(tenths(failed[column]), tenths(done[column])) }
	}
	low, high := classRange(h.Classes)
	strip.draw(a, low, high)
}

// tenths makes a whole number of a rate, of which a history has one decimal.
func tenths(v float64) int64 { return int64(min(max(10*v, 0), 1e15)) }

// drawEndpointHeat draws the strip of one endpoint's latest seconds.
func (s *scene) drawEndpointHeat(a area, e *report.EndpointView) {
	heat := tail(e.Heat, a.w-heatLabel)
	strip := heatStrip{bounds: s.History.Bounds, time: timeline{tail(s.History.End, len(heat)), 1, 1}, limit: s.limit(), events: s.marks()}
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
