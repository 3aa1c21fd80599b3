package document

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a file, so that no input takes the parser long or deep. They are far above what a person writes.
const (
	MaxBytes  = 1 << 20
	MaxTokens = 30_000 // the YAML parser takes quadratic time in some of them
	maxDepth  = 40     // it also recurses, and Go cannot recover from a stack that is full
	maxValues = 30_000 // after aliases are followed
)

// Form is what a file of some kind is called in messages.
type Form struct {
	Noun  string // profile
	Begin string // hint for a file that holds nothing
}

// Document is one file being read: its text and what was found wrong with it.
type Document struct {
	File   string
	Form   Form
	Faults Faults

	text   string
	lines  []string
	labels []string // of what came from elsewhere, in place of lines after the last; see Beside
}

// New splits the text into lines, and reports what no parser should see. A byte order
// mark is removed and every line break made a newline, which is what positions count in.
func New(file string, src []byte, form Form) *Document {
	d := &Document{File: file, Form: form}
	text := strings.TrimPrefix(strings.ToValidUTF8(string(src[:min(len(src), MaxBytes+1)]), "\uFFFD"), "\uFEFF")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	d.text, d.lines = text, strings.Split(text, "\n")
	switch {
	case len(src) > MaxBytes:
		d.Fault(Position{1, 1}, "keep long bodies short, or split it", "the file is larger than 1 MiB")
	case !utf8.Valid(src):
		valid := src[:validPrefix(src)]
		line := bytes.Count(valid, []byte("\n")) + 1
		column := utf8.RuneCount(valid[bytes.LastIndexByte(valid, '\n')+1:]) + 1
		d.Fault(Position{line, column}, "save the file as UTF-8", "the file is not UTF-8 text")
	case strings.TrimSpace(text) == "":
		d.Fault(Position{1, 1}, d.Form.Begin, "the file is empty")
	default:
		d.checkControls()
	}
	return d
}

func validPrefix(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

// checkControls refuses control characters: YAML has no use for them, and they would reach the reader's terminal.
func (d *Document) checkControls() {
	for i, line := range d.lines {
		for j, r := range []rune(line) {
			if r != '\t' && unicode.IsControl(r) {
				at := Position{i + 1, j + 1}
				d.Fault(at, "remove it, or write it as an escape in double quotes", "control character %U in the file", r)
				return
			}
		}
	}
}

// Fault notes something wrong at a place, which is moved into the file if need be.
func (d *Document) Fault(at Position, hint, format string, args ...any) {
	if beside := at.Line - len(d.lines) - 1; beside >= 0 && beside < len(d.labels) {
		d.Faults = append(d.Faults, Fault{File: d.labels[beside], Message: fmt.Sprintf(format, args...), Hint: hint})
		return
	}
	at.Line = min(max(at.Line, 1), len(d.lines))
	line := d.lines[at.Line-1]
	at.Column = min(max(at.Column, 1), utf8.RuneCountInString(line)+1)
	d.Faults = append(d.Faults, Fault{
		File: d.File, Line: at.Line, Column: at.Column,
		Message: fmt.Sprintf(format, args...), Hint: hint, Source: Printable(line),
	})
}

// Printable makes a source line safe to print.
func Printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, line)
}

// parse returns the root of the only YAML document, or nil after noting why there is none.
func (d *Document) parse() ast.Node {
	file := d.parseAll()
	if file == nil {
		return nil
	}
	return d.onlyDocument(file)
}

// parseAll returns all YAML documents, or nil after noting why there are none.
func (d *Document) parseAll() (file *ast.File) {
	// The YAML library is not ours; a file must not end the program through one of its slips.
	defer func() {
		if r := recover(); r != nil {
			d.Fault(Position{1, 1}, "simplify its quoting or indentation", "the file cannot be read as YAML")
			file = nil
		}
	}()
	tokens := lexer.Tokenize(d.text)
	if !d.withinLimits(tokens) {
		return nil
	}
	// Duplicate keys are allowed here and reported by the converter: the parser would stop at the first.
	file, err := parser.Parse(withoutEmptyDocuments(tokens), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntaxFault(err)
		return nil
	}
	return file
}

// withoutEmptyDocuments takes out each --- that nothing but comments follows before the next: with a document that is empty
// the YAML parser ends, and drops all that come after it without a word.
func withoutEmptyDocuments(tokens token.Tokens) token.Tokens {
	var kept token.Tokens
	header := -1 // the place in kept of one that nothing has followed
	for _, t := range tokens {
		switch t.Type {
		case token.CommentType:
		case token.DocumentHeaderType, token.DocumentEndType:
			if header >= 0 {
				kept = slices.Delete(kept, header, header+1)
			}
			header = -1
			if t.Type == token.DocumentHeaderType {
				header = len(kept)
			}
		default:
			header = -1
		}
		kept = append(kept, t)
	}
	return kept
}

// withinLimits looks at the tokens, which come without recursion, before the parser recurses over them.
func (d *Document) withinLimits(tokens token.Tokens) bool {
	if len(tokens) > MaxTokens {
		d.Fault(d.position(tokens[MaxTokens]), "split it", "the file is larger than %d YAML tokens", MaxTokens)
		return false
	}
	line, onLine, flow := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, onLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			onLine++
		default: // the rest does not nest by itself
		}
		if flow > maxDepth || flow == 0 && onLine > maxDepth {
			d.Fault(d.position(t), "", "values are nested more than %d deep", maxDepth)
			return false
		}
	}
	return true
}

func (d *Document) onlyDocument(file *ast.File) ast.Node {
	var bodies []*ast.DocumentNode
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc)
		}
	}
	switch {
	case len(bodies) == 0:
		d.Fault(Position{1, 1}, d.Form.Begin, "the file holds no %s", d.Form.Noun)
		return nil
	case len(bodies) > 1:
		at := d.position(bodies[1].Body.GetToken())
		if start := bodies[1].Start; start != nil {
			at = d.position(start)
		}
		d.Fault(at, "one "+d.Form.Noun+" a file: remove this ---", "a second YAML document starts here")
		return nil
	}
	return bodies[0].Body
}

// syntaxFault reports where the YAML breaks, with a hint for the usual reasons.
func (d *Document) syntaxFault(err error) {
	var broken yaml.Error
	if !errors.As(err, &broken) {
		d.Fault(Position{1, 1}, "", "not valid YAML")
		return
	}
	message, hint := broken.GetMessage(), ""
	at := d.position(broken.GetToken())
	switch {
	case strings.Contains(message, "'\t'"):
		message, hint = "a tab cannot indent YAML", "use spaces"
		at.Column = broken.GetToken().Position.Column
	case strings.Contains(message, "must be specified"), strings.Contains(message, "flow map content"):
		hint = `close the bracket opened above, or quote a value that holds { } [ ] or a comma, such as "${NAME}"`
	case strings.Contains(message, "mapping value is not allowed"), strings.Contains(message, "non-map value"),
		strings.Contains(message, "value is not allowed in this context"):
		hint = `check the indentation here and below, and quote a value that holds ": "`
	case strings.Contains(message, "reserved character"), strings.Contains(message, "directive"):
		hint = "quote the value"
	case strings.Contains(message, "end character"):
		hint = "close the quotes"
	case strings.Contains(message, "invalid key"):
		hint = "write the key as plain text"
	case strings.Contains(message, "unexpected key name"):
		hint = `write "key: value", with a space after the colon`
	}
	d.Fault(at, hint, "not valid YAML: %s", message)
}
