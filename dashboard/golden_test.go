package dashboard_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/floodmark/floodmark/dashboard"
	"github.com/floodmark/floodmark/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sizes are those that the layouts are made for, the smallest of each kind among them.
var sizes = []struct{ width, height int }{{38, 8}, {60, 16}, {80, 24}, {120, 36}, {200, 50}}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// The frames of each size in each palette. Those in mono hold no escape sequences, so
// that they can be read as they stand.
func TestGoldenFrames(t *testing.T) {
	s := after(t, 135)
	for _, size := range sizes {
		for _, theme := range []dashboard.Theme{
			{Palette: dashboard.Default, Colour: dashboard.TrueColour},
			{Palette: dashboard.ColourBlind, Colour: dashboard.Colours256},
			{Palette: dashboard.Mono},
		} {
			name := fmt.Sprintf("%dx%d_%s.txt", size.width, size.height, theme.Palette)
			t.Run(name, func(t *testing.T) {
				golden(t, name, dashboard.Render(s, size.width, size.height, theme)+"\n")
			})
		}
	}
}

// What else a frame can look like.
func TestGoldenStates(t *testing.T) {
	s := after(t, 100) // while the alert fires
	ascii := dashboard.Theme{Palette: dashboard.Mono, Symbols: dashboard.ASCII}
	golden(t, "firing_80x24.txt", dashboard.Render(s, 80, 24, dashboard.Theme{})+"\n")
	golden(t, "firing_ascii_80x24.txt", dashboard.Render(s, 80, 24, ascii)+"\n")
	golden(t, "firing_ascii_120x36.txt", dashboard.Render(s, 120, 36, ascii)+"\n")
	golden(t, "firing_block_120x36.txt", dashboard.Render(s, 120, 36, dashboard.Theme{Symbols: dashboard.Block})+"\n")
	golden(t, "nothing_80x24.txt", dashboard.Render(nil, 80, 24, dashboard.Theme{})+"\n")
	golden(t, "begun_120x36.txt", dashboard.Render(after(t, 1), 120, 36, dashboard.Theme{})+"\n")
}

// What people have done to a run is seen in all sizes, and how it has ended.
func TestGoldenSteered(t *testing.T) {
	for name, change := range map[string]func(*report.Snapshot){
		"steered": func(s *report.Snapshot) { s.Pace.Now, s.Pace.ByHand = 650, true },
		"users":   func(s *report.Snapshot) { s.Open, s.Pace.Now = false, 24 },
		"paused":  func(s *report.Snapshot) { s.Phase = report.Paused },
		"muted":   func(s *report.Snapshot) { s.Pace.Muted = 400 },
		"finished": func(s *report.Snapshot) {
			s.Phase, s.Verdict, s.Reason, s.Stage, s.At = report.Finished, report.Fail, "1 of 3 objectives missed", -1, s.Planned
		},
	} {
		s := after(t, 100)
		change(s)
		for _, size := range sizes[1:4] {
			golden(t, fmt.Sprintf("%s_%dx%d.txt", name, size.width, size.height), dashboard.Render(s, size.width, size.height, dashboard.Theme{})+"\n")
		}
	}
}

// A run that is planned to be short fills its charts.
func TestGoldenShort(t *testing.T) {
	s := after(t, 20)
	s.Planned = 30
	golden(t, "short_80x24.txt", dashboard.Render(s, 80, 24, dashboard.Theme{})+"\n")
	golden(t, "short_120x36.txt", dashboard.Render(s, 120, 36, dashboard.Theme{})+"\n")
	golden(t, "short_block_120x36.txt", dashboard.Render(s, 120, 36, dashboard.Theme{Symbols: dashboard.Block})+"\n")
}

// What zooming shows.
func TestGoldenZooms(t *testing.T) {
	s := after(t, 100)
	for _, panel := range []int{1, 2, 3, 6, 7} {
		golden(t, fmt.Sprintf("zoom%d_120x36.txt", panel), dashboard.Zoomed(s, 120, 36, panel, "")+"\n")
	}
	golden(t, "zoom_endpoint_80x24.txt", dashboard.Zoomed(s, 80, 24, 8, "POST /api/cart")+"\n")
	golden(t, "zoom_endpoint_120x36.txt", dashboard.Zoomed(s, 120, 36, 8, "POST /api/cart")+"\n")
}

// The whole of a frame's meaning is there without colour: a palette adds escape
// sequences and nothing else.
func TestPalettesSayTheSame(t *testing.T) {
	s := after(t, 135)
	for _, size := range sizes {
		want := trimmed(dashboard.Render(s, size.width, size.height, dashboard.Theme{}))
		for _, palette := range []dashboard.Palette{dashboard.Default, dashboard.ColourBlind} {
			theme := dashboard.Theme{Palette: palette, Colour: dashboard.TrueColour}
			if got := trimmed(ansi.Strip(dashboard.Render(s, size.width, size.height, theme))); got != want {
				t.Errorf("%dx%d %s: got\n%s\nwant\n%s", size.width, size.height, palette, got, want)
			}
		}
	}
}

func trimmed(frame string) string {
	lines := strings.Split(frame, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func TestASCIIIsASCII(t *testing.T) {
	s := after(t, 135)
	for _, size := range sizes {
		frame := dashboard.Render(s, size.width, size.height, dashboard.Theme{Symbols: dashboard.ASCII})
		for _, r := range frame {
			if r >= 0x80 {
				t.Fatalf("%dx%d holds %q", size.width, size.height, r)
			}
		}
		if strings.Contains(frame, "?") && strings.Count(frame, "?") > 1 { // the key of help
			t.Errorf("%dx%d has symbols without an ASCII form:\n%s", size.width, size.height, frame)
		}
	}
}

func TestMaskHidesTheTarget(t *testing.T) {
	s := after(t, 135)
	s.Events = append(s.Events, report.Event{At: 135, Kind: report.EventWarning, Text: "dial tcp shop.example:8080: refused"})
	for _, size := range sizes {
		frame := dashboard.Render(s, size.width, size.height, dashboard.Theme{Masked: true})
		for _, secret := range []string{"shop.example", "upstream timed out", "pager"} {
			if strings.Contains(frame, secret) {
				t.Errorf("%dx%d shows %q:\n%s", size.width, size.height, secret, frame)
			}
		}
	}
}

// The first thing that people need to know is there in one line.
func TestOneLine(t *testing.T) {
	for width, want := range map[int]string{
		70: "● RUNNING slo ✗2/3 p99 72.3ms 500.0/s err 0.20% 02:15",
		40: "● RUNNING slo ✗2/3 p99 72.3ms 500.0/s",
		9:  "● RUNNING",
		5:  "● RU…",
		0:  "",
	} {
		if got := dashboard.Render(after(t, 135), width, 1, dashboard.Theme{}); got != want {
			t.Errorf("%d columns: got %q, want %q", width, got, want)
		}
	}
}

func TestRunThatEnded(t *testing.T) {
	s := after(t, 135)
	s.Phase, s.Verdict = report.Finished, report.Fail
	if got := dashboard.Render(s, 80, 24, dashboard.Theme{}); !strings.Contains(got, "✗ FAIL  02:15") {
		t.Errorf("got\n%s", got)
	}
}
