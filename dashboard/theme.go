package dashboard

import (
	"fmt"
	"strings"
)

// A Theme says how a frame looks. It is plain data; the zero value is the default
// palette without any colour, in Unicode.
type Theme struct {
	Palette Palette
	Colour  Colour
	Symbols Symbols
	Masked  bool // hides where the target is, for pictures that others see
}

// A Palette is a choice of colours. No palette is needed to read a frame: states are
// words and signs, density is a glyph.
type Palette uint8

// The palettes.
const (
	Default     Palette = iota
	ColourBlind         // told apart with every kind of colour vision
	Mono                // bold, faint and reverse only
	palettes
)

// String returns the palette's name.
func (p Palette) String() string {
	switch p {
	case Default:
		return "default"
	case ColourBlind:
		return "colour-blind"
	case Mono, palettes:
	}
	return "mono"
}

// A Colour is how many colours a terminal has.
type Colour uint8

// What terminals can do. Plain is no escape sequence at all.
const (
	Plain Colour = iota
	Colours16
	Colours256
	TrueColour
)

// Symbols are the characters that a terminal's font has.
type Symbols uint8

// The kinds of symbols. Braille has everything, Block no braille, and ASCII nothing
// else than ASCII.
const (
	Braille Symbols = iota
	Block
	ASCII
)

// ParseSymbols is for the flag --symbols: braille, block or ascii.
func ParseSymbols(text string) (Symbols, error) {
	for i, name := range []string{"braille", "block", "ascii"} {
		if text == name {
			return Symbols(i), nil //nolint:gosec // 0 to 2
		}
	}
	return Braille, fmt.Errorf("%q: not braille, block or ascii", text)
}

// plainChar writes one of the characters that frames are drawn with in ASCII, or a
// question mark for each column of any other.
func plainChar(r rune) string {
	const pairs = "─-━=│|‖|┌+┐+└+┘+┼+┿+┄~" + // frames
		"·.░:▒+▓#█@▁_▂.▃-▄=▅+▆*▇#" + // densities and bars
		"✓+✗x…~→>←<↑^↓v▲^▼v▸>●*○o" +
		"×x±+–-−-•*µu≤<≥>"
	known := []rune(pairs)
	for i := 0; i < len(known); i += 2 {
		if known[i] == r {
			return string(known[i+1])
		}
	}
	return strings.Repeat("?", max(columns(string(r)), 1))
}
