package dashboard

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// However long a run is planned to be, the latest intervals that fit are shown, none
// beyond the edge, and a short run fills at least half of what a long one would.
func TestTimelineFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := make([]float64, rapid.IntRange(0, 300).Draw(t, "intervals"))
		for i := range end {
			end[i] = float64(i + 1)
		}
		columns, per := rapid.IntRange(1, 200).Draw(t, "columns"), rapid.IntRange(1, 2).Draw(t, "per")
		planned := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(1, 400)).Draw(t, "planned")
		const most = 3
		line := newTimeline(end, columns, per, planned, most)
		if line.wide < 1 || line.wide > most {
			t.Fatalf("an interval takes %d places", line.wide)
		}
		n := len(line.end)
		if n > 0 && (line.column(n-1) >= columns || line.end[n-1] != end[len(end)-1]) {
			t.Errorf("the last of %d is in column %d of %d", n, line.column(n-1), columns)
		}
		if room := float64(columns * per); planned > 0 && planned < room/most && float64(line.wide)*planned < room/2 && line.wide < most {
			t.Errorf("%v s take %d places each of %v", planned, line.wide, room)
		}
		if n < len(end) && (n+1)*line.wide <= columns*per {
			t.Errorf("%d are left out, though there is room", len(end)-n)
		}
	})
}

// Labels of a scale are within it and keep a line between each other.
func TestTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := chart{log: rapid.Bool().Draw(t, "log"), high: nice(rapid.Float64Range(0.001, 1e6).Draw(t, "high"))}
		if c.log {
			c.low = c.high / rapid.Float64Range(1.1, 1e6).Draw(t, "range")
		}
		lines := rapid.IntRange(2, 40).Draw(t, "lines")
		before := lines
		ticks := c.ticks(lines)
		if len(ticks) < 2 {
			t.Fatalf("got %v", ticks)
		}
		for _, v := range ticks {
			row := c.row(v, lines)
			if v < c.low*0.999 || v > c.high*1.001 || row >= before {
				t.Errorf("%v in line %d of %v, from %v to %v", v, row, ticks, c.low, c.high)
			}
			before = row
		}
	})
}

func TestTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		chart chart
		lines int
		want  []string
	}{
		{chart{high: 600}, 27, []string{"0s", "100s", "200s", "300s", "400s", "500s", "600s"}},
		{chart{high: 150}, 9, []string{"0s", "50s", "100s", "150s"}},
		{chart{high: 600}, 3, []string{"0s", "600s"}},
		{chart{log: true, low: 0.004, high: 0.5}, 8, []string{"10ms", "30ms", "100ms", "300ms"}},
		{chart{log: true, low: 0.004, high: 0.5}, 20, []string{"5ms", "10ms", "20ms", "50ms", "100ms", "200ms", "500ms"}},
		{chart{log: true, low: 0.011, high: 0.019}, 8, []string{"11ms", "19ms"}},
	} {
		var got []string
		for _, v := range c.chart.ticks(c.lines) {
			if v == 0 {
				got = append(got, "0s")
				continue
			}
			got = append(got, bound(v))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v in %d lines: got %q, want %q", c.chart, c.lines, got, c.want)
		}
	}
}
