package dashboard

import "github.com/floodmark/floodmark/report"

// A panel is one of the parts of a frame, by its number on the keyboard.
type panel uint8

// The panels. The zero value is none of them.
const (
	noPanel panel = iota
	ratePanel
	sloPanel
	generatorPanel
	heatPanel
	percentilePanel
	failurePanel
	alertPanel
	endpointPanel
	panelCount
)

// A scene is all that panels draw from.
type scene struct {
	*report.Snapshot
	view    view
	theme   Theme
	numbers *report.Numbers // of the view's window
}

// newScene is ready for an empty snapshot, too.
func newScene(s *report.Snapshot, view view, theme Theme) *scene {
	if s == nil {
		s = &report.Snapshot{Stage: -1}
	}
	return &scene{Snapshot: s, view: view, theme: theme, numbers: of(view.window, &s.Numbers)}
}

// name is the panel's title.
func (p panel) name() string {
	return []string{
		"", "rate", "SLOs", "generator", "latency", "percentiles", "errors", "alerts and events", "endpoints", "",
	}[min(p, panelCount)]
}

// says is what stands beside the title: what the numbers are, and which time they cover,
// in about so many columns.
func (p panel) says(s *scene, width int) string {
	switch p {
	case generatorPanel:
		if width >= 26 {
			return "verdict: run, rest: " + lastTen.String()
		}
		return lastTen.String()
	case heatPanel:
		return s.latencies(width)
	case percentilePanel:
		return "each second, log scale"
	case ratePanel:
		if text := "requests, " + s.view.window.String(); columns(text) <= width {
			return text
		}
		return s.view.window.String()
	case failurePanel, endpointPanel:
		return s.view.window.String()
	case noPanel, sloPanel, alertPanel, panelCount: // those of objectives are their heads
	}
	return ""
}

// draw draws what is inside of the panel's frame.
func (p panel) draw(s *scene, a area) {
	switch p {
	case ratePanel:
		s.drawRate(a)
	case sloPanel:
		s.drawSLOs(a)
	case generatorPanel:
		s.drawGenerator(a)
	case heatPanel:
		s.drawHeat(a)
	case percentilePanel:
		s.drawPercentiles(a)
	case failurePanel:
		s.drawFailures(a)
	case alertPanel:
		s.drawAlerts(a)
	case endpointPanel:
		s.drawEndpoints(a)
	case noPanel, panelCount:
	}
}

// A plate is a panel that was drawn, and what it was drawn from: the same again needs no
// drawing.
type plate struct {
	from  plateKey
	cells *cells
}

type plateKey struct {
	snapshot *report.Snapshot
	view     view
	theme    Theme
	w, h     int
}

// plates are the panels as they were drawn last. Nil keeps nothing.
type plates struct{ all [panelCount]plate }

// draw draws a panel, or what is kept of it.
func (k *plates) draw(p panel, s *scene, a area) {
	if k == nil {
		p.draw(s, a)
		return
	}
	from := plateKey{s.Snapshot, s.view.body(), s.theme, a.w, a.h}
	if kept := &k.all[p]; kept.from != from || kept.cells == nil {
		kept.from, kept.cells = from, newCells(a.w, a.h)
		p.draw(s, kept.cells.whole())
	}
	a.copy(k.all[p].cells)
}
