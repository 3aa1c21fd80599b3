package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// The colours of a terminal that has not been told any.
const (
	paper = "#101418"
	pen   = "#d6dbe1"
)

// A look is how characters look.
type look struct {
	colour, ground string // "" for the terminal's own
	bold, faint    bool
	reverse        bool
}

// A glyph is a character at a place.
type glyph struct {
	text   string
	x, y   int
	column int // how many columns it takes
	look   look
}

// A screen is what stands where.
type screen struct {
	glyphs        []glyph
	width, height int
}

// parse reads text with escape sequences; those that are not about looks are left out.
func parse(text string) screen {
	var s screen
	var now look // of all that follows, on other lines too
	for y, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		x := 0
		for line != "" {
			sequence, wide, n, _ := ansi.DecodeSequence(line, ansi.NormalState, nil)
			if n == 0 {
				break
			}
			line = line[n:]
			if wide == 0 {
				if codes, ok := strings.CutPrefix(sequence, "\x1b["); ok && strings.HasSuffix(codes, "m") {
					now.apply(strings.Split(strings.TrimSuffix(codes, "m"), ";"))
				}
				continue
			}
			s.glyphs = append(s.glyphs, glyph{sequence, x, y, wide, now})
			x += wide
		}
		s.width, s.height = max(s.width, x), y+1
	}
	return s
}

// apply takes the numbers of an SGR sequence.
func (l *look) apply(codes []string) {
	for i := 0; i < len(codes); i++ {
		code, _ := strconv.Atoi(codes[i]) // an empty one is 0
		switch {
		case code == 0:
			*l = look{}
		case code == 1:
			l.bold = true
		case code == 2:
			l.faint = true
		case code == 7:
			l.reverse = true
		case code == 22:
			l.bold, l.faint = false, false
		case code == 27:
			l.reverse = false
		case code == 39:
			l.colour = ""
		case code == 49:
			l.ground = ""
		case code == 38, code == 48:
			colour, used := extended(codes[i+1:])
			if code == 38 {
				l.colour = colour
			} else {
				l.ground = colour
			}
			i += used
		case code >= 30 && code < 38:
			l.colour = indexed(code - 30)
		case code >= 90 && code < 98:
			l.colour = indexed(code - 90 + 8)
		case code >= 40 && code < 48:
			l.ground = indexed(code - 40)
		}
	}
}

// extended reads a colour of 256 or of 16 million, and how many numbers it took.
func extended(codes []string) (colour string, used int) {
	n := make([]int, 4)
	for i := range min(len(codes), len(n)) {
		n[i], _ = strconv.Atoi(codes[i])
	}
	switch n[0] {
	case 5:
		return indexed(n[1]), 2
	case 2:
		return fmt.Sprintf("#%02x%02x%02x", n[1]&255, n[2]&255, n[3]&255), 4
	}
	return "", 0
}

// indexed returns one of the 256 colours: 16 named ones, a cube of 6 a side, and greys.
func indexed(i int) string {
	named := []string{
		"#20252b", "#e5534b", "#3fa75a", "#d09a1e", "#4a8fd0", "#b07fd8", "#3aa6a6", "#c4cad1",
		"#6b737d", "#f2766f", "#5cc678", "#e6b73c", "#6db0f0", "#caa0ee", "#5cc8c8", "#ffffff",
	}
	switch {
	case i < 0 || i > 255:
		return ""
	case i < 16:
		return named[i]
	case i >= 232:
		grey := 8 + 10*(i-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
	side := []int{0, 95, 135, 175, 215, 255}
	i -= 16
	return fmt.Sprintf("#%02x%02x%02x", side[i/36], side[i/6%6], side[i%6])
}
