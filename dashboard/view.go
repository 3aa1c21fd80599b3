package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/report"
)

// A Window is the stretch of the run that numbers cover.
type Window uint8

// The windows.
const (
	Second Window = iota
	Ten
	WholeRun
	windows
)

// String returns what titles say of the window.
func (w Window) String() string {
	switch w {
	case Second:
		return "last second"
	case Ten:
		return "last 10s"
	case WholeRun, windows:
	}
	return "run"
}

// of returns what belongs to the window.
func of[T any](w Window, all *report.Windows[T]) *T {
	switch w {
	case Second:
		return &all.Second
	case Ten:
		return &all.Ten
	case WholeRun, windows:
	}
	return &all.Run
}

// A Column is what endpoints are sorted by.
type Column uint8

// The columns. All but names begin with the largest.
const (
	ByRate Column = iota
	ByName
	ByP50
	ByP95
	ByP99
	ByErrors
	columnCount
)

// String returns the head of the column.
func (c Column) String() string {
	return []string{"req/s", "endpoint", "p50", "p95", "p99", "err%", ""}[min(c, columnCount)]
}

// A View is what a person has chosen to see. It is plain data; the zero value is what
// everybody sees first.
type View struct {
	Window Window
	Sort   Column
	Filter string // endpoints whose name has it, in any case
	Focus  Panel  // that enter zooms, NoPanel for none
	Hidden [panelCount]bool
	Zoomed bool
	Row    string // name of the chosen endpoint, "" for none
	Help   bool
	Scroll int // lines that help and feeds are moved up

	Ask      string // what is asked at the foot, "" for nothing: keys are shown then
	Typed    string // what was typed so far
	Notice   string // what is said at the foot for a moment
	Trouble  bool   // the notice is of something that did not work
	Able     Abilities
	Stale    bool // no snapshot has come for a while
	Detached bool // this is another process's run, watched from outside
}

// Abilities say which keys do something.
type Abilities struct{ Pause, Rate, Skip, Mark, Stop bool }

// body is the part of the view that panels depend on.
func (v View) body() View {
	v.Ask, v.Typed, v.Notice, v.Trouble, v.Able, v.Stale, v.Scroll = "", "", "", false, Abilities{}, false, 0
	return v
}

// rows returns the endpoints that the view shows, in its order.
func (v View) rows(s *report.Snapshot) []*report.EndpointView {
	var out []*report.EndpointView
	wanted := strings.ToLower(v.Filter)
	for i := range s.Endpoints {
		if e := &s.Endpoints[i]; strings.Contains(strings.ToLower(e.Name), wanted) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b *report.EndpointView) int {
		x, y := of(v.Window, &a.Numbers), of(v.Window, &b.Numbers)
		return cmp.Or(v.Sort.compare(a.Name, b.Name, x, y), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// compare orders two endpoints.
func (c Column) compare(a, b string, x, y *report.Numbers) int {
	switch c {
	case ByName:
		return cmp.Compare(a, b)
	case ByP50:
		return cmp.Compare(y.P50, x.P50)
	case ByP95:
		return cmp.Compare(y.P95, x.P95)
	case ByP99:
		return cmp.Compare(y.P99, x.P99)
	case ByErrors:
		return cmp.Compare(ratio(y.Failed, y.Finished()), ratio(x.Failed, x.Finished()))
	case ByRate, columnCount:
	}
	return cmp.Compare(y.Finished(), x.Finished())
}

// ratio returns part of whole, 0 of nothing.
func ratio(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
