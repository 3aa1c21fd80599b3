package dashboard

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// A Control is what keys can do to a run. Each function returns when the run has taken
// the request, or why it has not; it is called from a goroutine of its own, and never
// two at once of the same dashboard's making wait for each other. One that is nil is
// not possible, and its key is grey: the zero value only watches.
type Control struct {
	Pause, Resume, Skip func() error
	Scale               func(factor float64) error    // of the rate that is asked for now
	Rate                func(perSecond float64) error // 0: as the plan says
	Mark                func(text string) error
	Stop                func() error // with a summary; a second call does not wait for requests under way
}

// abilities are the keys that do something.
func (c *Control) abilities() abilities {
	return abilities{
		pause: c.Pause != nil && c.Resume != nil, rate: c.Scale != nil && c.Rate != nil,
		skip: c.Skip != nil, mark: c.Mark != nil, stop: c.Stop != nil,
	}
}

// A resultMsg is what came of a call.
type resultMsg struct {
	done string // in words, if it worked
	err  error
}

// call makes a call outside of the loop.
func call(done string, do func() error) tea.Cmd {
	return func() tea.Msg { return resultMsg{done, do()} }
}

// parseRate reads a rate as people type it: 650, 650/s, 1.2k, 2M, or plan, which is 0.
func parseRate(text string) (perSecond float64, err error) {
	text = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(text), "/s"))
	if text == "plan" {
		return 0, nil
	}
	factor := 1.0
	switch {
	case strings.HasSuffix(text, "k"):
		text, factor = strings.TrimSuffix(text, "k"), 1e3
	case strings.HasSuffix(text, "m"):
		text, factor = strings.TrimSuffix(text, "m"), 1e6
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case err != nil:
		return 0, errors.New("a rate is a number such as 650 or 1.2k, or plan")
	case !(v > 0) || math.IsInf(v, 0):
		return 0, errors.New("a rate is more than 0: p pauses")
	case v*factor > 1e9:
		return 0, fmt.Errorf("%g/s is more than any machine sends", v*factor)
	}
	return v * factor, nil
}
