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
	case is(k.stop):
		m.put(askStop, "")
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
		m.stage = m.stageNow()
		m.put(askSkip, "")
	case is(k.mark):
		m.put(askMark, "")
	case is(k.mute):
		return call(m.control.Mute), true
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
	all := newKeys(abilities{pause: true, rate: true, skip: true, mark: true, mute: true, stop: true})
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
	if m.leaves() {
		return tea.Quit
	}
	m.put(askStop, "")
	return nil
}

// leaves reports whether leaving the dashboard does nothing to a run.
func (m *Model) leaves() bool { return m.finished() || m.control.Stop == nil || m.control.Apart }

// interrupt stops the run as the signal does: a second time, at once.
func (m *Model) interrupt() tea.Cmd {
	if m.leaves() {
		return tea.Quit
	}
	m.asking = nothing
	return call(m.control.Stop)
}

// pause pauses, or resumes.
func (m *Model) pause() tea.Cmd {
	if m.snapshot != nil && m.snapshot.Phase == report.Paused {
		return call(m.control.Resume)
	}
	return call(m.control.Pause)
}

// asked returns the rate, or the number of users, that is asked for now, 0 if it is not
// known.
func (m *Model) asked() float64 {
	if m.snapshot == nil {
		return 0
	}
	return m.snapshot.Pace.Now
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
	now := m.asked()
	switch {
	case now <= 0:
		return fmt.Sprintf("load ×%.3g", m.factor)
	case m.snapshot.Open:
		return fmt.Sprintf("rate %s/s → %s/s", quantity.Rate(now), quantity.Rate(now*m.factor))
	}
	return fmt.Sprintf("users %s → %s", quantity.Users(now), quantity.Users(now*m.factor))
}

// scale asks for the change of the rate, and for a yes if it is a large one.
func (m *Model) scale() tea.Cmd {
	factor, do := m.factor, m.control.Scale
	m.factor = 0
	return m.large(m.asked()*factor, factor > 1, call(func() (string, error) { return do(factor) }))
}

// setRate asks the run for a rate as it was typed.
func (m *Model) setRate(text string) tea.Cmd {
	level, known := levelOf(text)
	do := m.control.Rate
	return m.large(level, known, call(func() (string, error) { return do(text) }))
}

// large makes a change at once, unless it is one for which somebody is asked first.
func (m *Model) large(level float64, more bool, change tea.Cmd) tea.Cmd {
	if most := m.most(); most <= 0 || level <= most || !more {
		return change
	}
	m.level, m.doubted = level, change
	m.put(askMore, "")
	return nil
}

// most returns the rate above which somebody is asked first, 0 for none.
func (m *Model) most() float64 {
	if m.snapshot == nil {
		return 0
	}
	return m.snapshot.Pace.Most
}
