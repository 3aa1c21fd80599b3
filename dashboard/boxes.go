package dashboard

import "fmt"

// box draws a frame with the panel's number, name and what it says, and returns what is
// inside of it.
func (s *scene) box(a area, p panel) area {
	if a.w < 4 || a.h < 2 {
		return area{a.cells, a.x, a.y, 0, 0}
	}
	ink := faint
	if s.view.focus == p {
		ink = keycap
	}
	for x := 1; x < a.w-1; x++ {
		a.set(x, 0, ink, '─')
		a.set(x, a.h-1, ink, '─')
	}
	for y := 1; y < a.h-1; y++ {
		a.set(0, y, ink, '│')
		a.set(a.w-1, y, ink, '│')
	}
	a.set(0, 0, ink, '┌')
	a.set(a.w-1, 0, ink, '┐')
	a.set(0, a.h-1, ink, '└')
	a.set(a.w-1, a.h-1, ink, '┘')
	head := a.part(2, 0, a.w-4, 1)
	x := head.put(0, 0, plain, " ")
	x = head.put(x, 0, keycap, fmt.Sprint(p))
	x = head.put(x, 0, title, " "+p.name()+" ")
	if s.view.focus == p && !s.view.zoomed {
		x = head.put(x, 0, keycap, "▸enter ")
	}
	if p == sloPanel {
		s.drawSLOHeads(a.part(2, 0, a.w-3, 1), x, head.w, a.h-2)
	}
	text := p.says(s, head.w-x-4)
	if p == endpointPanel && s.view.filter != "" {
		text = "/" + s.view.filter + "  " + text
	}
	if text = fit(text, head.w-x-4); text != "" && head.w-x > 10 {
		head.put(head.w-columns(text)-2, 0, plain, " ")
		at := head.put(head.w-columns(text)-1, 0, faint, text)
		head.put(at, 0, plain, " ")
	}
	return a.part(2, 1, a.w-4, a.h-2)
}

// boxRows are the rows of the boxed layout, and how they are parted, in percent.
func boxRows() [][]struct {
	panel panel
	share int
} {
	return [][]struct {
		panel panel
		share int
	}{
		{{ratePanel, 32}, {sloPanel, 38}, {generatorPanel, 30}},
		{{heatPanel, 56}, {percentilePanel, 44}},
		{{failurePanel, 38}, {alertPanel, 62}},
		{{endpointPanel, 100}},
	}
}

// drawBoxes draws the parts in boxes, in rows. Panels that are hidden leave their room to
// the others.
func (s *scene) drawBoxes(a area, kept *plates) {
	heights := s.boxHeights(a.h)
	y := 0
	for i, row := range boxRows() {
		x, left := 0, 0
		for _, b := range row {
			if !s.view.hidden[b.panel] {
				left += b.share
			}
		}
		for _, b := range row {
			if s.view.hidden[b.panel] || heights[i] == 0 {
				continue
			}
			w := (a.w - x) * b.share / left
			left -= b.share
			kept.draw(b.panel, s, s.box(a.part(x, y, w, heights[i]), b.panel))
			x += w
		}
		y += heights[i]
	}
}

// boxHeights parts so many lines among the rows.
func (s *scene) boxHeights(lines int) [4]int {
	var shown [4]bool
	for i, row := range boxRows() {
		for _, b := range row {
			shown[i] = shown[i] || !s.view.hidden[b.panel]
		}
	}
	var out [4]int
	rest := lines
	take := func(i, wanted int) {
		if shown[i] {
			out[i] = min(wanted, rest)
			rest -= out[i]
		}
	}
	take(0, max(lines/6, 7))
	take(2, max(lines/7, 7))
	rows := 3 + max(len(s.view.rows(s.Snapshot)), 1) // with head and frame
	if s.Others > 0 {
		rows++
	}
	take(3, min(rows, max(lines/4, 6)))
	low, high := classRange(s.History.Classes)
	take(1, min(max(high-low+7, 12), rest))
	others := shown[0] || shown[1] || shown[2]
	for i := 0; rest > 0 && (others || shown[3]); i++ { // by turns
		turn := []int{1, 3, 0, 2}[i%4]
		if shown[turn] && (turn != 3 || !others || out[3] < rows) {
			out[turn]++
			rest--
		}
	}
	return out
}
