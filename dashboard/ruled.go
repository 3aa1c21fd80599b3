package dashboard

import "strings"

// rule draws a line with a title, and what it says at its right end. It returns where
// the title ends.
func (s *scene) rule(a area, p panel, text string) int {
	for x := range a.w {
		a.set(x, 0, faint, '─')
	}
	name := p.name()
	if s.view.focus == p {
		name = "▸" + name
	}
	x := a.put(2, 0, plain, " ")
	x = a.put(x, 0, title, fit(name, a.w-4))
	x = a.put(x, 0, plain, " ")
	if text = fit(text, a.w-x-5); text != "" && a.w-x > 10 {
		a.put(a.w-columns(text)-4, 0, faint, " "+text+" ")
	}
	return x
}

// drawRuled draws the parts of a frame below each other, with rules between them. Of
// what has no room, endpoints go first and then rows of the strip; the line of the
// verdict never does.
func (s *scene) drawRuled(a area) {
	h := s.ruledHeights(a.h)
	y := 0
	next := func(height int) area {
		part := a.part(0, y, a.w, height)
		y += height
		return part
	}
	if h.top > 0 {
		s.drawTop(next(h.top))
	}
	if h.heat > 0 {
		part := next(h.heat)
		s.rule(part.row(0), heatPanel, s.latencies(part.w-17))
		s.drawHeat(part.part(1, 1, part.w-1, part.h-1))
	}
	if h.endpoints > 0 {
		part := next(h.endpoints)
		s.rule(part.row(0), endpointPanel, "")
		s.drawEndpointRule(part.row(0))
		s.drawRows(part.part(0, 1, part.w, part.h-1))
	}
	if h.failures > 0 {
		s.drawFailureRule(next(h.failures))
	}
	s.drawLast(next(h.last))
}

// heights are the lines of the ruled layout's parts, titles included.
type heights struct{ top, heat, endpoints, failures, last int }

// ruledHeights parts so many lines.
func (s *scene) ruledHeights(lines int) heights {
	var h heights
	hidden := s.view.hidden
	h.last = 1
	rest := lines - h.last
	if !hidden[failurePanel] && rest >= 9 {
		h.failures = 1
		if len(s.Failures) > 0 && rest >= 20 {
			h.failures = 2
		}
		rest -= h.failures
	}
	if !hidden[ratePanel] || !hidden[sloPanel] {
		most := 4 // lines, of which objectives get as many as they need
		switch {
		case rest > 22:
			most = 8
		case rest >= 18:
			most = 5
		}
		h.top = min(max(1+len(s.SLOs), 4), most, rest)
		rest -= h.top
	}
	if !hidden[endpointPanel] && rest >= 9 {
		h.endpoints = min(1+max(len(s.view.rows(s.Snapshot)), 1), 1+max((rest-8)/2+1, 1))
		if hidden[heatPanel] {
			h.endpoints = rest
		}
		rest -= h.endpoints
	}
	if !hidden[heatPanel] && rest >= 3 {
		h.heat = min(rest, len(s.History.Bounds)+4)
		if s.Sequence == 0 {
			h.heat = rest
		}
		rest -= h.heat
	}
	switch { // what is left goes to who can use it
	case h.endpoints > 0 && !hidden[endpointPanel]:
		h.endpoints += rest
	case h.heat > 0:
		h.heat += rest
	default:
		h.last += rest
	}
	return h
}

// drawTop draws rate and objectives side by side.
func (s *scene) drawTop(a area) {
	both := !s.view.hidden[ratePanel] && !s.view.hidden[sloPanel]
	left := a
	if both {
		left = a.part(0, 0, a.w*47/100, a.h)
	}
	if !s.view.hidden[ratePanel] {
		s.rule(left.row(0), ratePanel, ratePanel.says(s, left.w-14))
		s.drawRate(left.part(1, 1, left.w-2, left.h-1))
	}
	right := a
	if both {
		right = a.part(left.w, 0, a.w-left.w, a.h)
	}
	if !s.view.hidden[sloPanel] {
		at := s.rule(right.row(0), sloPanel, "")
		s.drawSLOHeads(right.part(1, 0, right.w-1, 1), at-1, right.w-2, right.h-1)
		s.drawSLOs(right.part(1, 1, right.w-2, right.h-1))
	}
}

// drawEndpointRule draws the heads of the table into its rule.
func (s *scene) drawEndpointRule(a area) {
	all, name, spark := tableWidths(a.w)
	text := s.view.window.String()
	if s.view.filter != "" {
		text += " /" + s.view.filter
	}
	if at := columns(endpointPanel.name()) + 6; at+columns(text)+2 < name {
		a.put(at, 0, plain, " ")
		x := a.put(at+1, 0, faint, text)
		a.put(x, 0, plain, " ")
	}
	width := spark
	for _, c := range all {
		width += c.width
	}
	if spark > 0 {
		width = a.w - 2 - name
	}
	a.part(2+name, 0, width, 1).fill(plain, ' ')
	s.drawTableHead(a, true)
}

// drawFailureRule draws errors in a line, and one of them in words in another.
func (s *scene) drawFailureRule(a area) {
	for x := range a.w {
		a.set(x, 0, faint, '─')
	}
	x := a.put(2, 0, plain, " ")
	name := failurePanel.name()
	if s.view.focus == failurePanel {
		name = "▸" + name
	}
	x = a.put(x, 0, title, name)
	x = a.put(x, 0, plain, "  ")
	text, ink := s.failureLine(a.w - x - 6 - columns(s.view.window.String()))
	x = a.put(x, 0, ink, text)
	a.put(x, 0, plain, " ")
	if label := " " + s.view.window.String() + " "; a.w-x > columns(label)+3 {
		a.put(a.w-columns(label)-2, 0, faint, label)
	}
	if a.h > 1 {
		a.put(1, 1, faint, fit(s.sampleLine(), a.w-2))
	}
}

// drawLast draws the latest news of alerts, and whether the generator can be trusted.
func (s *scene) drawLast(a area) {
	words, ink := s.generatorWords()
	if s.view.hidden[generatorPanel] && s.Generator.Valid {
		words = ""
	}
	if a.w < 72 {
		words = strings.TrimPrefix(words, "generator ")
		if words != "" {
			words = "gen " + words
		}
	}
	at := a.right(0, 0, ink, words+" ")
	if !s.view.hidden[alertPanel] {
		text, ink := s.latestLine(at - 3)
		a.put(1, 0, ink, fit(text, at-3))
	}
	lines := s.eventLines()
	for y := 1; y < a.h && y < len(lines); y++ {
		a.put(1, y, lines[y].ink, fit(lines[y].text, a.w-2))
	}
}
