package edge

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// directives are those of the Cache-Control fields of a message, names in lower case.
type directives map[string]string

// parseDirectives reads all Cache-Control fields. Of a directive that is there twice the
// first counts. A list of fields, as in private="set-cookie", is read as if the directive
// had none, which is the stricter reading.
func parseDirectives(h http.Header) directives {
	d := directives{}
	for _, field := range h.Values("Cache-Control") {
		for field != "" {
			var part string
			part, field = cut(field)
			name, value, _ := strings.Cut(part, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if _, twice := d[name]; name != "" && !twice {
				d[name] = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return d
}

// cut splits a list at the first comma that is not quoted.
func cut(list string) (first, rest string) {
	quoted := false
	for i, r := range list {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			return list[:i], list[i+1:]
		}
	}
	return list, ""
}

// has reports whether any of the directives is there.
func (d directives) has(names ...string) bool {
	for _, name := range names {
		if _, ok := d[name]; ok {
			return true
		}
	}
	return false
}

// seconds returns a directive's time, false if it is not there. One that cannot be read
// is none at all, so that what it is about is stale; one that is too large is cut.
func (d directives) seconds(name string) (time.Duration, bool) {
	value, ok := d[name]
	if !ok {
		return 0, false
	}
	return deltaSeconds(value), true
}

// deltaSeconds reads a number of seconds as RFC 9111 has it, at most 2³¹.
func deltaSeconds(text string) time.Duration {
	const most = 1 << 31
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > most { // it is digits, so it is too large
		n = most
	}
	return time.Duration(n) * time.Second
}
