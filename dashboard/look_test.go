package dashboard_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/floodmark/floodmark/dashboard"
)

func TestLook(t *testing.T) {
	s := after(t, 135)
	var w, h int
	fmt.Sscanf(os.Getenv("LOOK"), "%dx%d", &w, &h)
	theme := dashboard.Theme{}
	if os.Getenv("COL") != "" {
		theme.Colour = dashboard.TrueColour
		fmt.Sscan(os.Getenv("COL"), &theme.Palette)
	}
	fmt.Sscan(os.Getenv("SYM"), &theme.Symbols)
	os.WriteFile("/tmp/dash-look.txt", []byte(dashboard.Render(s, w, h, theme)), 0o644)
}
