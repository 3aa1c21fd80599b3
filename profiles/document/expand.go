package document

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Variables puts the values of ${NAME} and ${NAME:-default} into texts. As in a shell, the default also stands in for an
// empty value. $$ is a literal $, and so is a $ before anything else, as in a price or a JSON path.
type Variables struct {
	Lookup  func(string) (string, bool) // nil: no variable is set
	Secrets *[]string                   // receives values of variables whose names look secret; never nil
}

// expand returns raw with its variables replaced. A problem's path is the piece of raw that it is about.
func (v Variables) expand(raw string) (string, Problems) {
	var out strings.Builder
	var ps Problems
	for {
		before, rest, found := strings.Cut(raw, "$")
		out.WriteString(before)
		switch {
		case !found:
			return out.String(), ps
		case strings.HasPrefix(rest, "$"):
			out.WriteByte('$')
			raw = rest[1:]
		case strings.HasPrefix(rest, "{"):
			body, after, closed := strings.Cut(rest[1:], "}")
			if !closed {
				ps.Add("$"+rest[:1], "close it with }, or write $$ for a literal $", "a variable is not closed")
				return out.String(), ps
			}
			out.WriteString(v.value(body, &ps))
			raw = after
		default:
			out.WriteByte('$')
			raw = rest
		}
	}
}

// value returns what stands for ${body}.
func (v Variables) value(body string, ps *Problems) string {
	name, fallback, hasFallback := strings.Cut(body, ":-")
	piece := "${" + body
	switch {
	case !isVariable(name):
		ps.Add(piece, "write ${NAME} or ${NAME:-default}; $$ is a literal $", "%s is not a variable", Quote("${"+body+"}"))
		return ""
	case strings.Contains(fallback, "${"):
		ps.Add(piece, "write the default itself", "the default of %s holds another variable", name)
		return ""
	}
	value, ok := "", false
	if v.Lookup != nil {
		value, ok = v.Lookup(name)
	}
	switch {
	case hasFallback && value == "":
		value = fallback
	case !ok:
		ps.Add(piece, fmt.Sprintf("set it, or give it a default: ${%s:-value}", name), "the variable %s is not set", name)
	case !utf8.ValidString(value):
		ps.Add(piece, "", "the variable %s is not UTF-8 text", name)
		return ""
	}
	if LooksSecret(name) {
		*v.Secrets = append(*v.Secrets, value)
	}
	return value
}

func isVariable(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}
