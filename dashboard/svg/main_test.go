package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	s := parse("\x1b[1;38;2;255;0;16mab\n漢\x1b[0m\x1b[7;48;5;196mc\x1b[27;49;32md\n")
	want := []glyph{
		{"a", 0, 0, 1, look{colour: "#ff0010", bold: true}},
		{"b", 1, 0, 1, look{colour: "#ff0010", bold: true}},
		{"漢", 0, 1, 2, look{colour: "#ff0010", bold: true}}, // what was said holds on the next line
		{"c", 2, 1, 1, look{ground: "#ff0000", reverse: true}},
		{"d", 3, 1, 1, look{colour: "#3fa75a"}},
	}
	if len(s.glyphs) != len(want) || s.width != 4 || s.height != 2 {
		t.Fatalf("got %+v", s)
	}
	for i := range want {
		if s.glyphs[i] != want[i] {
			t.Errorf("got %+v, want %+v", s.glyphs[i], want[i])
		}
	}
}

// Whatever a terminal shows, the picture is XML.
func TestPictureIsXML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"\x1b[31m", "\x1b[38;5;", "\x1b[38;2;1;2;3m", "\x1b[0m", "<&>", "█▓▒░", "⠓⣿", "┌─┐", "\n",
		}))).Draw(t, "text"), "")
		var b strings.Builder
		if err := convert(&b, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(b.String()))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %q of %q", err, b.String(), text)
			}
		}
	})
}

// Blocks beside each other are one shape, so that there is no gap between them.
func TestBlocksAreShapes(t *testing.T) {
	var b strings.Builder
	if err := convert(&b, strings.NewReader("x███")); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "<rect"); n != 2 || strings.Contains(b.String(), "█") { // the paper, and the blocks
		t.Errorf("%d rectangles in %s", n, b.String())
	}
}
