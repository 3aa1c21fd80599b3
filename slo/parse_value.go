package slo

import (
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/floodmark/floodmark/measure"
)

// value reads the limit in the unit that the metric has.
func (p *parser) value(e *Expression) {
	p.space()
	at := p.at
	word := p.while(func(r rune) bool { return !unicode.IsSpace(r) })
	switch {
	case p.fault != nil:
	case word == "":
		p.fail(at, "write for example "+e.example(), "a value is missing after %s", e.Compare)
	case word[0] == '-':
		p.fail(at, "write for example "+e.example(), "a limit cannot be negative")
	case strings.Trim(word[:1], "0123456789.") != "":
		p.fail(at, "write for example "+e.example(), "expected a value, got %q", shorten(word))
	case e.Metric == metricBurn:
		e.Limit = p.plain(at, word, "burn is a factor", "write for example burn <= 2")
	case e.unit() == unitRatio:
		e.Limit = p.ratio(at, word, *e)
	case e.unit() == unitSeconds:
		e.Limit = p.duration(at, word).Seconds()
	case e.unit() == unitRate:
		e.Limit = p.plain(at, strings.TrimSuffix(word, "/s"), "rps is requests per second", "write for example 500/s")
	default:
		e.Limit = p.plain(at, word, "count is a number of requests", "write for example 1000")
		if e.Limit != math.Trunc(e.Limit) {
			p.fail(at, "write a whole number", "count is a number of requests, got %s", word)
		}
	}
}

// plain reads a number without a unit.
func (p *parser) plain(at int, word, is, advice string) float64 {
	value, ok := number(word, "")
	if !ok {
		p.fail(at, advice, "%s, got %q", is, shorten(word))
	}
	return value
}

// ratio reads a percentage, or a fraction of at most 1. A lone 1 is refused:
// "errors < 1" looks like one percent and would mean a hundred.
func (p *parser) ratio(at int, word string, e Expression) float64 {
	digits, percent := strings.CutSuffix(word, "%")
	exponent := ""
	if percent {
		exponent = "e-2"
	}
	value, ok := number(digits, exponent)
	switch {
	case !ok:
		p.fail(at, "write a percentage such as 95%", "%s is a ratio, got %q", e.indicator(), shorten(word))
	case percent && value > 1 && !e.OfBudget():
		p.fail(at, "write for example "+e.example(), "a percentage lies between 0 and 100, got %s", shorten(word))
	case !percent && digits == "1":
		p.fail(at, "write 1% or 100%", "1 may mean 1%% or 100%%")
	case !percent && value > 1:
		p.fail(at, "did you mean "+digits+"%?", "%s is a ratio, and %s is above 1", e.indicator(), shorten(word))
	}
	return value
}

// duration reads a length of time with a unit.
func (p *parser) duration(at int, word string) time.Duration {
	if value, ok := number(word, ""); ok {
		unit := "ms"
		if value < 1 {
			unit = "s"
		}
		p.fail(at, "did you mean "+word+unit+"?", "a duration needs a unit, got %s", shorten(word))
		return 0
	}
	d, err := time.ParseDuration(word)
	switch {
	case err != nil:
		p.fail(at, "write for example 300ms or 1.5s", "expected a duration, got %q", shorten(word))
	case d <= 0:
		p.fail(at, "write for example 300ms", "a duration must be above 0")
	case d > measure.MaxDuration:
		p.fail(at, "use at most "+durationText(measure.MaxDuration), "%s is longer than can be measured", word)
	}
	return d
}

// threshold reads the duration in parentheses after under.
func (p *parser) threshold() time.Duration {
	open := p.at
	if !p.take("(") {
		p.fail(open, "write for example under(300ms) >= 95%", "under which duration?")
		return 0
	}
	p.space()
	at := p.at
	word := p.while(func(r rune) bool { return r != ')' && !unicode.IsSpace(r) })
	p.space()
	if !p.take(")") {
		p.fail(open, "write for example under(300ms) >= 95%", "the parenthesis is not closed")
		return 0
	}
	if word == "" {
		p.fail(at, "write for example under(300ms) >= 95%", "under which duration?")
		return 0
	}
	return p.duration(at, word)
}
