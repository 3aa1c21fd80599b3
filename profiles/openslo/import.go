package openslo

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/floodmark/floodmark/nearest"
	"github.com/floodmark/floodmark/profiles"
)

// maxBytes is how much of a file is looked at, one more than profiles takes.
const maxBytes = 1<<20 + 1

// A Result is what came of a file.
type Result struct {
	YAML  []byte // the keys slos: and, if alerts tell somebody, notify:, to stand in a profile
	Notes []Note // in the file's order
}

// A Note says what was left out, or how something was understood.
type Note struct {
	Where string // file:line
	Text  string
	line  int
}

// Import reads an OpenSLO file, whose name is for messages. mapping says for SLIs by their name what they are here: a
// share of good requests such as "success" or "under(300ms)", whose limit the file has, or a whole expression such as
// "p99 < 300ms"; a selector may stand before both. An inline SLI without a name goes by the SLO's.
//
// The error is or holds a [profiles.Faults] for what is wrong with the file. Errors about the mapping have a method Hint() string.
func Import(r io.Reader, name string, mapping map[string]string) (Result, error) {
	src, err := io.ReadAll(io.LimitReader(r, maxBytes))
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", name, err)
	}
	im := &importer{file: profiles.ReadForeign(name, src), name: name, mapping: mapping, known: map[string]bool{}}
	for _, doc := range im.file.Documents {
		im.read(doc)
	}
	var slos []imported
	for _, o := range im.objects {
		if o.kind == kindSLO {
			if s, ok := im.slo(o); ok {
				slos = append(slos, s)
			}
		}
	}
	if im.file.Err() == nil {
		im.finish(len(slos))
	}
	if err := errors.Join(append([]error{im.file.Err()}, im.faults...)...); err != nil {
		return Result{}, err
	}
	slices.SortStableFunc(im.notes, func(a, b Note) int { return cmp.Compare(a.line, b.line) })
	return Result{write(slos, im.receivers), im.notes}, nil
}

// An importer reads one file.
type importer struct {
	file    *profiles.Foreign
	name    string
	mapping map[string]string
	known   map[string]bool // the names of SLIs that a mapping may be of
	faults  []error         // of the mapping
	objects []*object
	notes   []Note
	left    []reason // why SLOs and objectives are left out

	receivers []receiver
}

// A reason is why something cannot be imported, and a way to change that.
type reason struct {
	at           profiles.Position
	text, advice string
}

// leaveOut notes that an SLO or an objective is left out.
func (im *importer) leaveOut(at profiles.Position, advice, format string, args ...any) {
	r := reason{at, fmt.Sprintf(format, args...), advice}
	im.left = append(im.left, r)
	im.note(at, "%s; it is left out: %s", r.text, r.advice)
}

// note adds a note about a place.
func (im *importer) note(at profiles.Position, format string, args ...any) {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) { // it would reach the reader's terminal
			return '\uFFFD'
		}
		return r
	}, fmt.Sprintf(format, args...))
	n := Note{fmt.Sprintf("%s:%d", im.name, at.Line), text, at.Line}
	if !slices.Contains(im.notes, n) { // what several SLOs refer to is read for each
		im.notes = append(im.notes, n)
	}
}

// finish looks for what was not used, once all else is in order.
func (im *importer) finish(slos int) {
	for _, name := range slices.Sorted(maps.Keys(im.mapping)) {
		if !im.known[name] {
			im.faults = append(im.faults, &mappingError{name, im.mapping[name], "the file has no SLI of this name that an SLO uses", didYouMean(name, slices.Sorted(maps.Keys(im.known)))})
		}
	}
	for _, o := range im.objects {
		if o.kind == kindPolicy && !o.used {
			im.note(o.at, "alert policy %s is of no SLO, and is left out", o.name)
		}
	}
	switch {
	case len(im.faults) > 0 || slos > 0:
	case !slices.ContainsFunc(im.objects, func(o *object) bool { return o.kind == kindSLO }):
		im.file.Fault(profiles.Position{Line: 1, Column: 1}, "SLOs and what they refer to must be in one file", "there is no SLO in the file")
	default: // a profile cannot have no SLOs, so that what was to be a note is a fault
		for _, r := range im.left {
			im.file.Fault(r.at, r.advice, "%s", r.text)
		}
	}
}

// A mappingError says what is wrong with an entry of the mapping.
type mappingError struct{ name, text, message, advice string }

// Error returns the entry and what is wrong with it.
func (e *mappingError) Error() string {
	return fmt.Sprintf("mapping %s=%s: %s", e.name, e.text, e.message)
}

// Hint returns what to do about it, "" if nobody can know.
func (e *mappingError) Hint() string { return e.advice }

// didYouMean is a hint for a word that is none of the candidates.
func didYouMean(word string, candidates []string) string {
	if best := nearest.Word(word, candidates); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(candidates) == 0 {
		return ""
	}
	const shown = 8
	rest := ""
	if len(candidates) > shown {
		candidates, rest = candidates[:shown], " and others"
	}
	return "there are " + joined(candidates) + rest
}
