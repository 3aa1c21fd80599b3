package dashboard_test

import (
	"testing"

	"github.com/floodmark/floodmark/dashboard"
)

// terminal returns a terminal with the given variables, as pairs.
func terminal(pairs ...string) dashboard.Terminal {
	return dashboard.Terminal{Screen: true, Keys: true, Getenv: func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}}
}

func TestFits(t *testing.T) {
	pipe, noKeys := terminal(), terminal()
	pipe.Screen, noKeys.Keys = false, false
	for want, terminals := range map[string][]dashboard.Terminal{
		"":                             {terminal("TERM", "xterm"), terminal(), terminal("CI", "false")},
		"the output is not a terminal": {pipe},
		"no keys can be read":          {noKeys},
		"TERM is dumb":                 {terminal("TERM", "dumb")},
		"CI is set":                    {terminal("CI", "true", "TERM", "xterm"), terminal("CI", "1")},
	} {
		for _, terminal := range terminals {
			if ok, why := terminal.Fits(); why != want || ok != (want == "") {
				t.Errorf("got %v, %q, want %q", ok, why, want)
			}
		}
	}
}

func TestTheme(t *testing.T) {
	const utf8 = "en_GB.UTF-8"
	for _, c := range []struct {
		name            string
		terminal        dashboard.Terminal
		colour, symbols string
		want            dashboard.Theme
	}{
		{"true colour", terminal("LANG", utf8, "COLORTERM", "truecolor"), "auto", "auto", dashboard.Theme{Colour: dashboard.TrueColour}},
		{"256", terminal("LANG", utf8, "TERM", "xterm-256color"), "auto", "auto", dashboard.Theme{Colour: dashboard.Colours256}},
		{"16", terminal("LANG", utf8, "TERM", "xterm"), "", "", dashboard.Theme{Colour: dashboard.Colours16}},
		{"no colour", terminal("LANG", utf8, "TERM", "xterm", "NO_COLOR", "1"), "auto", "auto", dashboard.Theme{Palette: dashboard.Mono, Colour: dashboard.Colours16}},
		{"always", terminal("LANG", utf8, "TERM", "dumb", "NO_COLOR", "1"), "always", "auto", dashboard.Theme{Colour: dashboard.Colours16}},
		{"never", terminal("LANG", utf8, "COLORTERM", "truecolor"), "never", "auto", dashboard.Theme{Palette: dashboard.Mono}},
		{"dumb", terminal("LANG", utf8, "TERM", "dumb"), "auto", "auto", dashboard.Theme{Palette: dashboard.Mono}},
		{"no locale", terminal("TERM", "xterm"), "auto", "auto", dashboard.Theme{Colour: dashboard.Colours16, Symbols: dashboard.ASCII}},
		{"latin 1", terminal("LC_ALL", "de_DE.ISO-8859-1", "LANG", utf8), "auto", "auto", dashboard.Theme{Colour: dashboard.Colours16, Symbols: dashboard.ASCII}},
		{"ctype first", terminal("LC_CTYPE", "C.utf8", "LANG", "C"), "auto", "auto", dashboard.Theme{Colour: dashboard.Colours16}},
		{"wide symbols", terminal("LANG", "ja_JP.UTF-8", "RUNEWIDTH_EASTASIAN", "1"), "auto", "auto", dashboard.Theme{Colour: dashboard.Colours16, Symbols: dashboard.ASCII}},
		{"console", terminal("LANG", utf8, "TERM", "linux"), "auto", "auto", dashboard.Theme{Colour: dashboard.Colours16, Symbols: dashboard.Block}},
		{"asked for", terminal("LANG", "C"), "auto", "braille", dashboard.Theme{Colour: dashboard.Colours16}},
	} {
		if got, err := c.terminal.Theme(c.colour, c.symbols); err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
	if _, err := terminal().Theme("auto", "emoji"); err == nil {
		t.Error("emoji are symbols")
	}
}
