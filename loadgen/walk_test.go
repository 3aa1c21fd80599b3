package loadgen

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// The steps after the first are due when the one before is done, after its pause.
func TestOpenWalksAllSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{
			delay: always(100 * time.Millisecond),
			fails: func(sent time.Duration) bool { return sent == 0 },
		}
		stages := []Stage{{"ramp", time.Second, true}, {"steady", 3 * time.Second, false}}
		g := setUp(t, target, mixOf(t, get(t, "list"), think(time.Second, time.Second), get(t, "show"), get(t, "buy"), think(0, time.Hour)), stages...)
		middle := make(chan measure.Counts, 1)
		time.AfterFunc(500*time.Millisecond, func() { middle <- total(g).Counts })
		g.RunOpen(t.Context(), nil, slices.Values([]time.Duration{0, 5 * time.Second}))
		want := []time.Duration{0, 1100 * time.Millisecond, 1200 * time.Millisecond, 5 * time.Second, 6100 * time.Millisecond, 6200 * time.Millisecond}
		if !slices.Equal(target.sent, want) {
			t.Errorf("sent at %v, want %v", target.sent, want)
		}
		wantCounts(t, <-middle, measure.Counts{Planned: 1, Failed: 1})
		after := totals(g)
		wantCounts(t, after.Select(nil).Counts, measure.Counts{Planned: 5, Succeeded: 5})
		if got := after.Select(nil).Lag.Max(); got != 0 {
			t.Errorf("lag up to %v, want none", got)
		}
		steady := after.Select(func(s measure.Series) bool { return s.Stage == "steady" && !s.Warmup })
		wantCounts(t, steady.Counts, measure.Counts{Planned: 5, Succeeded: 5})
		list := after.Select(func(s measure.Series) bool { return s.Endpoint == "list" && s.Method == "GET" })
		wantCounts(t, list.Counts, measure.Counts{Planned: 1, Succeeded: 1})
	})
}

// A pause before the first request makes that due later, in its own stage.
func TestOpenBeginsWithPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(0)}
		stages := []Stage{{"ramp", time.Second, true}, {"steady", 2 * time.Second, false}}
		g := setUp(t, target, mixOf(t, think(700*time.Millisecond, 700*time.Millisecond), get(t, "a")), stages...)
		g.RunOpen(t.Context(), nil, every(500*time.Millisecond, 2))
		if want := []time.Duration{700 * time.Millisecond, 1200 * time.Millisecond}; !slices.Equal(target.sent, want) {
			t.Errorf("sent at %v, want %v", target.sent, want)
		}
		all := totals(g)
		for _, stage := range []string{"ramp", "steady"} {
			got := all.Select(func(s measure.Series) bool { return s.Stage == stage })
			wantCounts(t, got.Counts, measure.Counts{Planned: 1, Succeeded: 1})
		}
		if got := all.Select(nil).Lag.Max(); got != 0 {
			t.Errorf("lag up to %v, want none", got)
		}
	})
}

// The same seed walks the same scenarios with the same pauses.
func TestOpenFollowsFromSeed(t *testing.T) {
	run := func(seed uint64) (sent []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			target := &fakeTarget{delay: always(time.Millisecond)}
			mix, err := targets.NewMix([]targets.Scenario{
				{Name: "a", Weight: 1, Steps: []targets.Step{get(t, "a"), think(0, time.Second), get(t, "b")}},
				{Name: "b", Weight: 1, Steps: []targets.Step{think(0, time.Second), get(t, "c")}},
			})
			if err != nil {
				t.Fatal(err)
			}
			g := setUp(t, target, mix)
			g.Seed = seed
			g.RunOpen(t.Context(), nil, every(time.Second, 50))
			sent = slices.Sorted(slices.Values(target.sent))
		})
		return sent
	}
	first := run(1)
	if again := run(1); !slices.Equal(first, again) {
		t.Errorf("seed 1 sent at %v, then at %v", first, again)
	}
	if other := run(2); slices.Equal(first, other) {
		t.Errorf("seeds 1 and 2 both sent at %v", other)
	}
}

func TestSuccessRuleDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: func(sent time.Duration) time.Duration { return sent }}
		g := setUp(t, target, mixOf(t, get(t, "a")))
		g.Success.MaxLatency = 3 * time.Second
		g.RunOpen(t.Context(), nil, every(time.Second, 10))
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 10, Succeeded: 4, Failed: 6})
	})
}

func TestStageOfIntendedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stages := []Stage{{"one", time.Second, false}, {"none", time.Second, false}, {"two", 2 * time.Second, false}}
		g := setUp(t, &fakeTarget{delay: always(time.Hour)}, mixOf(t, get(t, "a")), stages...)
		g.Drain = 2 * time.Hour
		g.RunOpen(t.Context(), nil, slices.Values([]time.Duration{0, time.Second - 1, time.Second, 2 * time.Second, time.Minute}))
		all := totals(g)
		for stage, want := range map[string]int64{"one": 2, "none": 0, "two": 3} {
			if got := all.Select(func(s measure.Series) bool { return s.Stage == stage }).Planned; got != want {
				t.Errorf("stage %s: %d planned, want %d", stage, got, want)
			}
		}
	})
}

// Requests of one scenario that share a name are counted together, in any order.
func TestSameNamesAreOneSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := setUp(t, &fakeTarget{}, mixOf(t, get(t, "a"), get(t, "b"), get(t, "a"), get(t, "b"), get(t, "a")))
		g.RunOpen(t.Context(), nil, every(time.Second, 10))
		sums := totals(g)
		for name, want := range map[string]int64{"a": 30, "b": 20} {
			got := sums.Select(func(s measure.Series) bool { return s.Endpoint == name })
			wantCounts(t, got.Counts, measure.Counts{Planned: want, Succeeded: want})
		}
	})
}
