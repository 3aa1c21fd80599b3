package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/report"
)

// A window is the stretch of the run that numbers cover.
type window uint8

// The windows.
const (
	lastSecond window = iota
	lastTen
	wholeRun
	windows
)

// String returns what titles say of the window.
func (w window) String() string {
	switch w {
	case lastSecond:
		return "last second"
	case lastTen:
		return "last 10s"
	case wholeRun, windows:
	}
	return "run"
}

// of returns what belongs to the window.
func of[T any](w window, all *report.Windows[T]) *T {
	switch w {
	case lastSecond:
		return &all.Second
	case lastTen:
		return &all.Ten
	case wholeRun, windows:
	}
	return &all.Run
}

// A column is what endpoints are sorted by.
type column uint8

// The columns. All but names begin with the largest.
const (
	byRate column = iota
	byName
	byP50
	byP95
	byP99
	byErrors
	columnCount
)

// String returns the head of the column.
func (c column) String() string {
	return []string{"req/s", "endpoint", "p50", "p95", "p99", "err%", ""}[min(c, columnCount)]
}

// A view is what a person has chosen to see. It is plain data; the zero value is what
// everybody sees first.
type view struct {
	window window
	sort   column
	filter string // endpoints whose name has it, in any case
	focus  panel  // that enter zooms, noPanel for none
	hidden [panelCount]bool
	zoomed bool
	row    string // name of the chosen endpoint, "" for none
	help   bool
	scroll int // lines that help and feeds are moved up

	ask     string // what is asked at the foot, "" for nothing: keys are shown then
	typed   string // what was typed so far
	notice  string // what is said at the foot for a moment
	trouble bool   // the notice is of something that did not work
	able    abilities
	stale   bool // no snapshot has come for a while
}

// abilities say which keys do something.
type abilities struct {
	pause, rate, skip, mark, mute, stop bool
	apart                               bool // nothing happens to the run when the dashboard is left
}

// all reports whether every key does something.
func (a abilities) all() bool { return a.pause && a.rate && a.skip && a.mark && a.mute && a.stop }

// body is the part of the view that panels depend on.
func (v view) body() view {
	v.ask, v.typed, v.notice, v.trouble, v.able, v.stale, v.scroll = "", "", "", false, abilities{}, false, 0
	return v
}

// rows returns the endpoints that the view shows, in its order.
func (v view) rows(s *report.Snapshot) []*report.EndpointView {
	var out []*report.EndpointView
	wanted := strings.ToLower(v.filter)
	for i := range s.Endpoints {
		if e := &s.Endpoints[i]; strings.Contains(strings.ToLower(e.Name), wanted) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b *report.EndpointView) int {
		x, y := of(v.window, &a.Numbers), of(v.window, &b.Numbers)
		if v.sort == byRate { // by the run: rows that change places each second cannot be read
			if order := cmp.Compare(b.Numbers.Run.Finished(), a.Numbers.Run.Finished()); order != 0 {
				return order
			}
		}
		return cmp.Or(v.sort.compare(a.Name, b.Name, x, y), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// compare orders two endpoints.
func (c column) compare(a, b string, x, y *report.Numbers) int {
	switch c {
	case byName:
		return cmp.Compare(a, b)
	case byP50:
		return cmp.Compare(y.P50, x.P50)
	case byP95:
		return cmp.Compare(y.P95, x.P95)
	case byP99:
		return cmp.Compare(y.P99, x.P99)
	case byErrors:
		return cmp.Compare(ratio(y.Failed, y.Finished()), ratio(x.Failed, x.Finished()))
	case byRate, columnCount:
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
