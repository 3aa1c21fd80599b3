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
	var texts []string
	for shown := len(tokens); shown > 0; shown-- {
		text := strings.Join(tokens[:shown], "   ")
		if shown < len(tokens) {
			text += "   …"
		}
		texts = append(texts, text+"   "+whole)
		if shown == 1 {
			texts = append(texts, text+"   of "+quantity.Count(n.Finished()), text)
		}
	}
	return longest(width, texts...), bad
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
	return s.sampleOf(best)
}

// sampleOf is one failure in words.
func (s *scene) sampleOf(f *report.FailureView) string {
	text := "sample " + instant(f.At) + " " + f.Endpoint + ": " + f.Label
	if f.Sample != "" {
		text += ` "` + s.said(f.Sample) + `"`
	}
	return text
}

// drawFailures draws errors by class, one in words, and how many there were each second.
func (s *scene) drawFailures(a area) {
	n := s.numbers
	x := a.put(0, 0, strong, errorShare(n))
	a.put(x+1, 0, faint, fit("of "+quantity.Plural(n.Finished(), "request", "requests"), a.w-x-1))
	y := 1
	if a.h >= roomy && len(s.Failures) > 0 {
		y = s.drawKinds(a.part(0, 2, a.w, a.h-6)) + 3
	} else {
		y = a.wrap(y, bad, strings.Join(s.failureTokens(), ", "))
		if sample := s.sampleLine(); sample != "" && y < a.h {
			y = a.wrap(y, faint, sample)
		}
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

// drawKinds draws a table of the ways in which requests fail, each with a sample, and
// returns how many lines that took.
func (s *scene) drawKinds(a area) int {
	const label, number = 30, 13
	for w := range windows {
		a.put(label+number*(int(w)+1)-columns(w.String()), 0, faint, w.String())
	}
	y := 1
	for i := range s.Failures {
		if y >= a.h {
			return a.h
		}
		f := &s.Failures[i]
		a.put(0, y, bad, fit(f.Label, label-1))
		for w := range windows {
			count := quantity.Count(*of(w, &f.Count))
			a.put(label+number*(int(w)+1)-columns(count), y, plain, count)
		}
		y++
		if f.Endpoint != "" && y < a.h {
			y = a.wrap(y, faint, "  "+s.sampleOf(f))
		}
	}
	return y
}
