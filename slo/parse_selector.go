package slo

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// selector reads the matchers up to the closing brace; the opening one has been
// read.
func (p *parser) selector() []Matcher {
	open := p.at - 1
	var all []Matcher
	p.space()
	for p.fault == nil && !p.take("}") {
		all = append(all, p.matcher())
		p.space()
		switch {
		case p.fault != nil || p.take(","):
			p.space()
		case p.rest() == "":
			p.fail(open, "end the selector with }", "the selector is not closed")
		case !strings.HasPrefix(p.rest(), "}"):
			p.fail(p.at, "separate matchers with commas and put values with spaces in quotes",
				"expected , or } in the selector, got %q", shorten(p.rest()))
		}
	}
	return all
}

// matcher reads a label, an operator and a value.
func (p *parser) matcher() Matcher {
	var m Matcher
	start := p.at
	m.Label = p.while(isWord)
	if m.Label == "" {
		p.fail(start, "write for example {scenario=checkout}", "expected a label in the selector, got %q", shorten(p.rest()))
	}
	p.refuse(start, m.labelFault())
	p.space()
	start = p.at
	m.Op = p.while(func(r rune) bool { return strings.ContainsRune("=!~:<>", r) })
	p.refuse(start, m.opFault())
	p.space()
	start = p.at
	m.Value = p.matcherValue()
	p.refuse(start, m.valueFault())
	return m
}

// refuse turns a matcher's fault into one of the text.
func (p *parser) refuse(at int, fault *objectiveError) {
	if fault != nil {
		p.fail(at, fault.advice, "%s", fault.message)
	}
}

// matcherValue reads a quoted string or a bare word.
func (p *parser) matcherValue() string {
	if p.take(`"`) {
		return p.quoted()
	}
	start := p.at
	word := p.while(func(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune(`,{}"`, r) })
	if word == "" {
		p.fail(start, `write for example {scenario=checkout} or {endpoint="show product"}`, "expected a value in the selector")
	}
	return word
}

// quoted reads up to the closing quote. Before anything but a quote and another
// backslash a backslash stands for itself, as regular expressions want.
func (p *parser) quoted() string {
	open := p.at - 1
	var out strings.Builder
	for p.rest() != "" {
		if p.take(`"`) {
			return out.String()
		}
		if rest := p.rest(); strings.HasPrefix(rest, `\\`) || strings.HasPrefix(rest, `\"`) {
			p.at++
		}
		out.WriteByte(p.text[p.at])
		p.at++
	}
	p.fail(open, "end the value with a quote", "the quote is not closed")
	return ""
}

// isWord reports whether a character may stand in a label or a metric's name.
func isWord(r rune) bool {
	return r == '_' || r == '-' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
