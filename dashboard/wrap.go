package dashboard

import "strings"

// wrap draws words on as many lines as they need and there are, and returns the next
// line. The last line says by an ellipsis that there is more.
func (a area) wrap(y int, i ink, text string) int {
	words := strings.Fields(text)
	line := ""
	for n, word := range words {
		switch {
		case line == "" || line == "  ":
		case columns(line)+1+attached(words[n:]) <= a.w:
			line += " "
		case y == a.h-1:
			a.put(0, y, i, fit(line+" "+strings.Join(words[n:], " "), a.w))
			return y + 1
		default:
			a.put(0, y, i, fit(line, a.w))
			y, line = y+1, "  "
		}
		line += word
	}
	if line != "" {
		a.put(0, y, i, fit(line, a.w))
		y++
	}
	return y
}

// attached is how many columns the first word takes together with a unit that follows it.
func attached(words []string) int {
	wide := columns(words[0])
	if len(words) > 1 && columns(words[1]) <= 2 {
		wide += 1 + columns(words[1])
	}
	return wide
}

// flow parts tokens among lines of a width.
func flow(tokens []string, width int) []string {
	var out []string
	for _, token := range tokens {
		if last := len(out) - 1; last >= 0 && columns(out[last])+2+columns(token) <= width {
			out[last] += "  " + token
			continue
		}
		out = append(out, token)
	}
	return out
}
