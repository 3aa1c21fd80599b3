package document

import "fmt"

// Problem is something wrong with a value, named by its path (load.stages[1].target), not by its place in a file:
// the value may have come from elsewhere.
type Problem struct {
	Path, Hint, Message string
	Missing             bool // a value that must be there is zero
	OfKey               bool // about the key itself rather than its value
}

// Problems is everything wrong with values, in the order it was found.
type Problems []Problem

// Add notes something wrong with the value at a path. The hint, how to mend it, may be empty.
func (ps *Problems) Add(path, hint, format string, args ...any) {
	*ps = append(*ps, Problem{Path: path, Hint: hint, Message: fmt.Sprintf(format, args...)})
}

// Missing notes a required value that is not there.
func (ps *Problems) Missing(path, hint string) {
	*ps = append(*ps, Problem{Path: path, Hint: hint, Message: "missing " + Quote(path), Missing: true})
}

// AddKey notes a key that must not be there, or not by this name.
func (ps *Problems) AddKey(path, hint, format string, args ...any) {
	*ps = append(*ps, Problem{Path: path, Hint: hint, Message: fmt.Sprintf(format, args...), OfKey: true})
}

// Text returns the problem in one line.
func (p Problem) Text() string {
	text := p.Path + ": " + p.Message
	if p.Path == "" || p.Missing {
		text = p.Message
	}
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}
