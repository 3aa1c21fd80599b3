package dashboard

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/floodmark/floodmark/quantity"
)

// A question is what a dashboard has asked, and waits for.
type question uint8

const (
	nothing   question = iota
	askStop            // yes or no
	askSkip            // likewise
	askMore            // likewise: a rate above the highest
	askRate            // text
	askMark            // likewise
	askFilter          // likewise
)

// put asks. Text begins with what is given.
func (m *Model) put(q question, text string) {
	m.asking = q
	m.input.SetValue(text)
	m.input.CursorEnd()
	m.input.Focus()
	m.view.notice = ""
}

// ask is the question in words, and what was typed so far.
func (m *Model) ask() (words, typed string) {
	switch m.asking {
	case askStop:
		return "stop the run? [y/N]", ""
	case askSkip:
		return "skip stage " + m.stage + "? [y/N]" + m.nextStage(), ""
	case askMore:
		return m.levelWords(m.level) + " is more than " + m.levelWords(m.most()) + ", really? [y/N]", ""
	case askRate:
		if m.snapshot != nil && !m.snapshot.Open {
			return "users, such as 50, +10%, x2 or plan:", m.input.Value()
		}
		return "rate, such as 650, 1.2k, +10%, x2 or plan:", m.input.Value()
	case askMark:
		return "marker, such as deployed v2:", m.input.Value()
	case askFilter:
		return "endpoints with:", m.input.Value()
	case nothing:
	}
	return "", ""
}

// levelWords writes a rate, or a number of users.
func (m *Model) levelWords(level float64) string {
	if m.snapshot != nil && !m.snapshot.Open {
		return quantity.Rate(level) + " users"
	}
	return quantity.Rate(level) + "/s"
}

// stageNow names the stage that goes on, "" if there is none.
func (m *Model) stageNow() string {
	if s := m.snapshot; s != nil && s.Stage >= 0 && s.Stage < len(s.Stages) {
		return s.Stages[s.Stage].Name
	}
	return ""
}

// nextStage names the stage that would begin.
func (m *Model) nextStage() string {
	s := m.snapshot
	switch {
	case s == nil || s.Stage < 0:
		return ""
	case s.Stage+1 < len(s.Stages):
		return " next is " + s.Stages[s.Stage+1].Name
	}
	return " it is the last one"
}

// answer takes a key while something is asked.
func (m *Model) answer(msg tea.KeyMsg) tea.Cmd {
	q := m.asking
	switch q {
	case askStop, askSkip, askMore:
		m.asking = nothing
		if answer := msg.String(); answer != "y" && answer != "Y" {
			m.say("nothing was changed")
			return nil
		}
		return m.confirmed(q)
	case askRate, askMark, askFilter, nothing:
	}
	switch msg.Type {
	case tea.KeyEsc:
		m.asking = nothing
		if q == askFilter {
			m.view.filter = ""
		}
		return nil
	case tea.KeyEnter:
		m.asking = nothing
		return m.typed(q, m.input.Value())
	default:
	}
	m.input, _ = m.input.Update(msg) // its only command is to read the clipboard
	if q == askFilter {
		m.view.filter = strings.TrimSpace(m.input.Value())
	}
	return nil
}

// confirmed does what was asked for.
func (m *Model) confirmed(q question) tea.Cmd {
	switch q {
	case askStop:
		return call(m.control.Stop)
	case askSkip:
		stage, do := m.stage, m.control.Skip
		return call(func() (string, error) { return do(stage) })
	case askMore:
		return m.doubted
	case askRate, askMark, askFilter, nothing:
	}
	return nil
}

// typed takes an answer in words.
func (m *Model) typed(q question, text string) tea.Cmd {
	text = strings.TrimSpace(text)
	switch q {
	case askRate:
		if text == "" {
			return nil
		}
		return m.setRate(text)
	case askMark:
		if text == "" {
			return nil
		}
		do := m.control.Mark
		return call(func() (string, error) { return do(text) })
	case askFilter:
		m.view.filter = text
	case askStop, askSkip, askMore, nothing:
	}
	return nil
}
