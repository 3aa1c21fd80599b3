package slo

import (
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// paused returns half a minute at 100/s, then one without load, then half of one more. The
// last second before the pause has half of it.
func paused(of time.Duration) (all []*measure.Interval) {
	for i := range 120 {
		in := second(i)
		switch {
		case i == 29:
			in = second(i, answered(0, 50, 0))
			in.Paused = of / 2
		case i >= 30 && i < 90:
			in.Paused = of
		default:
			in = second(i, answered(0, 100, 0))
		}
		all = append(all, in)
	}
	return all
}

// A pause is no time for rates, of the run and of windows.
func TestPauseIsNoTime(t *testing.T) {
	table := []measure.Series{{Endpoint: "pay"}}
	for _, tt := range []struct {
		of        time.Duration
		run, late float64
		bad       int
	}{
		{time.Second, 100, 100, 0},
		{0, 5850. / 119, 10, 1}, // without a pause, the load itself was missing
	} {
		o := Objective{Expression: mustParse(t, "rps > 90/s")}
		totals := measure.NewTotals(table, nil)
		tracker := NewTracker(o, totals)
		watcher := NewWatcher(Recorded{Series: table})
		gauge := watcher.Gauge(o, Window{Length: time.Minute}, 0)
		var late float64
		for i, in := range paused(tt.of) {
			totals.Add(in)
			tracker.Add(in)
			watcher.Add(in)
			if i == 95 {
				late = gauge.Read().Value
			}
		}
		if got := tracker.Status(); got.Observed != tt.run || len(got.Spans) != tt.bad {
			t.Errorf("paused %v a second: %v, bad in %v; want %v", tt.of, got.Observed, got.Spans, tt.run)
		}
		if late != tt.late {
			t.Errorf("paused %v a second: %v/s in the last minute, want %v", tt.of, late, tt.late)
		}
	}
}
