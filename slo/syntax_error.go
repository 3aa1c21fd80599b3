package slo

import (
	"fmt"
	"unicode/utf8"
)

// A SyntaxError says where an expression cannot be read, why, and a way out.
type SyntaxError struct {
	Text    string // the whole expression
	At      int    // offset of the fault in Text, in bytes from 0
	Message string
	Advice  string // what to write instead, "" if nobody can know
}

// Error returns the column, counted in characters from 1, and the message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("column %d: %s", utf8.RuneCountInString(e.Text[:min(max(e.At, 0), len(e.Text))])+1, e.Message)
}

// Offset returns the offset of the fault in the text, in bytes from 0.
func (e *SyntaxError) Offset() int { return e.At }

// Hint returns what to write instead, "" if nobody can know.
func (e *SyntaxError) Hint() string { return e.Advice }
