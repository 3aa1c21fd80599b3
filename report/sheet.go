package report

import (
	"io"
	"strings"

	"github.com/floodmark/floodmark/quantity"
)

// A Sheet is a text of at most 80 columns in the shape of the summary, for rooms
// that write one of their own. The zero value is empty and ready. It is not safe for
// concurrent use.
type Sheet struct{ page page }

// Line adds a line, cut to the width.
func (s *Sheet) Line(text string) { s.page.line(text) }

// Blank adds an empty line.
func (s *Sheet) Blank() { s.page.blank() }

// Sides puts one text at the left and one at the right margin.
func (s *Sheet) Sides(left, right string) { s.page.sides(left, right) }

// Words adds words beside a label, on as many lines as they need. An empty label
// continues the one above.
func (s *Sheet) Words(label, words string) { s.page.sentence(label, words) }

// Verdict adds the line of the verdict, on as many as its reason needs.
func (s *Sheet) Verdict(verdict, reason, exit string) {
	label := "  " + strings.ToUpper(verdict) + "   "
	width := pageWidth - columns(label) - columns(exit) - 2
	for _, words := range wrap(strings.Fields(reason), " ", width) {
		s.Sides(label+words, exit)
		label, exit = strings.Repeat(" ", columns(label)), ""
	}
}

// Cells adds a line of text and numbers: the text from the left margin, the cells
// right-aligned after it, so that each fills the given width.
func (s *Sheet) Cells(text string, width int, cells []string) {
	var b strings.Builder
	b.WriteString(pad(text, pageWidth-width*len(cells)))
	for _, cell := range cells {
		b.WriteString(padLeft(cell, width))
	}
	s.Line(b.String())
}

// Hang adds words after a text of the given width, below which they go on.
func (s *Sheet) Hang(text string, width int, words string) {
	for _, line := range wrap(strings.Fields(words), " ", pageWidth-width) {
		s.Line(pad(text, width) + line)
		text = ""
	}
}

// Command adds a command after so many spaces. It is never cut, however long: people
// copy it.
func (s *Sheet) Command(indent int, command string) {
	s.page.text.WriteString(strings.Repeat(" ", indent) + quantity.Line(command) + "\n")
}

// WriteTo writes the sheet.
func (s *Sheet) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, s.page.text.String())
	return int64(n), err
}
