package document

import (
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// position returns where a token's text begins; the YAML library counts a tab before it in.
func (d *Document) position(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{1, 1}
	}
	at := Position{t.Position.Line, t.Position.Column}
	if at.Line < 1 || at.Line > len(d.lines) {
		return at
	}
	runes := []rune(d.lines[at.Line-1])
	for i := at.Column - 1; i >= 0 && i < len(runes); i++ {
		if runes[i] != ' ' && runes[i] != '\t' {
			at.Column = i + 1
			break
		}
	}
	return at
}

// Find returns the place of the first occurrence of text at or after a place, or that place itself.
func (d *Document) Find(at Position, text string) Position {
	for i := at.Line - 1; i >= 0 && i < len(d.lines); i++ {
		line := []rune(d.lines[i])
		from := 0
		if i == at.Line-1 {
			from = min(max(at.Column-1, 0), len(line))
		}
		if before, _, ok := strings.Cut(string(line[from:]), text); ok {
			return Position{i + 1, from + utf8.RuneCountInString(before) + 1}
		}
	}
	return at
}

// Inside returns the place a number of bytes into a scalar's text, when the file shows that text on one line and as it is.
func (d *Document) Inside(n *Node, offset int) Position {
	if n.At.Line > len(d.lines) || n.Raw != n.Text {
		return n.At
	}
	column := n.At.Column - 1
	if n.Quoted {
		column++
	}
	line := []rune(d.lines[n.At.Line-1])
	if column > len(line) || !strings.HasPrefix(string(line[column:]), n.Text) {
		return n.At
	}
	text := strings.TrimSpace(n.Text)
	column += len([]rune(n.Text[:strings.Index(n.Text, text)]))
	return Position{n.At.Line, column + len([]rune(text[:min(max(offset, 0), len(text))])) + 1}
}
