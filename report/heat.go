package report

import (
	"strings"

	"github.com/floodmark/floodmark/measure"
)

// latencyBounds are the classes of response times that live views show, in seconds.
func latencyBounds() []float64 {
	return []float64{
		0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
	}
}

// classesOf counts response times by class. A bucket belongs to the class in which its
// highest value lies, so that a border is exact to a thousandth.
func classesOf(h *measure.Histogram, bounds []float64) []int64 {
	out := make([]int64, len(bounds)+1)
	class := 0
	for high, n := range h.Buckets {
		for class < len(bounds) && high.Seconds() > bounds[class]*1.001 {
			class++
		}
		out[class] += n
	}
	for last := len(out); last > 0 && out[last-1] == 0; last = len(out) {
		out = out[:last-1]
	}
	return out
}

// A Heat is how the response times of a second are spread over the classes of a
// history: a digit from 0 to 5 for each class, which is the level of [HeatLevel], up
// to the last one that is not 0.
type Heat string

// Level returns the level of a class.
func (h Heat) Level(class int) int {
	if class < 0 || class >= len(h) || h[class] < '0' || h[class] > '5' {
		return 0
	}
	return int(h[class] - '0')
}

// HeatOf returns the levels of a second's classes.
func HeatOf(classes []int64) Heat {
	var total int64
	for _, n := range classes {
		total += n
	}
	var b strings.Builder
	for _, n := range classes {
		b.WriteByte('0' + byte(HeatLevel(n, total))) //nolint:gosec // 0 to 5
	}
	return Heat(b.String())
}

// HeatLevel returns how dense n of total requests are, from 0 for none to 5 for a fifth
// and more. The scale is logarithmic: a level is three to four times the one before, so
// that the one request in two hundred that took a second is seen.
func HeatLevel(n, total int64) int {
	ratio := share(n, total)
	switch {
	case n <= 0:
		return 0
	case ratio < 0.005:
		return 1
	case ratio < 0.02:
		return 2
	case ratio < 0.06:
		return 3
	case ratio < 0.2:
		return 4
	}
	return 5
}
