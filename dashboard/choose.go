package dashboard

import "strings"

// A Terminal is what is known of where a dashboard would be shown.
type Terminal struct {
	Screen bool                     // what would be written to is a terminal
	Keys   bool                     // keys can be read from one
	Getenv func(name string) string // os.Getenv; not nil
}

// Fits reports whether a dashboard can be shown, and else why not. It is asked before
// the dashboard starts: bubbletea itself writes escape sequences into pipes.
func (t Terminal) Fits() (ok bool, why string) {
	switch {
	case !t.Screen:
		return false, "the output is not a terminal"
	case !t.Keys:
		return false, "no keys can be read"
	case t.Getenv("TERM") == "dumb":
		return false, "TERM is dumb"
	case t.Getenv("CI") != "" && t.Getenv("CI") != "false":
		return false, "CI is set"
	}
	return true, ""
}

// Theme returns how frames look by the flags --color (auto, always or never) and
// --symbols (auto, braille, block or ascii), and by what the environment says of the
// terminal. NO_COLOR, which is about colours, leaves bold and reverse.
func (t Terminal) Theme(colour, symbols string) (Theme, error) {
	out := Theme{Symbols: t.symbols()}
	if symbols != "" && symbols != "auto" {
		parsed, err := ParseSymbols(symbols)
		if err != nil {
			return Theme{}, err
		}
		out.Symbols = parsed
	}
	switch {
	case colour == "never" || colour != "always" && t.Getenv("TERM") == "dumb":
		out.Palette = Mono
		return out, nil
	case colour != "always" && t.Getenv("NO_COLOR") != "":
		out.Palette = Mono
	}
	out.Colour = t.colour()
	return out, nil
}

// colour returns how many colours the terminal has.
func (t Terminal) colour() Colour {
	term := t.Getenv("TERM")
	switch depth := t.Getenv("COLORTERM"); {
	case depth == "truecolor" || depth == "24bit" || strings.HasSuffix(term, "-direct"):
		return TrueColour
	case strings.Contains(term, "256color") || t.Getenv("WT_SESSION") != "":
		return Colours256
	}
	return Colours16
}

// symbols returns what can be written: nothing but ASCII where the locale is not UTF-8,
// and where the terminal draws our symbols two columns wide.
func (t Terminal) symbols() Symbols {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set counts
		if locale = t.Getenv(name); locale != "" {
			break
		}
	}
	locale = strings.ToLower(locale)
	switch {
	case t.Getenv("RUNEWIDTH_EASTASIAN") == "1":
		return ASCII
	case t.Getenv("WT_SESSION") != "": // Windows Terminal has no locale, and is UTF-8
		return Braille
	case !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8"):
		return ASCII
	case t.Getenv("TERM") == "linux": // the console's font has no braille
		return Block
	}
	return Braille
}
