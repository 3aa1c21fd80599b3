package dashboard

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// A cell is one column of a line. A character of two columns has a second cell, with
// wide 0 and no text.
type cell struct {
	char rune
	more string // what belongs to the character, such as accents; mostly empty
	ink  ink
	tail bool // the second cell of a wide character
}

// cells are a rectangle of characters. Everything is drawn into cells, so that no line
// can be too wide and no frame too high, whatever is drawn.
type cells struct {
	width, height int
	all           []cell
}

// newCells returns an empty rectangle.
func newCells(width, height int) *cells {
	c := &cells{width: max(width, 0), height: max(height, 0)}
	c.all = make([]cell, c.width*c.height)
	return c
}

// whole returns the area of all cells.
func (c *cells) whole() area { return area{c, 0, 0, c.width, c.height} }

// text returns the lines, each of them at most as wide as the rectangle.
func (c *cells) text(inks *inks, symbols Symbols) string {
	var b strings.Builder
	b.Grow(2 * len(c.all))
	for y := range c.height {
		if y > 0 {
			b.WriteByte('\n')
		}
		writeLine(&b, c.all[y*c.width:(y+1)*c.width], inks, symbols)
	}
	return b.String()
}

// writeLine writes a line with as few changes of ink as it needs, without the spaces
// at its end.
func writeLine(b *strings.Builder, line []cell, inks *inks, symbols Symbols) {
	end := len(line)
	for end > 0 && line[end-1].blank() && !inks.paints(line[end-1].ink) {
		end--
	}
	current := plain
	for _, c := range line[:end] {
		if c.tail {
			continue
		}
		shows := !c.blank() || inks.paints(c.ink) || inks.paints(current)
		if c.ink != current && shows {
			inks.change(b, current, c.ink)
			current = c.ink
		}
		switch {
		case c.char == 0:
			b.WriteByte(' ')
		case symbols == ASCII && c.char >= 0x80:
			b.WriteString(plainChar(c.char))
		default:
			b.WriteRune(c.char)
			b.WriteString(c.more)
		}
	}
	inks.change(b, current, plain)
}

func (c *cell) blank() bool { return c.char == 0 || c.char == ' ' }

// An area is a part of cells. What is drawn outside of it is not drawn at all.
type area struct {
	cells      *cells
	x, y, w, h int
}

// part returns a part of the area, cut to it.
func (a area) part(x, y, w, h int) area {
	x0, y0 := min(max(x, 0), a.w), min(max(y, 0), a.h)
	x1, y1 := min(max(x+w, x0), a.w), min(max(y+h, y0), a.h)
	return area{a.cells, a.x + x0, a.y + y0, x1 - x0, y1 - y0}
}

// row returns one line of the area.
func (a area) row(y int) area { return a.part(0, y, a.w, 1) }

// set draws one character of one column.
func (a area) set(x, y int, i ink, char rune) {
	if x >= 0 && x < a.w && y >= 0 && y < a.h {
		a.at(x, y, cell{char: char, ink: i})
	}
}

// at replaces a cell, and the other half of a wide character that it cuts.
func (a area) at(x, y int, c cell) {
	line := a.cells.all[(a.y+y)*a.cells.width : (a.y+y+1)*a.cells.width]
	at := a.x + x
	if line[at].tail && at > 0 {
		line[at-1] = cell{ink: line[at-1].ink}
	}
	if at+1 < len(line) && line[at+1].tail {
		line[at+1] = cell{ink: line[at+1].ink}
	}
	line[at] = c
}

// put draws text from x on, cut at the end of the area, and returns where it ended.
func (a area) put(x, y int, i ink, text string) int {
	if y < 0 || y >= a.h {
		return x
	}
	for text != "" {
		if text[0] >= ' ' && text[0] < 0x7f && (len(text) == 1 || text[1] < 0x80) { // nothing can join it
			a.set(x, y, i, rune(text[0]))
			text = text[1:]
			x++
			continue
		}
		cluster, wide, n, _ := ansi.DecodeSequence(text, ansi.NormalState, nil)
		if n == 0 {
			break
		}
		text = text[n:]
		first, more := splitCluster(cluster)
		if wide <= 0 || wide > 2 || !unicode.IsPrint(first) {
			continue
		}
		if x >= 0 && x+wide <= a.w {
			a.at(x, y, cell{char: first, more: more, ink: i})
			if wide == 2 {
				a.at(x+1, y, cell{ink: i, tail: true})
			}
		}
		x += wide
	}
	return x
}

// splitCluster parts a cluster into its first rune and what belongs to it.
func splitCluster(cluster string) (first rune, more string) {
	for i, r := range cluster {
		if i > 0 {
			return first, cluster[i:]
		}
		first = r
	}
	return first, ""
}

// fill draws one character everywhere in the area.
func (a area) fill(i ink, char rune) {
	for y := range a.h {
		for x := range a.w {
			a.set(x, y, i, char)
		}
	}
}

// right draws text that ends at the right edge, if it has room after the column from,
// and returns where it begins.
func (a area) right(from, y int, i ink, text string) int {
	at := a.w - columns(text)
	if at < from {
		return a.w
	}
	a.put(at, y, i, text)
	return at
}

// copy draws what another rectangle holds.
func (a area) copy(from *cells) {
	for y := range min(a.h, from.height) {
		target := a.cells.all[(a.y+y)*a.cells.width+a.x:]
		copy(target[:min(a.w, from.width)], from.all[y*from.width:])
	}
}

// columns returns how many columns a text takes.
func columns(text string) int {
	for i := range len(text) {
		if text[i] >= 0x80 || text[i] < ' ' {
			return ansi.StringWidth(text)
		}
	}
	return len(text)
}

// fit cuts a text at the end to so many columns.
func fit(text string, width int) string {
	if columns(text) <= width {
		return text
	}
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(text, width, "…")
}

// fitMiddle cuts a text in the middle, where names tell least.
func fitMiddle(text string, width int) string {
	if columns(text) <= width {
		return text
	}
	if width < 5 {
		return fit(text, width)
	}
	tail := (width - 1) / 2
	return fit(text, width-tail) + ansi.TruncateLeft(text, columns(text)-tail, "")
}
