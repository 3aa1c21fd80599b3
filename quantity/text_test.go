package quantity

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"plain words":                       "plain words",
		"  a\tb\r\nc  ":                     "a b c",
		"\x1b[31mred\x1b[0m":                "red",
		"\x1b]0;title\x07after":             "after",
		"\x1b]8;;http://x\x1b\\link":        "link",
		"\x1b]never ends":                   "",
		"\x1b":                              "",
		"\u009b2Jx":                         "x",
		"bad\xff\xfeutf":                    "badutf",
		"right\u202eleft":                   "rightleft",
		"zero\u200bwidth\x00\x08\x7f\u0085": "zerowidth",
		"größe → ✓ 漢字":                      "größe → ✓ 漢字",
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLineTwiceIsCleanOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := Line(rapid.String().Draw(t, "text"))
		if twice := Line(once); twice != once {
			t.Errorf("got %q, then %q", once, twice)
		}
		if strings.ContainsAny(once, "\x1b\n\r\x07") || !utf8.ValidString(once) {
			t.Errorf("not clean: %q", once)
		}
	})
}

// What was written to a file and read back must look the same.
func TestLineAfterJSON(t *testing.T) {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\x1b", "\x1b[", "\x1b]", "\u009b", "\x07", "\xd9", "\x89", "\ufffd", "m"}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 3), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		live := strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "")
		data, err := json.Marshal(live)
		if err != nil {
			t.Fatal(err)
		}
		var saved string
		if err := json.Unmarshal(data, &saved); err != nil {
			t.Fatal(err)
		}
		if got, want := Line(saved), Line(live); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
