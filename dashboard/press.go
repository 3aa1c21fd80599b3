package dashboard

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// press does what a key is for. While something is asked, keys answer that.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	k := newKeys(m.view.able)
	switch {
	case key.Matches(msg, k.interrupt.Binding):
		return m.interrupt()
	case msg.String() == "ctrl+z":
		m.say("ctrl+z would stop the load, too: p pauses it, q stops it, and another window has a shell")
		return nil
	case m.asking != nothing:
		return m.answer(msg)
	}
	if cmd, known := m.pressRun(msg, k); known {
		return cmd
	}
	m.pressView(msg, k)
	return nil
}

// pressRun is for the keys that do something to the run.
func (m *Model) pressRun(msg tea.KeyMsg, k *keys) (cmd tea.Cmd, known bool) {
	is := func(b binding) bool { return key.Matches(msg, b.Binding) }
	switch {
	case is(k.quit):
		return m.quit(), true
	case is(k.pause):
		return m.pause(), true
	case is(k.slower):
		m.change(1 / 1.1)
	case is(k.faster):
		m.change(1.1)
	case is(k.bitSlower):
		m.change(1 / 1.01)
	case is(k.bitFaster):
		m.change(1.01)
	case is(k.setRate):
		m.put(askRate, "")
	case is(k.skip):
		m.put(askSkip, "")
	case is(k.mark):
		m.put(askMark, "")
	default:
		if m.disabled(msg) {
			m.say("not possible here: this dashboard only watches")
			return nil, true
		}
		return nil, false
	}
	return nil, true
}

// disabled reports whether a key would do something to a run that allows it.
func (m *Model) disabled(msg tea.KeyMsg) bool {
	all := newKeys(abilities{true, true, true, true, true})
	return slices.ContainsFunc(all.groups()[0].keys, func(b binding) bool { return key.Matches(msg, b.Binding) })
}

// pressView is for the keys that change what is seen.
func (m *Model) pressView(msg tea.KeyMsg, k *keys) {
	is := func(b binding) bool { return key.Matches(msg, b.Binding) }
	v := &m.view
	switch {
	case is(k.help):
		v.help, v.scroll = !v.help, 0
	case is(k.back):
		m.back()
	case is(k.focus):
		m.focus(1)
	case is(k.focusBack):
		m.focus(-1)
	case is(k.toggle):
		m.toggle(panel(msg.String()[0] - '0'))
	case is(k.zoom):
		m.zoom()
	case is(k.up):
		m.move(-1)
	case is(k.down):
		m.move(1)
	case is(k.alerts):
		v.zoomed, v.focus, v.scroll = !v.zoomed || v.focus != alertPanel, alertPanel, 0
	case is(k.filter):
		m.put(askFilter, v.filter)
	case is(k.sort):
		v.sort = (v.sort + 1) % columnCount
		m.say("endpoints are sorted by " + v.sort.String())
	case is(k.window):
		v.window = (v.window + 1) % windows
		m.say("numbers are of the " + map[window]string{lastSecond: "last second", lastTen: "last 10 seconds", wholeRun: "whole run without warm-up"}[v.window])
	case is(k.palette):
		m.theme.Palette = (m.theme.Palette + 1) % palettes
		m.say("colours: " + m.theme.Palette.String())
	case is(k.mask):
		m.theme.Masked = !m.theme.Masked
		m.say(map[bool]string{true: "the target is hidden", false: "the target is shown"}[m.theme.Masked])
	}
}

// finished reports whether there is no load any more.
func (m *Model) finished() bool { return m.snapshot != nil && m.snapshot.Phase == report.Finished }

// quit leaves, if there is nothing to stop, or asks.
func (m *Model) quit() tea.Cmd {
	if m.finished() || m.control.Stop == nil {
		return tea.Quit
	}
	m.put(askStop, "")
	return nil
}

// interrupt stops the run as the signal does: a second time, at once.
func (m *Model) interrupt() tea.Cmd {
	if m.finished() || m.control.Stop == nil {
		return tea.Quit
	}
	m.asking = nothing
	return call("stopping: no new requests; ctrl+c again does not wait for those under way", m.control.Stop)
}

// pause pauses, or resumes.
func (m *Model) pause() tea.Cmd {
	if m.snapshot != nil && m.snapshot.Phase == report.Paused {
		return call("resumed: nothing is caught up", m.control.Resume)
	}
	return call("paused: p resumes", m.control.Pause)
}

// asked returns the rate that is asked for now.
func (m *Model) asked() float64 {
	switch {
	case m.snapshot == nil:
		return 0
	case m.snapshot.Pace.ByHand > 0:
		return m.snapshot.Pace.ByHand
	}
	n := &m.snapshot.Numbers.Second
	if n.Length <= 0 {
		return 0
	}
	return float64(n.Asked) / n.Length
}

// change makes the rate larger or smaller by a factor, in a moment: keys that come
// until then make one change together.
func (m *Model) change(factor float64) {
	if m.factor == 0 {
		m.factor = 1
	}
	m.factor *= factor
	m.untilRate = rateTicks
	m.say(m.changeWords() + " in a moment")
}

// changeWords are the change in words.
func (m *Model) changeWords() string {
	if now := m.asked(); now > 0 {
		return fmt.Sprintf("rate %s/s → %s/s", quantity.Rate(now), quantity.Rate(now*m.factor))
	}
	return fmt.Sprintf("rate ×%.3g", m.factor)
}

// scale asks for the change of the rate, and for a yes if it is a large one.
func (m *Model) scale() tea.Cmd {
	factor, words := m.factor, m.changeWords()
	m.factor = 0
	if most := m.most(); most > 0 && m.asked()*factor > most && factor > 1 {
		m.rate = m.asked() * factor
		m.put(askMore, "")
		return nil
	}
	do := m.control.Scale
	return call(words, func() error { return do(factor) })
}

// most returns the rate above which somebody is asked first, 0 for none.
func (m *Model) most() float64 {
	if m.snapshot == nil {
		return 0
	}
	return m.snapshot.Pace.Most
}

// setRate asks the run for a rate.
func (m *Model) setRate(perSecond float64) tea.Cmd {
	words := "rate as planned"
	if perSecond > 0 {
		words = "rate " + quantity.Rate(perSecond) + "/s"
	}
	do := m.control.Rate
	return call(words, func() error { return do(perSecond) })
}
