package main

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// The size of a character, and what is around the screen.
const (
	cellWidth, cellHeight = 8.0, 18.0
	baseline              = 13.5
	margin                = 14.0
)

// picture draws a screen.
func picture(s screen) string {
	var b strings.Builder
	w, h := float64(s.width)*cellWidth+2*margin, float64(s.height)*cellHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" width="%.0f" height="%.0f">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", paper)
	fmt.Fprintf(&b, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="13.3" xml:space="preserve">`+"\n")
	for i := 0; i < len(s.glyphs); {
		i += run(&b, s.glyphs[i:])
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// colours returns what a look is drawn with; ground is "" for the paper.
func (l look) colours() (colour, ground string) {
	colour, ground = l.colour, l.ground
	if colour == "" {
		colour = pen
	}
	if l.reverse {
		if ground == "" {
			ground = paper
		}
		return ground, colour
	}
	return colour, ground
}

// run draws the glyphs that look alike and follow each other, and returns how many. One of
// two columns stands alone: its font need not be twice as wide as the others'.
func run(b *strings.Builder, all []glyph) int {
	first := all[0]
	n, text, end := 0, "", first.x
	drawn := shapes(first, 1) != ""
	for _, g := range all {
		if g.look != first.look || g.y != first.y || g.x != end || (shapes(g, 1) != "") != drawn || n > 0 && g.column+first.column > 2 {
			break
		}
		text += g.text
		end += g.column
		n++
	}
	x, y := margin+float64(first.x)*cellWidth, margin+float64(first.y)*cellHeight
	wide := float64(end-first.x) * cellWidth
	colour, ground := first.look.colours()
	if ground != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, wide, cellHeight, ground)
	}
	opacity := ""
	if first.look.faint {
		opacity = ` opacity="0.6"`
	}
	switch {
	case drawn:
		fmt.Fprintf(b, `<g fill="%s" shape-rendering="crispEdges"%s>`, colour, opacity)
		for i := 0; i < n; {
			same := 1
			for i+same < n && all[i+same].text == all[i].text {
				same++
			}
			b.WriteString(shapes(all[i], same))
			i += same
		}
		b.WriteString("</g>\n")
	case strings.TrimSpace(text) != "":
		weight := ""
		if first.look.bold {
			weight = ` font-weight="bold"`
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" fill="%s"%s%s>%s</text>`+"\n",
			x, y+baseline, wide, colour, weight, opacity, html.EscapeString(strings.ReplaceAll(text, " ", "\u00a0")))
	}
	return n
}

// shapes draws blocks, lines and braille, which fonts draw with gaps or not at all: so
// many of the same beside each other. It is "" for other characters.
func shapes(g glyph, n int) string {
	r, size := utf8.DecodeRuneInString(g.text)
	if size != len(g.text) {
		return ""
	}
	x, y, wide := margin+float64(g.x)*cellWidth, margin+float64(g.y)*cellHeight, float64(n)*cellWidth
	switch {
	case r >= '▁' && r <= '█':
		high := cellHeight * float64(r-'▁'+1) / 8
		return rect(x, y+cellHeight-high, wide, high, 1)
	case r == '░' || r == '▒' || r == '▓':
		return rect(x, y, wide, cellHeight, 0.25+0.25*float64(r-'░'))
	case r == '─':
		return rect(x, y+cellHeight/2-0.5, wide, 1, 1)
	case r == '━':
		return rect(x, y+cellHeight/2-1.5, wide, 3, 1)
	}
	var b strings.Builder
	for i := range n {
		if r >= 0x2800 && r < 0x2900 {
			b.WriteString(braille(x+float64(i)*cellWidth, y, r-0x2800))
		} else {
			b.WriteString(lines(x+float64(i)*cellWidth, y, r))
		}
	}
	return b.String()
}

func rect(x, y, w, h, opacity float64) string {
	if opacity >= 1 {
		return fmt.Sprintf(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, x, y, w, h)
	}
	return fmt.Sprintf(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" opacity="%.2f"/>`, x, y, w, h, opacity)
}

// braille draws the dots of a pattern.
func braille(x, y float64, bits rune) string {
	var b strings.Builder
	for dot, at := range [8][2]float64{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}} {
		if bits&(1<<dot) != 0 {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.2f" r="1.3" shape-rendering="auto"/>`, x+cellWidth*(0.25+at[0]/2), y+cellHeight*(0.125+at[1]/4))
		}
	}
	if b.Len() == 0 {
		return " "
	}
	return b.String()
}

// lines draws what boxes and rules are made of: arms from the middle to the left, right,
// top and bottom.
func lines(x, y float64, r rune) string {
	arms, known := map[rune]string{
		'│': "tb", '┌': "rb", '┐': "lb", '└': "rt", '┘': "lt", '┼': "lrtb", '┿': "LRtb", '┄': "d",
	}[r]
	if !known {
		return ""
	}
	middleX, middleY := x+cellWidth/2, y+cellHeight/2
	var b strings.Builder
	for _, arm := range arms {
		switch arm {
		case 'l':
			b.WriteString(rect(x, middleY-0.6, cellWidth/2+0.6, 1.2, 1))
		case 'r':
			b.WriteString(rect(middleX-0.6, middleY-0.6, cellWidth/2+0.6, 1.2, 1))
		case 'L':
			b.WriteString(rect(x, middleY-1.5, cellWidth/2, 3, 1))
		case 'R':
			b.WriteString(rect(middleX, middleY-1.5, cellWidth/2, 3, 1))
		case 't':
			b.WriteString(rect(middleX-0.6, y, 1.2, cellHeight/2, 1))
		case 'b':
			b.WriteString(rect(middleX-0.6, middleY, 1.2, cellHeight/2, 1))
		case 'd':
			for third := range 3 {
				b.WriteString(rect(x+float64(third)*cellWidth/3+0.5, middleY-0.6, cellWidth/3-1, 1.2, 1))
			}
		}
	}
	return b.String()
}
