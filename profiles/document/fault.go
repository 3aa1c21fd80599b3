package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Position is a place in a file. Lines and columns count from 1; columns count runes.
type Position struct{ Line, Column int }

// Fault is one thing wrong with a file, and where.
type Fault struct { //nolint:errname // a fault is the word users read; it is one of many, not the error as a whole
	File         string
	Line, Column int // from 1; columns count runes. Line 0: not in a file, but in what File names
	Message      string
	Hint         string // how to mend it; may be empty
	Source       string // the line as it stands in the file, variables not expanded
}

// Error returns the fault as three lines: place and message, the source line, and a caret with the hint.
func (f Fault) Error() string {
	if f.Line == 0 {
		return f.line()
	}
	source, column := f.excerpt()
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s\n", f.File, f.Line, f.Column, f.Message)
	b.WriteString(strings.TrimRight(fmt.Sprintf("%5d | %s", f.Line, source), " ") + "\n")
	fmt.Fprintf(&b, "%5s | %s^", "", blank(source, column-1))
	if f.Hint != "" {
		b.WriteString(" " + f.Hint)
	}
	return b.String()
}

// line returns a fault of something that has no lines.
func (f Fault) line() string {
	if f.Hint == "" {
		return f.File + ": " + f.Message
	}
	return f.File + ": " + f.Message + " (" + f.Hint + ")"
}

// excerpt returns at most about a terminal's width of the source line, and the column counted within it.
func (f Fault) excerpt() (string, int) {
	const before, width = 60, 120
	runes := []rune(f.Source)
	if len(runes) <= width {
		return f.Source, f.Column
	}
	from := min(max(0, f.Column-1-before), len(runes))
	to := min(len(runes), from+width)
	if from == 0 {
		return string(runes[:to]) + "…", f.Column
	}
	excerpt := "…" + string(runes[from:to])
	if to < len(runes) {
		excerpt += "…"
	}
	return excerpt, f.Column - from + 1
}

// blank returns n columns of white space below source. Tabs stay tabs, so that the caret stands where the reader's
// terminal puts the text above it; East Asian wide runes take two columns.
func blank(source string, n int) string {
	var b strings.Builder
	for _, r := range source {
		if n--; n < 0 {
			break
		}
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana):
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	for ; n > 0; n-- {
		b.WriteByte(' ')
	}
	return b.String()
}

// Faults is everything found wrong in one file, in the file's order.
type Faults []Fault //nolint:errname // the plural of Fault

// maxPrinted bounds what one broken file may print; nobody reads further.
const maxPrinted = 50

// Error returns all faults, each as [Fault.Error] shows it.
func (fs Faults) Error() string {
	var texts []string
	for i, f := range fs {
		if i == maxPrinted {
			texts = append(texts, fmt.Sprintf("and %d more faults", len(fs)-i))
			break
		}
		texts = append(texts, f.Error())
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns each fault as an error of its own.
func (fs Faults) Unwrap() []error {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errs
}

// Redact hides secrets in what is said of a file; the lines of the file itself, in which variables are not expanded, stay.
func (fs Faults) Redact(secrets *strings.Replacer) Faults {
	for i := range fs {
		fs[i].Message, fs[i].Hint = secrets.Replace(fs[i].Message), secrets.Replace(fs[i].Hint)
	}
	return fs
}

// Tidy puts faults in the file's order and drops those said twice, as an alias used twice makes them.
func (fs Faults) Tidy() Faults {
	said := map[Fault]bool{}
	fs = slices.DeleteFunc(fs, func(f Fault) bool {
		again := said[f]
		said[f] = true
		return again
	})
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return fs
}
