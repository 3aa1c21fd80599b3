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
	case v.Help:
		v.Help = false
	case v.Zoomed:
		v.Zoomed = false
	case v.Filter != "":
		v.Filter = ""
	default:
		v.Focus, v.Row = NoPanel, ""
	}
	v.Scroll = 0
}

// focus chooses the next panel that is shown, or the one before.
func (m *Model) focus(step int) {
	v := &m.view
	const all = int(panelCount)
	for range all {
		v.Focus = Panel((int(v.Focus) + step + all) % all) //nolint:gosec // less than all
		if v.Focus != NoPanel && !v.Hidden[v.Focus] {
			break
		}
	}
	if v.Focus != EndpointPanel {
		v.Row = ""
	}
	v.Scroll = 0
	m.say(fmt.Sprintf("panel %d, %s: enter zooms", v.Focus, v.Focus.name()))
}

// toggle hides or shows a panel; in a zoom it goes to it.
func (m *Model) toggle(p Panel) {
	v := &m.view
	if p == NoPanel || p >= panelCount {
		return
	}
	if v.Zoomed {
		v.Focus, v.Row, v.Scroll = p, "", 0
		return
	}
	v.Hidden[p] = !v.Hidden[p]
	if v.Hidden[p] {
		if v.Focus == p {
			v.Focus = NoPanel
		}
		m.say(fmt.Sprintf("%s is hidden: %d shows it again", p.name(), p))
	}
}

// zoom shows the chosen panel or endpoint alone, or all of them again.
func (m *Model) zoom() {
	v := &m.view
	if v.Focus == NoPanel && v.Row == "" && !v.Zoomed {
		m.say("tab chooses a panel, ↑↓ an endpoint")
		return
	}
	v.Zoomed, v.Scroll = !v.Zoomed, 0
}

// move chooses another endpoint, or moves what is longer than the screen.
func (m *Model) move(step int) {
	v := &m.view
	if v.Help || v.Zoomed && v.Focus == AlertPanel {
		v.Scroll = min(max(v.Scroll+step, 0), 200)
		return
	}
	if m.snapshot == nil {
		return
	}
	rows := v.rows(m.snapshot)
	if len(rows) == 0 {
		return
	}
	at := slices.IndexFunc(rows, func(e *report.EndpointView) bool { return e.Name == v.Row })
	switch {
	case at < 0 && step < 0:
		at = len(rows) - 1
	case at < 0:
		at = 0
	default:
		at = min(max(at+step, 0), len(rows)-1)
	}
	v.Row = rows[at].Name
	v.Focus = EndpointPanel
}
