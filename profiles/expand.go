package profiles

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// variables puts the values of ${NAME} and ${NAME:-default} into texts. As in a shell, the default also stands in for an
// empty value. $$ is a literal $, and so is a $ before anything else, as in a price or a JSON path.
type variables struct {
	lookup  func(string) (string, bool) // nil: no variable is set
	secrets *[]string                   // receives values of variables whose names look secret
}

// expand returns raw with its variables replaced. A problem's path is the piece of raw that it is about.
func (v variables) expand(raw string) (string, problems) {
	var out strings.Builder
	var ps problems
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
				ps.add("$"+rest[:1], "close it with }, or write $$ for a literal $", "a variable is not closed")
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
func (v variables) value(body string, ps *problems) string {
	name, fallback, hasFallback := strings.Cut(body, ":-")
	piece := "${" + body
	switch {
	case !isVariable(name):
		ps.add(piece, "write ${NAME} or ${NAME:-default}; $$ is a literal $", "%s is not a variable", quote("${"+body+"}"))
		return ""
	case strings.Contains(fallback, "${"):
		ps.add(piece, "write the default itself", "the default of %s holds another variable", name)
		return ""
	}
	value, ok := "", false
	if v.lookup != nil {
		value, ok = v.lookup(name)
	}
	switch {
	case hasFallback && value == "":
		value = fallback
	case !ok:
		ps.add(piece, fmt.Sprintf("set it, or give it a default: ${%s:-value}", name), "the variable %s is not set", name)
	case !utf8.ValidString(value):
		ps.add(piece, "", "the variable %s is not UTF-8 text", name)
		return ""
	}
	if looksSecret(name) {
		*v.secrets = append(*v.secrets, value)
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
