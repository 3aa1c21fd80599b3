package quantity

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes text that came from a target or a file fit for one line of a terminal or a
// message: no escape sequences, no control or invisible characters, nothing that is no
// UTF-8, and one space where there was any white space.
func Line(s string) string {
	// First, as JSON does: bytes on both sides of a sequence may make a letter.
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if strings.ContainsRune(s, '\x1b') || strings.ContainsRune(s, '\u009b') {
		s = escapes().ReplaceAllString(s, "")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// escapes matches the sequences of ECMA-48: commands (CSI), strings (OSC and
// their kin, to their end or that of the text), and pairs.
func escapes() *regexp.Regexp {
	return regexp.MustCompile(
		"(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]?" +
			"|\x1b[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?" +
			"|\x1b.?")
}
