package dashboard

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// However texts lie over each other, a line stays as wide as it is: half of a wide
// character is never left.
func TestTextsOverEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const width, height = 12, 3
		c := newCells(width, height)
		part := c.whole().part(rapid.IntRange(-2, 4).Draw(t, "x"), 0, rapid.IntRange(0, 14).Draw(t, "w"), height)
		for range rapid.IntRange(1, 8).Draw(t, "texts") {
			text := rapid.SampledFrom([]string{"漢字漢字漢字漢字", "abc", "e\u0301x", "👩‍👩‍👧‍👦", "", "x漢y字z"}).Draw(t, "text")
			a := c.whole()
			if rapid.Bool().Draw(t, "part") {
				a = part
			}
			a.put(rapid.IntRange(-3, width+2).Draw(t, "x"), rapid.IntRange(-1, height).Draw(t, "y"), ink(rapid.IntRange(0, 3).Draw(t, "ink")), text)
			a.set(rapid.IntRange(-1, width).Draw(t, "x"), rapid.IntRange(-1, height).Draw(t, "y"), plain, '█')
		}
		for i := range c.all { // so that ends show
			if c.all[i].char == ' ' || c.all[i].char == 0 && !c.all[i].tail {
				c.all[i].char = '.'
			}
		}
		for line := range strings.SplitSeq(c.text(Theme{}.inks(), Braille), "\n") {
			if got := ansi.StringWidth(line); got != width {
				t.Errorf("%d columns in %q", got, line)
			}
		}
	})
}

func TestFit(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{fit("floodmark", 9), "floodmark"},
		{fit("floodmark", 6), "flood…"},
		{fit("漢字漢字", 5), "漢字…"},
		{fit("floodmark", 0), ""},
		{fitMiddle("/api/v1/products/details", 13), "/api/v…etails"},
		{fitMiddle("short", 13), "short"},
		{fitMiddle("floodmark", 3), "fl…"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Every symbol that frames are drawn with has an ASCII form of one column.
func TestPlainChars(t *testing.T) {
	for _, r := range "─━│‖┌┐└┘┼┿┄·░▒▓█▁▂▃▄▅▆▇✓✗…→←↑↓▲▼▸●○×±–•µ≤" {
		if got := plainChar(r); len(got) != 1 || got == "?" {
			t.Errorf("%c is %q", r, got)
		}
	}
	if got := plainChar('漢'); got != "??" {
		t.Errorf("got %q", got)
	}
}
