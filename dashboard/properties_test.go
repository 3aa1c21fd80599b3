package dashboard

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/report"
)

// drawText makes names, hostile ones among them.
func drawText(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"", "GET /api", "漢字カタカナ", "\x1b[2J\x1b[31mred", "a\nb\tc\r", "\x1b]0;title\x07", "👩‍👩‍👧‍👦 family", "e\u0301\u0301", "\u202eright to left",
			"\u200b\u200b", "🇩🇪🇫🇷", strings.Repeat("x", 400), strings.Repeat("漢", 90), "bad\xff\xfeutf", "\u009b31m", "\u0600arabic",
		}),
	).Draw(t, label)
}

func drawNumber(t *rapid.T, label string) float64 {
	return rapid.OneOf(rapid.SampledFrom([]float64{0, -1, 1e-9, 0.01, 1, 1e12, 1e300, -1e300}), rapid.Float64()).Draw(t, label)
}

func drawNumbers(t *rapid.T) report.Numbers {
	n := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, 1, 1000}))
	return report.Numbers{
		Length: drawNumber(t, "length"), Asked: n.Draw(t, "asked"), Unsent: n.Draw(t, "unsent"), Succeeded: n.Draw(t, "succeeded"),
		Failed: n.Draw(t, "failed"), P50: drawNumber(t, "p50"), P99: drawNumber(t, "p99"), Max: drawNumber(t, "max"),
	}
}

func drawWindows3(t *rapid.T) report.Windows[report.Numbers] {
	return report.Windows[report.Numbers]{Second: drawNumbers(t), Ten: drawNumbers(t), Run: drawNumbers(t)}
}

// drawHistory makes a history, whose lists need not be equally long: it may come from
// another version of this program.
func drawHistory(t *rapid.T) report.History {
	list := func(label string) (out []float64) {
		for range rapid.IntRange(0, 40).Draw(t, label) {
			out = append(out, drawNumber(t, label))
		}
		return out
	}
	h := report.History{
		End: list("end"), Asked: list("asked"), Sent: list("sent"), Completed: list("completed"), Failed: list("failed"),
		P50: list("p50"), P95: list("p95"), P99: list("p99"), Bounds: list("bounds"),
	}
	for range rapid.IntRange(0, 40).Draw(t, "classes") {
		h.Classes = append(h.Classes, rapid.SliceOfN(rapid.Int64Range(-5, 1000), 0, 20).Draw(t, "class"))
	}
	return h
}

func drawSnapshot(t *rapid.T) *report.Snapshot {
	s := &report.Snapshot{
		Sequence: rapid.IntRange(0, 3).Draw(t, "sequence"), Name: drawText(t, "name"), Target: drawText(t, "target"),
		At: drawNumber(t, "at"), Planned: drawNumber(t, "planned"), Stage: rapid.IntRange(-2, 4).Draw(t, "stage"),
		Phase:   rapid.SampledFrom([]report.Phase{"", report.Running, report.Paused, report.Draining, report.Finished}).Draw(t, "phase"),
		Verdict: report.Verdict(drawText(t, "verdict")), Numbers: drawWindows3(t), InFlight: rapid.Int64().Draw(t, "in flight"), History: drawHistory(t),
		Generator: report.GeneratorView{Valid: rapid.Bool().Draw(t, "valid"), Words: drawText(t, "words"), CPURatio: drawNumber(t, "cpu"), CPUs: drawNumber(t, "cpus")},
		Open:      rapid.Bool().Draw(t, "open"),
	}
	some := func(label string, add func()) {
		for range rapid.IntRange(0, 5).Draw(t, label) {
			add()
		}
	}
	some("stages", func() {
		s.Stages = append(s.Stages, report.StageView{Name: drawText(t, "stage"), Does: drawText(t, "does"), Start: drawNumber(t, "start"), End: drawNumber(t, "end")})
	})
	some("slos", func() {
		v := report.SLOView{
			Expression: drawText(t, "expression"), Verdict: rapid.SampledFrom([]string{"met", "missed", "inconclusive", "new"}).Draw(t, "verdict"),
			HasData: rapid.Bool().Draw(t, "data"), Observed: drawNumber(t, "observed"), Limit: drawNumber(t, "limit"), Note: drawText(t, "note"),
			Unit: rapid.SampledFrom([]string{"ratio", "seconds", "per_second", ""}).Draw(t, "unit"), Latency: drawNumber(t, "latency"),
		}
		if rapid.Bool().Draw(t, "budget") {
			v.Left, v.Burn = new(drawNumber(t, "left")), new(drawNumber(t, "burn"))
		}
		s.SLOs = append(s.SLOs, v)
	})
	some("failures", func() {
		s.Failures = append(s.Failures, report.FailureView{Label: drawText(t, "label"), Count: report.Windows[int64]{Second: 1}, Endpoint: drawText(t, "endpoint"), Sample: drawText(t, "sample")})
	})
	some("alerts", func() {
		s.Alerts = append(s.Alerts, report.AlertView{
			Name: drawText(t, "alert"), State: rapid.SampledFrom([]string{"firing", "pending", "recovering", "inactive", "?"}).Draw(t, "state"),
			Value: drawNumber(t, "value"), Told: []report.ToldView{{Receiver: drawText(t, "receiver"), Outcome: drawText(t, "outcome")}},
		})
	})
	some("endpoints", func() {
		s.Endpoints = append(s.Endpoints, report.EndpointView{
			Name: drawText(t, "endpoint"), Numbers: drawWindows3(t), P99: []float64{drawNumber(t, "p99"), 1},
			Heat: []report.Heat{report.Heat(drawText(t, "heat")), "012345"}, Failure: drawText(t, "failure"), Sample: drawText(t, "sample"),
		})
	})
	some("events", func() {
		s.Events = append(s.Events, report.Event{At: drawNumber(t, "at"), Kind: rapid.SampledFrom([]string{"firing", "marker", "note", "delivery", "resolved"}).Draw(t, "kind"), Text: drawText(t, "text")})
	})
	s.Warnings = []string{drawText(t, "warning")}
	return s
}

func drawView(t *rapid.T, s *report.Snapshot) view {
	v := view{
		window: window(rapid.IntRange(0, 2).Draw(t, "window")), sort: column(rapid.IntRange(0, 5).Draw(t, "sort")),
		focus: panel(rapid.IntRange(0, 8).Draw(t, "focus")), zoomed: rapid.Bool().Draw(t, "zoomed"), help: rapid.IntRange(0, 5).Draw(t, "help") == 0,
		scroll: rapid.IntRange(0, 300).Draw(t, "scroll"), ask: drawText(t, "ask"), typed: drawText(t, "typed"), notice: drawText(t, "notice"),
	}
	for p := range v.hidden {
		v.hidden[p] = rapid.IntRange(0, 4).Draw(t, "hidden") == 0
	}
	if len(s.Endpoints) > 0 && rapid.Bool().Draw(t, "chosen") {
		v.row = s.Endpoints[0].Name
	}
	return v
}

// Whatever a run is like, whatever its names are and however small the terminal, a frame
// has no line that is too wide, no line too many, and no control character but those of
// its colours.
func TestFramesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSnapshot(t)
		width, height := rapid.IntRange(-1, 220).Draw(t, "width"), rapid.IntRange(-1, 60).Draw(t, "height")
		theme := Theme{
			Palette: Palette(rapid.IntRange(0, 2).Draw(t, "palette")), Colour: Colour(rapid.IntRange(0, 3).Draw(t, "colour")),
			Symbols: Symbols(rapid.IntRange(0, 2).Draw(t, "symbols")), Masked: rapid.Bool().Draw(t, "masked"),
		}
		frame := theme.frame(s, drawView(t, s), width, height)
		if err := fits(frame, width, height, theme); err != nil {
			t.Errorf("%dx%d: %v\n%q", width, height, err, frame)
		}
	})
}

// fits says what is wrong with a frame.
func fits(frame string, width, height int, theme Theme) error {
	lines := strings.Split(frame, "\n")
	if len(lines) > max(height, 1) {
		return fmt.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if theme.Colour == Plain && strings.Contains(line, "\x1b") {
			return fmt.Errorf("an escape sequence in %q", line)
		}
		text := ansi.Strip(line)
		if w := ansi.StringWidth(text); w > max(width, 0) {
			return fmt.Errorf("%d columns in %q", w, line)
		}
		for _, r := range text {
			if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
				return fmt.Errorf("%U in %q", r, line)
			}
			if theme.Symbols == ASCII && r >= 0x80 {
				return fmt.Errorf("%q is not ASCII in %q", r, line)
			}
		}
		for rest := line; ; { // nothing but colours
			_, after, found := strings.Cut(rest, "\x1b")
			if !found {
				break
			}
			if end := strings.IndexFunc(after, func(r rune) bool { return !strings.ContainsRune("[0123456789;", r) }); end < 0 || after[end] != 'm' {
				return fmt.Errorf("an escape sequence other than a colour in %q", line)
			}
			rest = after
		}
	}
	return nil
}

// What is kept of panels is what would be drawn anew.
func TestKeptPanelsAreNotStale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		snapshots := []*report.Snapshot{drawSnapshot(t), drawSnapshot(t)}
		kept := &plates{}
		for range 4 {
			s := rapid.SampledFrom(snapshots).Draw(t, "which")
			view := drawView(t, s)
			theme := Theme{Masked: rapid.Bool().Draw(t, "masked")}
			size := rapid.SampledFrom([][2]int{{120, 36}, {121, 36}, {200, 50}}).Draw(t, "size")
			got := draw(newScene(s, view, theme), size[0], size[1], kept).text(theme.inks(), theme.Symbols)
			if want := theme.frame(s, view, size[0], size[1]); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		}
	})
}

// No keys, in whatever order, make a dashboard fail or draw what does not fit.
func TestAnyKeys(t *testing.T) {
	all := strings.Fields("q p s m r w o c y a / ? 1 2 3 4 5 6 7 8 n x esc enter tab shift+tab up down left right shift+left backspace space ctrl+z")
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk()
		d.snapshot = drawSnapshot(t)
		for _, k := range rapid.SliceOfN(rapid.SampledFrom(all), 1, 60).Draw(t, "keys") {
			d.press(k)
			if rapid.IntRange(0, 9).Draw(t, "resize") == 0 {
				d.send(tea.WindowSizeMsg{Width: rapid.IntRange(0, 130).Draw(t, "width"), Height: rapid.IntRange(0, 40).Draw(t, "height")})
				d.ticks(1)
			}
			if d.resized {
				continue
			}
			if err := fits(d.View(), d.width, d.height, d.theme); err != nil {
				t.Fatalf("%s at %dx%d: %v", k, d.width, d.height, err)
			}
		}
	})
}
