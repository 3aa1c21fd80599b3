package dashboard

import "strings"

// drawHelp draws every key there is. Those that can do nothing here are grey, and say so.
func (s *scene) drawHelp(a area) {
	for x := range a.w {
		a.set(x, 0, faint, '─')
	}
	x := a.put(2, 0, title, " keys ")
	if note := " grey: not possible here "; a.w-x > columns(note)+4 && s.greys() {
		a.put(a.w-columns(note)-2, 0, faint, note)
	}
	body := a.part(1, 1, a.w-2, a.h-1)
	lines := s.helpLines(true)
	wide := 0
	for _, l := range lines {
		wide = max(wide, columns(l.key))
	}
	parts := 1
	if body.w >= 140 {
		parts = 2
	} else if len(lines) > body.h {
		lines = s.helpLines(false)
	}
	per := (len(lines) + parts - 1) / parts
	first := min(s.view.scroll, max(per-body.h, 0))
	for p := range parts {
		column := body.part(p*body.w/parts, 0, body.w/parts-1, body.h)
		for y := range column.h {
			i := p*per + first + y
			if first+y >= per || i >= len(lines) {
				break
			}
			lines[i].draw(column.row(y), wide)
		}
	}
	if per > first+body.h && body.h > 0 {
		a.put(a.w-10, a.h-1, keycap, " ↓ more ")
	}
}

// A helpLine is a key and what it does, or a heading.
type helpLine struct {
	key, what string
	ink       ink
}

func (l helpLine) draw(a area, wide int) {
	if l.what == "" {
		a.put(0, 0, title, l.key)
		return
	}
	ink := keycap
	if l.ink == faint {
		ink = faint
	}
	a.put(0, 0, ink, padLeft(l.key, wide))
	a.put(wide+2, 0, l.ink, fit(l.what, a.w-wide-2))
}

// helpLines are all keys, in groups, with headings or without.
func (s *scene) helpLines(headings bool) []helpLine {
	var out []helpLine
	for _, group := range newKeys(s.view.able).groups() {
		if headings {
			out = append(out, helpLine{key: strings.ToUpper(group.name)})
		}
		for _, b := range group.keys {
			if b.long == "" {
				continue
			}
			l := helpLine{key: b.Help().Key, what: b.long, ink: plain}
			if !b.Enabled() {
				l.ink = faint
			}
			out = append(out, l)
		}
	}
	return out
}

// greys reports whether a key can do nothing.
func (s *scene) greys() bool { return !s.view.able.all() }
