package trace

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/floodmark/floodmark/quantity"
)

// Bounds on columns, in characters.
const (
	minWidth = 60
	minBar   = 12
	minName  = 8
	gap      = 2
)

// glyphs are what trees and bars are drawn with.
type glyphs struct {
	fork, last, pass           string // two characters each
	begin, during, end, moment string
	ellipsis                   string
}

// Tree draws the request's way for a terminal of a width: who was asked by whom, how each
// answered, how long it took, and when of the whole time it was at work. Notes are below.
func (t Trace) Tree(width int) string {
	return t.draw(width, glyphs{"├ ", "└ ", "│ ", "├", "─", "┤", "│", "…"})
}

// ASCII draws the same for terminals that have no lines.
func (t Trace) ASCII(width int) string {
	text := t.draw(width, glyphs{"+ ", "` ", "| ", "|", "-", "|", "|", "~"})
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'µ':
			return 'u'
		case r > unicode.MaxASCII:
			return '?'
		}
		return r
	}, text)
}

func (t *Trace) draw(width int, g glyphs) string {
	width = max(width, minWidth)
	rows := t.rows(g)
	from, to := t.period()
	columns := measure(rows, width)
	var out strings.Builder
	line := func(text string) { out.WriteString(strings.TrimRight(text, " ") + "\n") }
	line(clip(t.head(width, to.Sub(from), g), width, g))
	for _, r := range rows {
		text := fit(r.label, columns.label, g) + strings.Repeat(" ", gap)
		if r.span == nil {
			line(clip(text+r.name(), width, g))
			continue
		}
		text += fit(r.name(), columns.name, g)
		text += fmt.Sprintf("%*s%*s%*s", gap+3, r.status(), gap+columns.took, quantity.Duration(r.span.Took), gap, "")
		line(text + bar(r.span.Start.Sub(from), r.span.Took, to.Sub(from), columns.bar, g))
		if notes := r.span.notes(); notes != "" {
			line(clip(r.below+notes, width, g))
		}
	}
	if t.Left > 0 {
		line(fmt.Sprintf("and %s more", quantity.Plural(int64(t.Left), "span", "spans")))
	}
	return out.String()
}

// head says what is drawn. Ids are cut, the trace's first, where there is no place.
func (t *Trace) head(width int, took time.Duration, g glyphs) string {
	request := quantity.Line(cmp.Or(t.Request, "unknown"))
	id := ""
	if len(t.IDs) > 0 {
		id = quantity.Line(t.IDs[0])
	}
	end := fmt.Sprintf("  %s  %s", quantity.Duration(took), quantity.Plural(int64(len(t.Spans)), "hop", "hops"))
	if more := len(t.IDs) - 1; more > 0 {
		end = fmt.Sprintf(" and %d more%s", more, end)
	}
	const words = len("request   trace ")
	for _, text := range []*string{&id, &request} {
		if over := words + utf8.RuneCountInString(request+id+end) - width; over > 0 {
			*text = clip(*text, max(8, utf8.RuneCountInString(*text)-over), g)
		}
	}
	return "request " + request + "  trace " + id + end
}

// columns are the widths of a table's columns.
type columns struct{ label, name, took, bar int }

// measure gives labels and names the place they need, and bars the rest; where there is
// not enough names are cut first, then labels.
func measure(rows []row, width int) columns {
	var c columns
	for _, r := range rows {
		c.label = max(c.label, utf8.RuneCountInString(r.label))
		if r.span != nil {
			c.name = max(c.name, utf8.RuneCountInString(r.name()))
			c.took = max(c.took, utf8.RuneCountInString(quantity.Duration(r.span.Took)))
		}
	}
	rest := width - 4*gap - 3 - c.took
	if over := c.label + c.name + minBar - rest; over > 0 {
		cut := min(over, max(0, c.name-minName))
		c.name -= cut
		c.label -= min(over-cut, max(0, c.label-minName))
	}
	c.bar = max(minBar, rest-c.label-c.name)
	return c
}

// node returns who it was.
func (b *branch) node() string {
	if b.span == nil {
		return "?"
	}
	return quantity.Line(cmp.Or(b.span.Node, "unnamed"))
}

// name returns what was asked for: the pattern, or the path where there is none.
func (b *branch) name() string {
	switch {
	case b.span == nil:
		return "span " + quantity.Line(b.id) + " is not in this file"
	case strings.Contains(b.span.Name, " ") || b.span.Path == "":
		return quantity.Line(b.span.Name)
	}
	return quantity.Line(b.span.Name + " " + b.span.Path)
}

// status returns the status of a span's answer.
func (b *branch) status() string {
	if b.span.Status == 0 {
		return "-"
	}
	return strconv.Itoa(b.span.Status)
}

// bar draws when of the whole time a span was under way.
func bar(offset, took, whole time.Duration, cells int, g glyphs) string {
	at := func(d time.Duration) float64 {
		if whole <= 0 {
			return float64(cells)
		}
		return float64(d) / float64(whole) * float64(cells)
	}
	first := 0
	if offset > 0 {
		first = min(cells-1, int(at(offset)))
	}
	length := max(1, min(cells, int(at(offset+took)+0.5))-first)
	if length == 1 {
		return strings.Repeat(" ", first) + g.moment
	}
	return strings.Repeat(" ", first) + g.begin + strings.Repeat(g.during, length-2) + g.end
}

// fit fills a text up to a width, or cuts it.
func fit(text string, width int, g glyphs) string {
	text = clip(text, width, g)
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// clip cuts a text that is too wide.
func clip(text string, width int, g glyphs) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(0, width-1)]) + g.ellipsis
}
