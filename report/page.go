package report

import (
	"strings"
	"unicode/utf8"
)

const (
	pageWidth   = 80 // columns, one for each rune
	labelColumn = 12 // where the text beside a label begins
)

// A page collects lines of at most pageWidth columns.
type page struct {
	text strings.Builder
}

// line adds a line, cut to the width.
func (p *page) line(s string) {
	p.text.WriteString(strings.TrimRight(fit(s, pageWidth), " "))
	p.text.WriteByte('\n')
}

// blank adds an empty line.
func (p *page) blank() { p.line("") }

// field adds tokens beside a label, on as many lines as they need. No line
// breaks within a token.
func (p *page) field(label string, tokens []string, gap string) {
	indent := strings.Repeat(" ", labelColumn)
	for i, s := range wrap(tokens, gap, pageWidth-labelColumn) {
		if i == 0 && label != "" {
			p.line(pad("  "+label, labelColumn) + s)
			continue
		}
		p.line(indent + s)
	}
}

// sentence adds words beside a label.
func (p *page) sentence(label, words string) {
	p.field(label, strings.Fields(words), " ")
}

// wrap joins tokens into lines of at most width columns. A longer token is cut.
func wrap(tokens []string, gap string, width int) []string {
	var lines []string
	var line string
	for _, token := range tokens {
		token = fit(token, width)
		switch {
		case line == "":
			line = token
		case columns(line)+columns(gap)+columns(token) > width:
			lines = append(lines, strings.TrimRight(line, " "))
			line = token
		default:
			line += gap + token
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// columns returns the width of s, one column for each rune.
func columns(s string) int { return utf8.RuneCountInString(s) }

// fit cuts s to the width; what is missing shows as an ellipsis.
func fit(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	return string([]rune(s)[:max(width-1, 0)]) + "…"
}

// fitTail cuts s to the width from the front, where the end tells more.
func fitTail(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	runes := []rune(s)
	return "…" + string(runes[len(runes)-max(width-1, 0):])
}

// pad fills s with spaces to the width, to the right.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-columns(s), 0))
}

// padLeft fills s with spaces to the width, to the left.
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(width-columns(s), 0)) + s
}
