package dashboard

import (
	"strings"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// failureTokens are the ways in which requests failed in the window, with their counts.
func (s *scene) failureTokens() []string {
	var out []string
	for i := range s.Failures {
		f := &s.Failures[i]
		if n := *of(s.view.window, &f.Count); n > 0 {
			out = append(out, f.Label+" ×"+quantity.Count(n))
		}
	}
	return out
}

// failureLine is the errors in one line, and its ink.
func (s *scene) failureLine(width int) (string, ink) {
	n := s.numbers
	tokens := s.failureTokens()
	whole := "of " + quantity.Plural(n.Finished(), "request", "requests")
	if len(tokens) == 0 {
		return fit("none "+whole, width), faint
	}
	for len(tokens) > 1 && columns(strings.Join(tokens, "   ")+"   "+whole) > width {
		tokens = append(tokens[:len(tokens)-2], "…")
	}
	return fit(strings.Join(tokens, "   ")+"   "+whole, width), bad
}

// sampleLine is one failure in words: the most frequent of the window, or of the run.
func (s *scene) sampleLine() string {
	var best *report.FailureView
	for i := range s.Failures {
		f := &s.Failures[i]
		if f.Endpoint != "" && (best == nil || *of(s.view.window, &f.Count) > *of(s.view.window, &best.Count)) {
			best = f
		}
	}
	if best == nil {
		return ""
	}
	text := "sample " + instant(best.At) + " " + best.Endpoint + ": " + best.Label
	if best.Sample != "" {
		text += ` "` + s.said(best.Sample) + `"`
	}
	return text
}

// drawFailures draws errors by class, one in words, and how many there were each second.
func (s *scene) drawFailures(a area) {
	n := s.numbers
	x := a.put(0, 0, strong, errorShare(n))
	a.put(x+1, 0, faint, fit("of "+quantity.Plural(n.Finished(), "request", "requests"), a.w-x-1))
	y := a.wrap(1, bad, strings.Join(s.failureTokens(), ", "))
	if sample := s.sampleLine(); sample != "" && y < a.h {
		y = a.wrap(y, faint, sample)
	}
	rest := a.part(0, y, a.w, a.h-y)
	h := &s.History
	if rest.h < 3 || largest(h.Failed) == 0 {
		return
	}
	c := chart{
		symbols: s.theme.Symbols, end: h.End, planned: s.Planned, high: nice(largest(h.Failed)), lines: []line{{bad, '*', h.Failed}},
		label: wholeRate, events: s.marks(),
	}
	c.draw(rest)
}
