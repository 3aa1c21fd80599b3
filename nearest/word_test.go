package nearest

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWord(t *testing.T) {
	known := []string{"duration", "drain", "rate", "stages", "Über"}
	for word, want := range map[string]string{
		"duratoin": "duration", "DURATION": "duration", "rat": "rate", "über": "Über", "ubr": "Über",
		"stage": "stages", "xyz": "", "": "", strings.Repeat("d", 100): "",
	} {
		if got := Word(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

// The distance is a metric's worth: nothing for equal words, alike both ways, at
// most the longer one's length.
func TestDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := []rune(rapid.StringN(0, 12, -1).Draw(t, "a"))
		b := []rune(rapid.StringN(0, 12, -1).Draw(t, "b"))
		d := distance(a, b)
		if d != distance(b, a) || d > max(len(a), len(b)) || (d == 0) != (string(a) == string(b)) {
			t.Fatalf("got %d between %q and %q", d, string(a), string(b))
		}
	})
}

func ExampleWord() {
	fmt.Println(Word("duratoin", []string{"rate", "duration"}))
	// Output: duration
}
