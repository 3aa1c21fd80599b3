package topology

import (
	"strings"
	"unicode"
)

// block is a rectangle of text: all its lines are equally wide.
type block []string

func (b block) width() int {
	if len(b) == 0 {
		return 0
	}
	return columns(b[0])
}

// columns returns how many columns of a terminal a text takes.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana), r >= 0x3000 && r <= 0x303f,
		r >= 0xff00 && r <= 0xff60, r >= 0x1f000:
		return 2
	}
	return 1
}

// clip cuts a text to so many columns.
func clip(text string, width int) string {
	if columns(text) <= width {
		return text
	}
	n := 0
	for i, r := range text {
		if n += columnsOf(r); n > width-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// pad fills a text up to so many columns, and cuts one that is longer.
func pad(text string, width int) string {
	text = clip(text, width)
	return text + strings.Repeat(" ", width-columns(text))
}

// center puts a block in the middle of so many columns.
func center(b block, width int) block { return shift(b, (width-b.width())/2, width) }

// shift puts a block some columns to the right, within so many columns.
func shift(b block, by, width int) block {
	out := make(block, len(b))
	for i, line := range b {
		out[i] = pad(strings.Repeat(" ", max(by, 0))+line, width)
	}
	return out
}

// wrap breaks a text into lines of so many columns, at spaces where there are any; what
// goes on is indented by two.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= width:
			line += " " + word
		default:
			lines = append(lines, clip(line, width))
			line = "  " + word
		}
	}
	return append(lines, clip(line, width))
}

// frame is what a box is drawn with.
type frame struct{ topLeft, topRight, bottomLeft, bottomRight, across, down string }

// Parts stand in light boxes, machines around them in double ones.
func light() frame  { return frame{"┌", "┐", "└", "┘", "─", "│"} }
func double() frame { return frame{"╔", "╗", "╚", "╝", "═", "║"} }

// around draws a frame with a title around lines, so many columns wide in all.
func (f frame) around(title string, lines []string, width int) block {
	head := f.topLeft + f.across + " " + clip(title, width-6) + " "
	out := block{head + strings.Repeat(f.across, width-columns(head)-1) + f.topRight}
	for _, line := range lines {
		out = append(out, f.down+" "+pad(line, width-4)+" "+f.down)
	}
	return append(out, f.bottomLeft+strings.Repeat(f.across, width-2)+f.bottomRight)
}

// beside puts blocks next to each other.
func beside(blocks []block, gap int) block {
	height := 0
	for _, b := range blocks {
		height = max(height, len(b))
	}
	out := make(block, height)
	for i, b := range blocks {
		for row := range out {
			line := strings.Repeat(" ", b.width())
			if row < len(b) {
				line = b[row]
			}
			if i > 0 {
				line = strings.Repeat(" ", gap) + line
			}
			out[row] += line
		}
	}
	return out
}

// arrow leads down to what comes next.
func arrow(width int) block { return center(block{"│", "▼"}, width) }

// fan leads from the middle down to several places.
func fan(to []int, width int) block {
	rail := []rune(strings.Repeat(" ", width))
	heads := []rune(strings.Repeat(" ", width))
	from := (width - 1) / 2
	first, last := min(from, to[0]), max(from, to[len(to)-1])
	for x := first; x <= last; x++ {
		rail[x] = '─'
	}
	for _, x := range to {
		rail[x], heads[x] = '┬', '▼'
	}
	ends := map[int][2]rune{first: {'┌', '└'}, last: {'┐', '┘'}} // without and with what comes from above
	for x, end := range ends {
		if rail[x] = end[0]; x == from {
			rail[x] = end[1]
		}
	}
	switch {
	case heads[from] != '▼':
		if from != first && from != last {
			rail[from] = '┴'
		}
	case from == first:
		rail[from] = '├'
	case from == last:
		rail[from] = '┤'
	default:
		rail[from] = '┼'
	}
	return block{string(center(block{"│"}, width)[0]), string(rail), string(heads)}
}

// ascii draws with what every terminal has, column for column.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '│', '║':
			return '|'
		case '─':
			return '-'
		case '═':
			return '='
		case '▼':
			return 'v'
		case '▶':
			return '>'
		case '×':
			return 'x'
		case '…':
			return '~'
		case 'µ':
			return 'u'
		case '┌', '┐', '└', '┘', '├', '┤', '┬', '┴', '┼', '╔', '╗', '╚', '╝':
			return '+'
		}
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, text)
}
