package dashboard

// A timeline is where intervals stand in a chart or a strip. A run that is planned to be
// shorter than the chart is wide has wider intervals, so that it fills the chart.
type timeline struct {
	end  []float64 // of the intervals that are shown, seconds
	per  int       // places a column: braille has two
	wide int       // places an interval
}

// timeStep is how many columns labels of the time have between them.
const timeStep = 10

// newTimeline fits the latest intervals into so many columns. An interval is at most so
// many places wide.
func newTimeline(end []float64, columns, per int, planned float64, most int) timeline {
	wide := 1
	if planned > 0 {
		wide = int(min(max(float64(columns*per)/planned, 1), float64(most)))
	}
	return timeline{tail(end, columns*per/wide), per, wide}
}

// column returns where an interval begins.
func (t *timeline) column(i int) int { return i * t.wide / t.per }

// columnOf returns where an instant is.
func (t *timeline) columnOf(at float64) (x int, ok bool) {
	if len(t.end) == 0 || at > t.end[len(t.end)-1] || at < t.end[0]-1 {
		return 0, false
	}
	for i, e := range t.end {
		if at <= e {
			return t.column(i), true
		}
	}
	return 0, false
}

// every returns how many seconds are between labels.
func (t *timeline) every() int64 {
	for _, seconds := range []int64{5, 10, 20} {
		if int(seconds)*t.wide >= timeStep*t.per {
			return seconds
		}
	}
	return 20
}

// draw labels columns with when their interval ended, every so many seconds, so that a
// label moves with what it is about, and marks events.
func (t *timeline) draw(a area, events []float64) {
	for _, at := range events {
		if x, ok := t.columnOf(at); ok {
			a.set(x, 0, marked, '▲')
		}
	}
	every, free := t.every(), 0
	for i := range t.end {
		x, second := t.column(i), int64(t.end[i]+0.5)
		if second%every != 0 || x < free {
			continue
		}
		if !a.empty(x, 1) { // a mark is here
			x++
		}
		text := instant(float64(second))
		if x+columns(text) <= a.w && a.empty(x, columns(text)) {
			free = a.put(x, 0, faint, text) + 1
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
