package dial

import "strconv"

// A syntaxError is a text that cannot be read, with a way to mend it.
type syntaxError struct{ message, hint string }

func (e *syntaxError) Error() string { return e.message }

// Hint says how to write what was meant.
func (e *syntaxError) Hint() string { return e.hint }

// splitColons cuts a text at its colons, but for those in brackets: there an IPv6
// address has its own. The brackets are dropped.
func splitColons(text string) []string {
	var fields []string
	start, inside := 0, false
	for i := range len(text) {
		switch {
		case text[i] == '[':
			inside = true
		case text[i] == ']':
			inside = false
		case text[i] == ':' && !inside:
			fields = append(fields, unbracket(text[start:i]))
			start = i + 1
		}
	}
	return append(fields, unbracket(text[start:]))
}

// unbracket returns the address within brackets, or the text as it is.
func unbracket(text string) string {
	if len(text) > 1 && text[0] == '[' && text[len(text)-1] == ']' {
		return text[1 : len(text)-1]
	}
	return text
}

// parsePort reads a port that can be dialled.
func parsePort(text string) (uint16, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return uint16(n), err == nil && n > 0
}
