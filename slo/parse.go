package slo

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floodmark/floodmark/measure"
)

// Parse reads an expression: an optional selector, a metric, a comparison and a
// value. Spaces between them are optional.
//
//	selector = "{" label ("=" | "!=" | "=~" | "!~") string { "," … } "}"
//	string   = "…" with \" and \\ inside, or a bare word
//	metric   = success | errors | under(DURATION) | pNN | p(NN.N) | service_pNN
//	         | lag_pNN | max | mean | rps | achieved | count | budget_used | burn
//	value    = NUMBER% | DURATION | NUMBER | NUMBER/s
//
// A ratio may be written in percent or as a fraction up to 1.0; a duration
// needs a unit and is at most [measure.MaxDuration], which is as far as can be
// measured. Every error is a *[SyntaxError].
func Parse(text string) (Expression, error) {
	p := &parser{text: text}
	e := p.expression()
	p.end(e)
	if p.fault != nil {
		return Expression{}, p.fault
	}
	return e, nil
}

// A parser walks through a text. The first fault ends it: from then on each
// step returns at once, so that only Parse needs to look.
type parser struct {
	text  string
	at    int
	fault *SyntaxError
}

// expression reads everything up to the value.
func (p *parser) expression() Expression {
	var e Expression
	p.space()
	if p.rest() == "" {
		p.fail(0, "write for example success >= 95%", "an empty expression")
		return e
	}
	if p.take("{") {
		e.Select = p.selector()
	}
	p.metric(&e)
	p.compare(&e)
	p.value(&e)
	return e
}

// compare reads the comparison.
func (p *parser) compare(e *Expression) {
	if p.fault != nil {
		return
	}
	p.space()
	start := p.at
	sign := p.while(func(r rune) bool { return strings.ContainsRune("<>=!≤≥", r) })
	switch sign {
	case "<", "<=", ">", ">=":
		e.Compare = sign
	case "":
		p.missingCompare(*e)
	case "=", "==", "===", "!=", "!==":
		p.fail(start, "use <, <=, > or >=", "%s makes no sense: a measured value is hardly ever equal", sign)
	case "=<", "≤":
		p.fail(start, "write <=", "unknown comparison %s", sign)
	case "=>", "≥":
		p.fail(start, "write >=", "unknown comparison %s", sign)
	default:
		p.fail(start, "use <, <=, > or >=", "unknown comparison %s", sign)
	}
}

// missingCompare fails where a comparison should be.
func (p *parser) missingCompare(e Expression) {
	if strings.HasPrefix(p.rest(), "{") {
		p.fail(p.at, "write {…} "+e.indicator()+", the selector first", "a selector stands before the metric")
		return
	}
	p.fail(p.at, "write for example "+e.example(), "a comparison is missing after %s", e.indicator())
}

// end makes sure that nothing follows the value of an objective.
func (p *parser) end(e Expression) {
	p.space()
	if p.fault != nil || p.rest() == "" {
		return
	}
	switch word := strings.ToLower(firstWord(p.rest())); word {
	case "over":
		p.fail(p.at, "windows are for alerts: write it as the when of one, below alerts", "an objective is about the whole run")
	case "and", "or", "&&", "||":
		p.fail(p.at, "write two objectives", "an expression has one comparison")
	case "ns", "us", "ms", "s", "m", "h", "%", "/s":
		p.fail(p.at, "write "+strings.TrimSpace(p.text[:p.at])+word, "a space between a number and its unit")
	default:
		p.fail(p.at, "write only "+e.String(), "nothing may follow the value, got %q", shorten(p.rest()))
	}
}

// fail notes the first fault.
func (p *parser) fail(at int, advice, format string, args ...any) {
	if p.fault == nil {
		p.fault = &SyntaxError{Text: p.text, At: at, Message: fmt.Sprintf(format, args...), Advice: advice}
	}
}

// rest returns what has not been read.
func (p *parser) rest() string { return p.text[p.at:] }

// space skips white space.
func (p *parser) space() { p.while(unicode.IsSpace) }

// take skips a mark if it comes next, and reports whether it did.
func (p *parser) take(mark string) bool {
	if p.fault != nil || !strings.HasPrefix(p.rest(), mark) {
		return false
	}
	p.at += len(mark)
	return true
}

// while reads as long as the characters satisfy ok.
func (p *parser) while(ok func(rune) bool) string {
	if p.fault != nil {
		return ""
	}
	start := p.at
	for p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.rest())
		if !ok(r) {
			break
		}
		p.at += size
	}
	return p.text[start:p.at]
}

// firstWord returns the text up to the first space.
func firstWord(s string) string {
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return s[:i]
	}
	return s
}

// shorten cuts a text that is quoted in a message.
func shorten(s string) string {
	const most = 24
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// example returns a whole expression for the metric, to show in advice.
func (e Expression) example() string {
	switch {
	case e.wantsMore():
		return e.indicator() + " >= 95%"
	case e.Metric == metricErrors:
		return e.indicator() + " < 1%"
	case e.Metric == metricBudget:
		return e.indicator() + " <= 100%"
	case e.Metric == metricBurn:
		return e.indicator() + " <= 2"
	case e.Metric == metricRate:
		return e.indicator() + " >= 500/s"
	case e.Metric == metricCount:
		return e.indicator() + " >= 1000"
	case e.Clock == measure.Lag:
		return e.indicator() + " < 10ms"
	}
	return e.indicator() + " < 300ms"
}
