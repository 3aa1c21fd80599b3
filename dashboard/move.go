package dashboard

import (
	"fmt"
	"slices"

	"github.com/floodmark/floodmark/report"
)

// back goes one step back: out of help, a zoom, a filter, or a choice.
func (m *Model) back() {
	v := &m.view
	switch {
	case v.help:
		v.help = false
	case v.zoomed:
		v.zoomed = false
	case v.filter != "":
		v.filter = ""
	default:
		v.focus, v.row = noPanel, ""
	}
	v.scroll = 0
}

// focus chooses the next panel that is shown, or the one before.
func (m *Model) focus(step int) {
	v := &m.view
	const all = int(panelCount)
	for range all {
		v.focus = panel((int(v.focus) + step + all) % all) //nolint:gosec // less than all
		if v.focus != noPanel && !v.hidden[v.focus] {
			break
		}
	}
	if v.focus != endpointPanel {
		v.row = ""
	}
	v.scroll = 0
	m.say(fmt.Sprintf("panel %d, %s: enter zooms", v.focus, v.focus.name()))
}

// toggle hides or shows a panel; in a zoom it goes to it.
func (m *Model) toggle(p panel) {
	v := &m.view
	if p == noPanel || p >= panelCount {
		return
	}
	if v.zoomed {
		v.focus, v.row, v.scroll = p, "", 0
		return
	}
	v.hidden[p] = !v.hidden[p]
	if v.hidden[p] {
		if v.focus == p {
			v.focus = noPanel
		}
		m.say(fmt.Sprintf("%s is hidden: %d shows it again", p.name(), p))
	}
}

// zoom shows the chosen panel or endpoint alone, or all of them again.
func (m *Model) zoom() {
	v := &m.view
	if v.focus == noPanel && v.row == "" && !v.zoomed {
		m.say("tab chooses a panel, ↑↓ an endpoint")
		return
	}
	v.zoomed, v.scroll = !v.zoomed, 0
	v.notice = "" // of how to zoom
}

// move chooses another endpoint, or moves what is longer than the screen.
func (m *Model) move(step int) {
	v := &m.view
	if v.help || v.zoomed && v.focus == alertPanel {
		v.scroll = min(max(v.scroll+step, 0), 200)
		return
	}
	if m.snapshot == nil {
		return
	}
	rows := v.rows(m.snapshot)
	if len(rows) == 0 {
		return
	}
	at := slices.IndexFunc(rows, func(e *report.EndpointView) bool { return e.Name == v.row })
	switch {
	case at < 0 && step < 0:
		at = len(rows) - 1
	case at < 0:
		at = 0
	default:
		at = min(max(at+step, 0), len(rows)-1)
	}
	v.row = rows[at].Name
	v.focus = endpointPanel
}
