package dashboard_test

import (
	"testing"

	"github.com/floodmark/floodmark/dashboard"
)

// A frame of which everything is drawn anew.
func benchmarkFrame(b *testing.B, width, height int) {
	b.Helper()
	s := after(b, 300)
	theme := dashboard.Theme{Colour: dashboard.TrueColour}
	b.ReportAllocs()
	for b.Loop() {
		if dashboard.Render(s, width, height, theme) == "" {
			b.Fatal("no frame")
		}
	}
}

func BenchmarkFrame80x24(b *testing.B)  { benchmarkFrame(b, 80, 24) }
func BenchmarkFrame200x50(b *testing.B) { benchmarkFrame(b, 200, 50) }
