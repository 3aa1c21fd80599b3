package dashboard

import (
	"slices"

	"github.com/floodmark/floodmark/report"
)

// drawZoomed draws the chosen panel alone, or all there is about the chosen endpoint.
func (s *scene) drawZoomed(a area, kept *plates) {
	p := s.view.focus
	if e := s.chosen(); e != nil && (p == endpointPanel || p == noPanel) {
		s.drawEndpoint(a, e)
		return
	}
	if p == noPanel {
		p = endpointPanel
	}
	inside := s.box(a, p)
	if p == alertPanel { // it moves, and is not kept
		p.draw(s, inside)
		return
	}
	kept.draw(p, s, inside)
}

// chosen returns the endpoint that is chosen, nil for none.
func (s *scene) chosen() *report.EndpointView {
	if s.view.row == "" {
		return nil
	}
	i := slices.IndexFunc(s.Endpoints, func(e report.EndpointView) bool { return e.Name == s.view.row })
	if i < 0 {
		return nil
	}
	return &s.Endpoints[i]
}

// drawEndpoint draws one endpoint: its numbers in each window, its own heat strip, p99 of
// each second, and how it fails.
func (s *scene) drawEndpoint(a area, e *report.EndpointView) {
	rule := a.row(0)
	for x := range rule.w {
		rule.set(x, 0, faint, '─')
	}
	x := rule.put(2, 0, title, " endpoint ")
	rule.put(x, 0, strong, fit(e.Name, rule.w-x-2)+" ")
	y := s.drawWindows(a.part(1, 1, a.w-2, 4), e)
	y++
	if y < a.h && e.Failure != "" {
		text := e.Failure
		if e.Sample != "" {
			text += ` "` + s.said(e.Sample) + `"`
		}
		a.put(1, y, bad, fit("fails with "+text, a.w-2))
		y++
	}
	rest := a.part(1, y, a.w-2, a.h-y)
	if rest.h < 2 {
		return
	}
	rest.put(0, 0, faint, fit("response times, last 40 s; a glyph is the share of that second's requests", rest.w))
	rest = rest.part(0, 1, rest.w, rest.h-1)
	strip := rest
	if wide := heatLabel + len(e.Heat) + 2; rest.w-wide >= scaleWidth+12 {
		strip = rest.part(0, 0, wide, rest.h)
	} else if rest.h >= 18 {
		strip = rest.part(0, 0, rest.w, rest.h*6/10)
	}
	s.drawEndpointHeat(strip, e)
	switch {
	case strip.h < rest.h:
		s.drawEndpointLine(rest.part(0, strip.h, rest.w, rest.h-strip.h), e)
	case strip.w < rest.w:
		s.drawEndpointLine(rest.part(strip.w, 0, rest.w-strip.w, min(rest.h, len(s.History.Bounds)+2)), e)
	}
}

// drawWindows draws the endpoint's numbers, a line for each window, and returns how many.
func (s *scene) drawWindows(a area, e *report.EndpointView) int {
	all := tableColumns(max(a.w, 56))
	const first = 12
	x := first
	for _, c := range all {
		a.put(x+c.width-columns(c.head), 0, faint, c.head)
		x += c.width
	}
	for w := range windows {
		n := of(w, &e.Numbers)
		y := int(w) + 1
		at := *s
		at.numbers = of(w, &s.Numbers)
		a.put(0, y, faint, w.String())
		x := first
		for _, c := range all {
			value := c.cell(n, &at)
			a.put(x+c.width-columns(value), y, strong, value)
			x += c.width
		}
	}
	return 1 + int(windows)
}

// drawEndpointLine draws p99 of each second.
func (s *scene) drawEndpointLine(a area, e *report.EndpointView) {
	low, high := 0.0, 0.0
	for _, v := range e.P99 {
		if v > 0 && (low == 0 || v < low) {
			low = v
		}
		high = max(high, v)
	}
	if low == 0 {
		return
	}
	a.put(scaleWidth, 0, top, "p99")
	c := chart{
		symbols: s.theme.Symbols, end: tail(s.History.End, len(e.P99)), log: true, low: low * 0.8, high: high * 1.25,
		lines: []line{{top, '#', e.P99}}, label: bound,
	}
	c.draw(a.part(0, 1, a.w, a.h-1))
}
