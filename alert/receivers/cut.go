package receivers

import (
	"bytes"
	"encoding/json"
	"math"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ellipsis ends a text that was cut.
const ellipsis = "…"

// cut shortens the text to at most n UTF-16 units, the ellipsis included, between runes.
// n of 0 or less is no limit.
func cut(s string, n int) string {
	if n <= 0 || units(s) <= n {
		return s
	}
	room := n - 1 // the ellipsis is one unit
	for i, r := range s {
		room -= utf16.RuneLen(r)
		if room < 0 {
			return strings.TrimRight(s[:i], " \n") + ellipsis
		}
	}
	return s
}

// units counts UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// cutRunes shortens the text to at most n runes, the ellipsis included.
func cutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	left := n - 1
	for i := range s {
		if left == 0 {
			return strings.TrimRight(s[:i], " ") + ellipsis
		}
		left--
	}
	return s
}

// link returns a URL that may be linked to, "" if there is none: http or https, with a
// host, without a password, not longer than services take. A link cannot be cut.
func link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	rest := strings.TrimPrefix(u.String(), u.Scheme+"://"+u.Host)
	text := u.Scheme + "://" + u.Host + strings.NewReplacer(
		"<", "%3C", ">", "%3E", "|", "%7C", `"`, "%22", "`", "%60", `\`, "%5C", "(", "%28", ")", "%29", "[", "%5B", "]", "%5D", "*", "%2A",
	).Replace(rest)
	if len(text) > maxLink || strings.ContainsAny(text, " <>\n") {
		return ""
	}
	return text
}

// encode returns v as JSON on one line. < and > stay as they are: these bodies are not
// for web pages, and escapes count towards limits.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// number returns v for JSON: null if it is not a number, as of a window without requests.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
