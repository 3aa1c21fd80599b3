package journey

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The widths of a table's columns.
const (
	indent      = 6
	caseWidth   = 24
	numberWidth = 9
	errorWidth  = 7
	minWidth    = 60
	alsoWidth   = 24 // from which on there is a column for further figures
)

// Table writes the document for a terminal of some columns.
func (d Document) Table(w io.Writer, width int) error {
	t := table{width: max(width, minWidth)}
	t.line("%-*s%-*s%*s%*s%*s%*s%*s", indent, "stage", caseWidth, "case", numberWidth, "figure", numberWidth, "theory", numberWidth, "p50", numberWidth, "p99", errorWidth, "errors")
	for _, stage := range d.Stages {
		t.stage(stage)
	}
	t.line("")
	t.prose("", d.verdict())
	_, err := io.WriteString(w, t.b.String())
	return err
}

// verdict says how it went, in a sentence or two.
func (d Document) verdict() string {
	counts := map[Outcome]int{}
	for _, stage := range d.Stages {
		counts[stage.Outcome()]++
	}
	parts := []string{fmt.Sprintf("%s in %s: %d as expected", plural(len(d.Stages), "stage"), seconds(d.Seconds), counts[Holds])}
	for _, o := range []struct {
		outcome Outcome
		words   string
	}{{Fails, "not as expected"}, {Undecided, "whose numbers do not count"}, {Incomplete, "incomplete"}} {
		if n := counts[o.outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o.words))
		}
	}
	text := strings.Join(parts, ", ") + "."
	if !d.Complete {
		text += " INCOMPLETE: the journey was ended before its end."
	}
	if d.Quick {
		text += " Quick: a third of the time, so that more is chance."
	}
	return text
}

// A table is one that is being written.
type table struct {
	b     strings.Builder
	width int
}

// stage writes one stage.
func (t *table) stage(r Report) {
	t.line("")
	state := r.state()
	title := fmt.Sprintf("%-*s%s", indent, r.Name, r.Title)
	t.line("%s%*s", title, max(t.width-utf8.RuneCountInString(title), len(state)+1), state)
	if len(r.Rows) > 0 && len(r.Rows[0].Figures) > 0 {
		t.prose("figure: ", r.Rows[0].Figures[0].Name)
	}
	for _, row := range r.Rows {
		t.row(row)
	}
	if r.Error != "" {
		t.prose("! ", r.Error)
	}
	for _, e := range r.Expectations {
		t.prose(e.sign()+" ", e.Text+": "+e.Found)
	}
	if r.Sentence != "" {
		t.prose("", r.Sentence)
	}
}

// row writes the numbers of a case.
func (t *table) row(r Row) {
	value, theory, p50, p99, errs := "", "", "", "", ""
	if len(r.Figures) > 0 {
		value, theory = r.Figures[0].String(), r.Figures[0].expected()
	}
	if r.P99 > 0 {
		p50, p99, errs = seconds(r.P50), seconds(r.P99), Ratio.write(r.Errors)
	}
	line := fmt.Sprintf("%*s%s%*s%*s%*s%*s%*s", indent, "", fit(r.Case, caseWidth), numberWidth, value, numberWidth, theory, numberWidth, p50, numberWidth, p99, errorWidth, errs)
	if left := t.width - utf8.RuneCountInString(line) - 2; left >= alsoWidth && len(r.Figures) > 1 {
		line += "  " + fit(also(r.Figures[1:]), left)
	}
	t.line("%s", strings.TrimRight(line, " "))
	if !r.Counts {
		t.prose("  does not count: ", strings.Join(r.Why, "; "))
	}
}

// also names the further figures of a row.
func also(figures []Figure) string {
	parts := make([]string, len(figures))
	for i, f := range figures {
		parts[i] = f.Name + " " + f.String()
	}
	return strings.Join(parts, ", ")
}

// sign is what stands before an expectation.
func (e Expectation) sign() string {
	switch {
	case !e.Counts:
		return "?"
	case e.Holds:
		return "✓"
	}
	return "✗"
}

// fit makes a text exactly so wide.
func fit(text string, width int) string {
	runes := []rune(text)
	if len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text + strings.Repeat(" ", width-len(runes))
}

func (t *table) line(format string, args ...any) {
	t.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	t.b.WriteByte('\n')
}

// prose writes a text, broken into lines below its lead.
func (t *table) prose(lead, text string) {
	hang := indent + utf8.RuneCountInString(lead)
	line := strings.Repeat(" ", indent) + lead
	room := 0
	for word := range strings.FieldsSeq(text) {
		length := utf8.RuneCountInString(word)
		if room > 0 && hang+room+1+length > t.width {
			t.line("%s", line)
			line, room = strings.Repeat(" ", hang), 0
		}
		if room > 0 {
			line += " "
			room++
		}
		line += word
		room += length
	}
	t.line("%s", line)
}
