package slo

import (
	"strings"
	"time"
	"unicode"
)

// Limits of a window: the beat, and what may be kept of a run in memory.
const (
	minWindow = time.Second
	maxWindow = 24 * time.Hour
)

// windowsFollow reads the word "over", if it comes next.
func (p *parser) windowsFollow() bool {
	p.space()
	if p.fault != nil || firstWord(p.rest()) != "over" {
		return false
	}
	p.at += len("over")
	return true
}

// windows reads one window, or several between which "and" or a comma stands.
func (p *parser) windows() []Window {
	var all []Window
	for p.fault == nil {
		all = append(all, p.window())
		p.space()
		if p.take(",") {
			continue
		}
		if firstWord(p.rest()) != "and" {
			break
		}
		p.at += len("and")
	}
	return all
}

// window reads a length of time, "run", or a stage.
func (p *parser) window() Window {
	p.space()
	at := p.at
	if p.take("stage(") {
		return Window{Stage: p.stage(at)}
	}
	word := p.while(func(r rune) bool { return !unicode.IsSpace(r) && r != ',' })
	switch {
	case p.fault != nil || word == "run":
		return Window{}
	case word == "":
		p.fail(at, "write for example over 30s", "a window is missing after over")
	case strings.Trim(word[:1], "0123456789.") != "":
		p.fail(at, "write for example over 30s, over run or over stage(steady)", "expected a window, got %q", shorten(word))
	}
	return Window{Length: p.windowLength(at, word)}
}

// windowLength reads a length of time.
func (p *parser) windowLength(at int, word string) time.Duration {
	if p.fault != nil {
		return 0
	}
	if _, ok := number(word, ""); ok {
		p.fail(at, "did you mean "+word+"s?", "a window needs a unit, got %s", shorten(word))
		return 0
	}
	d, err := time.ParseDuration(word)
	switch {
	case err != nil:
		p.fail(at, "write for example over 30s", "expected a window, got %q", shorten(word))
	case d < minWindow:
		p.fail(at, "use at least "+durationText(minWindow), "a window is as long as a beat at least")
	case d > maxWindow:
		p.fail(at, "use over run", "a window of %s is longer than can be kept", shorten(word))
	}
	return d
}

// stage reads a stage's name and the closing parenthesis; open is where the window
// begins.
func (p *parser) stage(open int) string {
	p.space()
	var name string
	if p.take(`"`) {
		name = p.quoted()
	} else {
		name = strings.TrimSpace(p.while(func(r rune) bool { return !strings.ContainsRune(`()"\`, r) }))
	}
	p.space()
	if !p.take(")") {
		p.fail(open, "write for example over stage(steady)", "the parenthesis is not closed")
	}
	if name == "" {
		p.fail(open, "write for example over stage(steady)", "which stage?")
	}
	return name
}

// endCondition makes sure that nothing follows.
func (p *parser) endCondition(c Condition) {
	p.space()
	if p.fault != nil || p.rest() == "" {
		return
	}
	if len(c.Over) == 0 {
		p.end(c.Expression)
		return
	}
	p.fail(p.at, "write only "+c.String(), "nothing may follow the window, got %q", shorten(p.rest()))
}
