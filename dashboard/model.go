package dashboard

import (
	"time"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/floodmark/floodmark/report"
)

// The clock of a dashboard: its ticks, in terms of which everything else waits.
const (
	tickEvery   = 250 * time.Millisecond
	staleTicks  = 14 // without a snapshot, before that is said
	noticeTicks = 16 // that a notice stays
	rateTicks   = 4  // before a change of the rate is asked for: further keys join it
)

// A Model is the dashboard as bubbletea has it. Make it with [NewModel]. It does no I/O:
// snapshots come as messages, and what keys do is done by commands.
type Model struct {
	feed     *Feed
	done     <-chan struct{} // ends waiting for the feed; nil never
	stay     bool            // when the feed has ended
	tick     func() tea.Cmd  // each is of one tick only
	control  Control
	theme    Theme
	view     view
	snapshot *report.Snapshot

	width, height int
	asking        question
	input         textinput.Model
	level         float64 // that is to be confirmed
	doubted       tea.Cmd // which makes it so
	stage         string  // that is to be skipped
	factor        float64 // by which the rate is to change, 0 for none
	untilRate     int     // ticks
	untilQuiet    int     // ticks until the notice goes
	sinceNews     int     // ticks
	resized       bool    // since the last frame

	screen *screen
}

// A screen is what was drawn. Models share it as they follow each other.
type screen struct {
	frame string
	kept  plates
	theme Theme
	inks  *inks
}

// The messages besides bubbletea's own.
type (
	snapshotMsg struct{ *report.Snapshot }
	endMsg      struct{}
	tickMsg     struct{}
)

// NewModel returns a dashboard of so many columns and lines, which bubbletea corrects.
func NewModel(feed *Feed, control Control, theme Theme, width, height int) Model {
	input := textinput.New()
	input.Cursor.SetMode(cursor.CursorStatic)
	input.CharLimit = 80
	m := Model{feed: feed, control: control, theme: theme, width: width, height: height, tick: tick, input: input, screen: &screen{}}
	m.view.able = control.abilities()
	m.draw()
	return m
}

// Init begins to wait for snapshots, and to tick.
func (m Model) Init() tea.Cmd { return tea.Batch(m.next(), m.tick()) }

// next waits for a snapshot.
func (m Model) next() tea.Cmd {
	feed, done := m.feed, m.done
	return func() tea.Msg {
		select {
		case s, open := <-feed.latest:
			if !open {
				return endMsg{}
			}
			return snapshotMsg{s}
		case <-done:
			return nil
		}
	}
}

func tick() tea.Cmd { return tea.Tick(tickEvery, func(time.Time) tea.Msg { return tickMsg{} }) }

// Update takes a message. A new size waits for the next tick, however often windows
// are dragged about; all else that changes anything is drawn at once.
func (m Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		first := m.width == 0 || m.height == 0
		m.width, m.height, m.resized = msg.Width, msg.Height, true
		if !first {
			return m, nil
		}
	case snapshotMsg:
		m.show(msg.Snapshot)
		cmd = m.next()
	case endMsg:
		if m.stay {
			return m, nil
		}
		return m, tea.Quit
	case tickMsg:
		changed, apply := m.wait()
		if !changed && !m.resized {
			return m, tea.Batch(m.tick(), apply)
		}
		cmd = tea.Batch(m.tick(), apply)
	case resultMsg:
		m.tell(msg)
	case tea.KeyMsg:
		cmd = m.press(msg)
	default:
		return m, nil
	}
	m.draw()
	return m, cmd
}

// View returns what was drawn last.
func (m Model) View() string { return m.screen.frame }

// draw draws the frame anew, as far as it has changed.
func (m *Model) draw() {
	s := m.screen
	if s.inks == nil || s.theme != m.theme {
		s.theme, s.inks = m.theme, m.theme.inks()
	}
	m.view.ask, m.view.typed = m.ask()
	s.frame = draw(newScene(m.snapshot, m.view, m.theme), m.width, m.height, &s.kept).text(s.inks, m.theme.Symbols)
	m.resized = false
}

// show takes a snapshot.
func (m *Model) show(s *report.Snapshot) {
	m.snapshot = s
	m.sinceNews, m.view.stale = 0, false
}

// wait lets a tick pass, and reports whether anything shows it. When the keys have been
// quiet for a while, a change of the rate is asked for.
func (m *Model) wait() (changed bool, apply tea.Cmd) {
	if m.sinceNews++; m.sinceNews == staleTicks && m.snapshot != nil {
		m.view.stale, changed = true, true
	}
	if m.untilQuiet > 0 {
		if m.untilQuiet--; m.untilQuiet == 0 {
			m.view.notice, m.view.trouble, changed = "", false, true
		}
	}
	if m.untilRate > 0 {
		if m.untilRate--; m.untilRate == 0 {
			apply, changed = m.scale(), true
		}
	}
	return changed, apply
}

// say shows a notice for a moment.
func (m *Model) say(text string) {
	m.view.notice, m.view.trouble, m.untilQuiet = text, false, noticeTicks
}

// tell shows what came of a call.
func (m *Model) tell(r resultMsg) {
	if r.err == nil {
		m.say(r.did)
		return
	}
	m.say(r.err.Error())
	m.view.trouble = true
}
