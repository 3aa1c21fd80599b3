package edge

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// varies returns the headers that an answer depends on, and false when they are too
// many, or it depends on something else.
func varies(h http.Header) ([]string, bool) {
	var names []string
	for _, field := range h.Values("Vary") {
		for name := range strings.SplitSeq(field, ",") {
			if name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)); name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return names, len(names) <= maxVary && !slices.Contains(names, "*")
}

// selection returns the values of headers in a request.
func selection(h http.Header, names []string) []string {
	values := make([]string, len(names))
	for i, name := range names {
		var parts []string
		for _, field := range h.Values(name) {
			for part := range strings.SplitSeq(field, ",") {
				parts = append(parts, strings.TrimSpace(part))
			}
		}
		values[i] = strings.Join(parts, ",")
	}
	return values
}
