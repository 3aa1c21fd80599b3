package dashboard

import "github.com/floodmark/floodmark/report"

// A Panel is one of the parts of a frame, by its number on the keyboard.
type Panel uint8

// The panels. The zero value is none of them.
const (
	NoPanel Panel = iota
	RatePanel
	SLOPanel
	GeneratorPanel
	HeatPanel
	PercentilePanel
	FailurePanel
	AlertPanel
	EndpointPanel
	panelCount
)

// A scene is all that panels draw from.
type scene struct {
	*report.Snapshot
	view    View
	theme   Theme
	numbers *report.Numbers // of the view's window
}

// newScene is ready for an empty snapshot, too.
func newScene(s *report.Snapshot, view View, theme Theme) *scene {
	if s == nil {
		s = &report.Snapshot{Stage: -1}
	}
	return &scene{Snapshot: s, view: view, theme: theme, numbers: of(view.Window, &s.Numbers)}
}

// name is the panel's title.
func (p Panel) name() string {
	return []string{
		"", "rate", "SLOs", "generator", "latency", "percentiles", "errors", "alerts and events", "endpoints", "",
	}[min(p, panelCount)]
}

// says is what stands beside the title: what the numbers are, and which time they cover,
// in about so many columns.
func (p Panel) says(s *scene, width int) string {
	switch p {
	case SLOPanel:
		return "run, budget of the plan"
	case GeneratorPanel:
		return Ten.String()
	case HeatPanel:
		return s.latencies(width)
	case PercentilePanel:
		return "each second, log scale"
	case RatePanel, FailurePanel, EndpointPanel:
		return s.view.Window.String()
	case NoPanel, AlertPanel, panelCount:
	}
	return ""
}

// draw draws what is inside of the panel's frame.
func (p Panel) draw(s *scene, a area) {
	switch p {
	case RatePanel:
		s.drawRate(a)
	case SLOPanel:
		s.drawSLOs(a)
	case GeneratorPanel:
		s.drawGenerator(a)
	case HeatPanel:
		s.drawHeat(a)
	case PercentilePanel:
		s.drawPercentiles(a)
	case FailurePanel:
		s.drawFailures(a)
	case AlertPanel:
		s.drawAlerts(a)
	case EndpointPanel:
		s.drawEndpoints(a)
	case NoPanel, panelCount:
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
	view     View
	theme    Theme
	w, h     int
}

// plates are the panels as they were drawn last. Nil keeps nothing.
type plates struct{ all [panelCount]plate }

// draw draws a panel, or what is kept of it.
func (k *plates) draw(p Panel, s *scene, a area) {
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
