package journey

import (
	"fmt"
	"strings"
)

// words writes a name of a topology file for people.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// plural counts something.
func plural(n int, one string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// spans writes several times for people.
func spans(all []float64) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = seconds(s)
	}
	return strings.Join(texts, ", ")
}
