package dashboard

import (
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// A Control is what keys can do to a run. Each function returns when the run has done it,
// what it did in a few words, or why it has not; it is called from a goroutine of its own, and never
// two at once of the same dashboard's making wait for each other. One that is nil is
// not possible, and its key is grey: the zero value only watches.
type Control struct {
	Pause, Resume Act
	Skip          func(stage string) (did string, err error)   // which must be the one that goes on
	Scale         func(factor float64) (did string, err error) // of the rate, or the number of users, that is asked for now
	Rate          func(text string) (did string, err error)    // as it was typed: 650, 1.2k/s, +10%, plan
	Mark          func(text string) (did string, err error)
	Mute          Act  // nobody is told of alerts for a while; again, and they are
	Stop          Act  // with a summary; a second call does not wait for requests under way
	Apart         bool // the run goes on when the dashboard is left
}

// An Act does something to a run.
type Act = func() (did string, err error)

// abilities are the keys that do something.
func (c *Control) abilities() abilities {
	return abilities{
		pause: c.Pause != nil && c.Resume != nil, rate: c.Scale != nil && c.Rate != nil,
		skip: c.Skip != nil, mark: c.Mark != nil, mute: c.Mute != nil, stop: c.Stop != nil, apart: c.Apart,
	}
}

// A resultMsg is what came of a call.
type resultMsg struct {
	did string
	err error
}

// call makes a call outside of the loop.
func call(do Act) tea.Cmd {
	return func() tea.Msg {
		did, err := do()
		return resultMsg{did, err}
	}
}

// levelOf returns the rate, or the number of users, that somebody has typed, to ask back
// if it is large. What is written otherwise is for the run to understand.
func levelOf(text string) (level float64, ok bool) {
	text, factor := strings.TrimSuffix(strings.TrimSpace(text), "/s"), 1.0
	switch {
	case strings.HasSuffix(text, "k"):
		text, factor = strings.TrimSuffix(text, "k"), 1e3
	case strings.HasSuffix(text, "M"):
		text, factor = strings.TrimSuffix(text, "M"), 1e6
	}
	v, err := strconv.ParseFloat(text, 64)
	return v * factor, err == nil && v >= 0
}
