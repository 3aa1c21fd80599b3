package dashboard

import (
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/floodmark/floodmark/report"
)

// shown returns the endpoints in the order in which the frame has them.
func (d *desk) shown() []string {
	var out []string
	for line := range strings.SplitSeq(d.View(), "\n") {
		for i := range d.snapshot.Endpoints {
			if strings.Contains(line, d.snapshot.Endpoints[i].Name) {
				out = append(out, d.snapshot.Endpoints[i].Name)
			}
		}
	}
	return out
}

func TestSort(t *testing.T) {
	const cart, products, checkout = "GET /cart", "GET /products", "POST /checkout"
	d := newDesk()
	d.snapshot.Endpoints[1].Numbers.Second.Failed = 50
	d.snapshot.Endpoints[2].Numbers.Second.P50, d.snapshot.Endpoints[0].Numbers.Second.P95 = 0.1, 1
	d.press("y y") // draw
	for _, want := range [][]string{
		{checkout, products, cart}, // by rate: failed ones count, too
		{cart, products, checkout}, // by name
		{checkout, cart, products}, // by p50, then by name
		{cart, products, checkout}, // by p95
		{cart, products, checkout}, // by p99
		{products, cart, checkout}, // by errors
		{checkout, products, cart}, // by rate again
	} {
		if got := d.shown(); !slices.Equal(got, want) {
			t.Errorf("by %s: got %q, want %q", d.view.sort, got, want)
		}
		d.press("o")
	}
}

// Rows do not change places with each second's numbers while they are in their first
// order.
func TestRowsKeepTheirPlaces(t *testing.T) {
	d := newDesk()
	for i, n := range []int64{300, 100, 200} {
		d.snapshot.Endpoints[i].Numbers.Run.Succeeded = n
	}
	d.press("y y")
	want := d.shown()
	d.snapshot.Endpoints[1].Numbers.Second.Succeeded = 1e6
	d.press("y y")
	if got := d.shown(); !slices.Equal(got, want) || got[0] != d.snapshot.Endpoints[0].Name {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A receiver that is down takes one line, however often it is tried.
func TestRepeatedEventsAreCounted(t *testing.T) {
	d := newDesk()
	note := func(at float64, kind, text string) {
		d.snapshot.Events = append(d.snapshot.Events, report.Event{At: at, Kind: kind, Text: text})
	}
	note(1, report.EventDelivery, "chat: retry connection refused")
	note(2, report.EventMarker, "deployed v2")
	note(3, report.EventDelivery, "chat: retry connection refused")
	note(4, report.EventDelivery, "pager: retry HTTP 429")
	note(5, report.EventMarker, "deployed v2")
	var got []string
	for _, l := range newScene(d.snapshot, view{}, Theme{}).eventLines() {
		got = append(got, l.text)
	}
	want := []string{
		"00:05 ▲ deployed v2", "00:04 NOT TOLD pager: retry HTTP 429", "00:03 NOT TOLD chat: retry connection refused ×2", "00:02 ▲ deployed v2",
	}
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// That nobody is told is said wherever there is a line of news.
func TestMutedIsSaid(t *testing.T) {
	d := newDesk()
	d.snapshot.Pace.Muted = d.snapshot.At + 60
	for _, size := range [][2]int{{38, 8}, {60, 16}, {80, 24}, {120, 36}, {200, 50}} {
		if frame := (Theme{}).frame(d.snapshot, view{}, size[0], size[1]); !strings.Contains(frame, "muted") {
			t.Errorf("%v:\n%s", size, frame)
		}
	}
}

func TestFilter(t *testing.T) {
	d := newDesk()
	d.press("/ C")
	if got := d.shown(); len(got) != 3 {
		t.Errorf("while typing: %q", got)
	}
	d.press("A R t enter")
	if got := d.shown(); !slices.Equal(got, []string{"GET /cart"}) {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(d.View(), "/CARt") {
		t.Errorf("the title does not say that rows are left out:\n%s", d.View())
	}
	d.press("/ x enter")
	if got := d.shown(); len(got) > 0 || !strings.Contains(d.View(), "no endpoint has CARtx in its name") {
		t.Errorf("got %q\n%s", got, d.View())
	}
	d.press("esc")
	if got := d.shown(); len(got) != 3 {
		t.Errorf("after esc: %q", got)
	}
	d.press("/ x esc")
	if got := d.shown(); len(got) != 3 || d.view.filter != "" {
		t.Errorf("esc keeps the filter %q", d.view.filter)
	}
}

func TestChooseAndZoom(t *testing.T) {
	d := newDesk()
	d.press("enter")
	if d.view.zoomed {
		t.Error("nothing was chosen")
	}
	d.press("down down")
	if d.view.row != "GET /products" {
		t.Errorf("chose %q", d.view.row)
	}
	if !strings.Contains(d.View(), "▸ GET /products") {
		t.Errorf("the choice does not show:\n%s", d.View())
	}
	d.press("enter")
	for _, want := range []string{"endpoint GET /products", "last second", "last 10s", "run"} {
		if !strings.Contains(d.View(), want) {
			t.Errorf("no %q in\n%s", want, d.View())
		}
	}
	d.press("esc")
	if d.view.zoomed || d.view.row == "" {
		t.Errorf("esc: %+v", d.view)
	}
	d.press("esc down up up")
	if d.view.row != "POST /checkout" {
		t.Errorf("chose %q", d.view.row)
	}
	d.press("tab")
	if d.view.focus != ratePanel || d.view.row != "" {
		t.Errorf("tab: focus %v, row %q", d.view.focus, d.view.row)
	}
	d.press("shift+tab enter")
	if d.view.focus != endpointPanel || !d.view.zoomed {
		t.Errorf("shift+tab: %+v", d.view)
	}
	d.press("4")
	if d.view.focus != heatPanel || !d.view.zoomed || d.view.hidden[heatPanel] {
		t.Errorf("a digit in a zoom: %+v", d.view)
	}
}

// A choice stays with its endpoint when others overtake it.
func TestChoiceFollowsItsEndpoint(t *testing.T) {
	d := newDesk()
	d.press("down")
	s := running()
	s.Endpoints[0].Numbers.Second.Succeeded = 1000
	d.send(snapshotMsg{s})
	if !strings.Contains(d.View(), "▸ POST /checkout") || d.shown()[0] != "GET /cart" {
		t.Errorf("got\n%s", d.View())
	}
}

func TestHidePanels(t *testing.T) {
	for _, size := range []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 120, Height: 36}} {
		d := newDesk()
		d.send(size)
		d.sinceNews = -1000
		d.ticks(1)
		before := d.View()
		for _, digit := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			d.press(digit)
		}
		d.ticks(noticeTicks)
		if strings.Contains(d.View(), "rate ─") || strings.Contains(d.View(), "endpoints ─") {
			t.Errorf("%v: panels are still there:\n%s", size, d.View())
		}
		for _, digit := range []string{"8", "7", "6", "5", "4", "3", "2", "1"} {
			d.press(digit)
		}
		d.ticks(noticeTicks)
		if d.View() != before {
			t.Errorf("%v: got\n%s\nwant\n%s", size, d.View(), before)
		}
	}
}

func TestWindows(t *testing.T) {
	d := newDesk()
	d.snapshot.Numbers.Ten = report.Numbers{Length: 10, Asked: 4210}
	d.snapshot.Numbers.Run = report.Numbers{Length: 100, Asked: 33_000}
	for _, want := range []string{"asked 500.0/s", "asked 421.0/s", "asked 330.0/s", "asked 500.0/s"} {
		d.press("y") // draw
		if !strings.Contains(d.View(), want) || !strings.Contains(d.View(), d.view.window.String()) {
			t.Errorf("no %q and %q in\n%s", want, d.view.window, d.View())
		}
		d.press("w")
	}
}

func TestPalettesTakeTurns(t *testing.T) {
	d := newDesk()
	d.theme.Colour = TrueColour
	var frames []string
	for range 4 {
		d.press("c")
		d.ticks(noticeTicks)
		frames = append(frames, d.View())
	}
	if frames[0] == frames[1] || frames[1] == frames[2] || frames[0] != frames[3] {
		t.Error("the palettes do not take turns")
	}
}

// However often a window is dragged about, it is drawn with the next tick only.
func TestStormOfSizes(t *testing.T) {
	d := newDesk()
	before := d.View()
	for i := range 1000 {
		next, cmd := d.Update(tea.WindowSizeMsg{Width: 20 + i%200, Height: 5 + i%60})
		d.Model = next.(Model)
		if cmd != nil || d.View() != before {
			t.Fatalf("size %d was drawn at once", i)
		}
	}
	d.ticks(1)
	if d.View() == before {
		t.Error("the last size is not drawn")
	}
}

// Nothing is drawn when nothing has changed.
func TestQuietTicks(t *testing.T) {
	d := newDesk()
	d.screen.frame = "kept"
	d.ticks(3)
	if d.View() != "kept" {
		t.Error("a tick draws a frame that has not changed")
	}
}
