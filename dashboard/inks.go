package dashboard

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// An ink is what a piece of text means. How that looks is for the palette to say.
type ink uint8

const (
	plain  ink = iota // text
	faint             // what is there to find one's way: frames, axes, hints
	strong            // numbers that matter
	title             // names of panels
	keycap            // keys that can be pressed
	good
	warn
	bad
	asked     // the rate that is asked for
	sent      // the rate that is sent
	completed // the rate that comes back
	median    // percentiles
	upper
	top
	cool // classes of response times, from quick to beyond the limit
	mild
	warm
	hot
	burning
	chosen // a row or panel that keys are about
	badge  // the state of the run
	alarm  // the same, when it is bad
	marked // what people have marked
	inkCount
)

// inks are the escape sequences of a theme: what begins each ink, and what ends any.
type inks struct {
	on  [inkCount]string
	off string
	bar [inkCount]bool // it shows on spaces
}

// A dye is how an ink looks: colours as #rrggbb, empty for the terminal's own.
type dye struct {
	colour, ground       string
	bold, faint, reverse bool
}

// inks returns the sequences of a theme. The styles are lipgloss's, which knows what
// each kind of terminal understands; they are rendered once and not for each cell.
func (t Theme) inks() *inks {
	out := &inks{}
	if t.Colour == Plain {
		return out
	}
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(t.Colour.profile()) // else it asks the environment
	for i, d := range t.Palette.dyes() {
		style := renderer.NewStyle().Bold(d.bold).Faint(d.faint).Reverse(d.reverse)
		if d.colour != "" {
			style = style.Foreground(lipgloss.Color(d.colour))
		}
		if d.ground != "" {
			style = style.Background(lipgloss.Color(d.ground))
		}
		before, after, _ := strings.Cut(style.Render("x"), "x")
		out.on[i], out.bar[i] = before, d.reverse || d.ground != ""
		if after != "" {
			out.off = after
		}
	}
	return out
}

// profile returns the name of the same at termenv.
func (c Colour) profile() termenv.Profile {
	switch c {
	case Colours16:
		return termenv.ANSI
	case Colours256:
		return termenv.ANSI256
	case TrueColour:
		return termenv.TrueColor
	case Plain:
	}
	return termenv.Ascii
}

// paints reports whether an ink shows on spaces.
func (s *inks) paints(i ink) bool { return s.bar[i] }

// change writes what goes from one ink to another.
func (s *inks) change(b *strings.Builder, from, to ink) {
	if from == to {
		return
	}
	if s.on[from] != "" {
		b.WriteString(s.off)
	}
	b.WriteString(s.on[to])
}

// dyes returns the palette, by ink. Colours are of middle lightness, to be read on
// black and on white, and such that the nearest of 256 and of 16 colours means the same.
func (p Palette) dyes() [inkCount]dye {
	switch p {
	case ColourBlind: // Okabe and Ito, and cividis for the classes
		return [inkCount]dye{
			faint: {colour: "#808791"}, strong: {bold: true}, title: {colour: "#56b4e9", bold: true}, keycap: {colour: "#e69f00", bold: true},
			good: {colour: "#3d9bdc"}, warn: {colour: "#e69f00"}, bad: {colour: "#d55e00", bold: true},
			asked: {colour: "#808791"}, sent: {colour: "#56b4e9"}, completed: {colour: "#e69f00"},
			median: {colour: "#56b4e9"}, upper: {colour: "#e69f00"}, top: {colour: "#cc79a7"},
			cool: {colour: "#3a62a8"}, mild: {colour: "#6d84a8"}, warm: {colour: "#a59c74"}, hot: {colour: "#d5bd4f"}, burning: {colour: "#fee838"},
			chosen: {reverse: true}, badge: {colour: "#ffffff", ground: "#0072b2", bold: true},
			alarm: {colour: "#000000", ground: "#e69f00", bold: true}, marked: {colour: "#cc79a7", bold: true},
		}
	case Mono, palettes:
		return [inkCount]dye{
			faint: {faint: true}, strong: {bold: true}, title: {bold: true}, keycap: {bold: true},
			bad: {bold: true}, warn: {bold: true}, asked: {faint: true},
			median: {faint: true}, top: {bold: true}, hot: {bold: true}, burning: {bold: true},
			chosen: {reverse: true}, badge: {reverse: true}, alarm: {reverse: true, bold: true}, marked: {bold: true},
		}
	case Default:
	}
	return [inkCount]dye{
		faint: {colour: "#7d8590"}, strong: {bold: true}, title: {colour: "#58a6d8", bold: true}, keycap: {colour: "#58a6d8", bold: true},
		good: {colour: "#3fa75a"}, warn: {colour: "#d0a51e"}, bad: {colour: "#e5534b", bold: true},
		asked: {colour: "#7d8590"}, sent: {colour: "#58a6d8"}, completed: {colour: "#3fa75a"},
		median: {colour: "#3fa75a"}, upper: {colour: "#d0a51e"}, top: {colour: "#e5534b"},
		cool: {colour: "#3fa75a"}, mild: {colour: "#8fae3c"}, warm: {colour: "#d0a51e"}, hot: {colour: "#e07b39"}, burning: {colour: "#e5534b"},
		chosen: {reverse: true}, badge: {colour: "#ffffff", ground: "#2b7a42", bold: true},
		alarm: {colour: "#ffffff", ground: "#b3261e", bold: true}, marked: {colour: "#b07fd8", bold: true},
	}
}
