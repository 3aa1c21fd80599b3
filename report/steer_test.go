package report_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/report"
)

// steered is a run of a minute that was paused for ten seconds of its warm-up and twenty
// of the rest, and whose rate was changed for all of that.
func steered(*testing.T) *scene {
	s := warmed(nil)
	s.reset()
	load := func(series, rate int, from, to time.Duration) {
		for at := from; at < to; at += second {
			s.requests(series, rate, at)
			s.cut(at + second)
		}
	}
	load(0, 100, 0, 5*second)
	s.cut(15 * second)
	load(0, 100, 15*second, 20*second)
	load(1, 100, 20*second, 30*second)
	s.cut(50 * second)
	load(1, 150, 50*second, 90*second)
	s.ending.Elapsed, s.ending.Paced = 90*second+200*time.Millisecond, 90*second
	s.ending.Steered = []report.Steer{
		{At: 5, By: "keyboard", What: report.SteerPause, Stage: "warm", Position: 5, Paused: true, Factor: 1, Before: 100, Level: 100},
		{At: 15, By: "keyboard", What: report.SteerResume, Stage: "warm", Position: 5, Factor: 1, Before: 100, Level: 100},
		{At: 30, By: "ctl", What: report.SteerPause, Stage: "steady", Position: 20, Paused: true, Factor: 1, Before: 100, Level: 100},
		{At: 49, By: "ctl", What: report.SteerLevel, Stage: "steady", Position: 20, Paused: true, Factor: 1.5, Before: 100, Level: 150},
		{At: 50, By: "keyboard", What: report.SteerResume, Stage: "steady", Position: 20, Factor: 1.5, Before: 150, Level: 150},
	}
	return s
}

// allowed is the same run, where nobody minds.
func allowed(t *testing.T) *scene {
	t.Helper()
	s := steered(t)
	s.ending.Interactive = true
	s.judged(t, "success >= 95%", met("ratio", 1, 0.95))
	return s
}

// missedByHand had an objective that was missed, and more changes than the text shows.
func missedByHand(t *testing.T) *scene {
	t.Helper()
	s := steered(t)
	for range 10 {
		s.ending.Steered = append(s.ending.Steered, report.Steer{
			At: 60, By: "keyboard", What: report.SteerLevel, Stage: "steady", Position: 30, Factor: 1, Before: 150, Level: 100,
		})
	}
	s.ending.Steered = append(s.ending.Steered, report.Steer{
		At: 90, By: "a\x1b[2Jvery-\nhostile hand", What: report.SteerSkip, Stage: "ste\x00ady", Position: 60, Factor: 1, Before: 100,
	})
	s.judged(t, "p50 < 5ms", missed("seconds", 0.0097, 0.005))
	return s
}

func TestSteeredTimes(t *testing.T) {
	got := steered(t).summary()
	if got.Loaded != 50*second || got.Elapsed != 50*second+200*time.Millisecond {
		t.Errorf("loaded %v of %v, want 50s of 50.2s", got.Loaded, got.Elapsed)
	}
	if !got.Generator.Valid || got.Generator.SentRatio != 1 {
		t.Errorf("the generator was at fault: %v", got.Generator.Reasons)
	}
	if got.Run.Planned != time.Minute {
		t.Errorf("planned %v: what was asked has changed", got.Run.Planned)
	}
}

func TestSteeredStages(t *testing.T) {
	s := time.Second
	run := report.Run{Stages: []report.Stage{
		{Name: "a", End: 10 * s}, {Name: "jump", Start: 10 * s, End: 10 * s}, {Name: "b", Start: 10 * s, End: 30 * s}, {Name: "c", Start: 30 * s, End: 60 * s},
	}}
	pause := func(at, position float64) report.Steer { return report.Steer{At: at, Position: position, Paused: true} }
	on := func(at, position float64) report.Steer { return report.Steer{At: at, Position: position} }
	for _, tt := range []struct {
		name   string
		steers []report.Steer
		until  time.Duration
		ends   []time.Duration
		paused []time.Duration
	}{
		{"as planned", nil, 60 * s, []time.Duration{10 * s, 10 * s, 30 * s, 60 * s}, []time.Duration{0, 0, 0, 0}},
		{"paused", []report.Steer{pause(5, 5), on(8, 5)}, 60 * s, []time.Duration{13 * s, 13 * s, 33 * s, 63 * s}, []time.Duration{3 * s, 0, 0, 0}},
		{"still paused", []report.Steer{pause(15, 15)}, 40 * s, []time.Duration{10 * s, 10 * s, 55 * s, 85 * s}, []time.Duration{0, 0, 25 * s, 0}},
		{"at an edge", []report.Steer{pause(10, 10), on(11, 10)}, 60 * s, []time.Duration{10 * s, 10 * s, 31 * s, 61 * s}, []time.Duration{0, 0, s, 0}},
		{"skipped", []report.Steer{on(4, 10)}, 60 * s, []time.Duration{4 * s, 4 * s, 24 * s, 54 * s}, []time.Duration{0, 0, 0, 0}},
		{"skipped in a pause", []report.Steer{pause(2, 2), pause(4, 10), on(7, 10)}, 60 * s, []time.Duration{4 * s, 4 * s, 27 * s, 57 * s}, []time.Duration{2 * s, 0, 3 * s, 0}},
		{"skipped to the end", []report.Steer{on(4, 10), on(5, 30), on(6, 60)}, 6 * s, []time.Duration{4 * s, 4 * s, 5 * s, 6 * s}, []time.Duration{0, 0, 0, 0}},
		{"seen early", []report.Steer{pause(5, 5), on(8, 5)}, 6 * s, []time.Duration{11 * s, 11 * s, 31 * s, 61 * s}, []time.Duration{s, 0, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(run.Stages)
			got := run.Steered(tt.steers, tt.until)
			start := time.Duration(0)
			for i, stage := range got {
				if stage.Start != start || stage.End != tt.ends[i] || stage.Paused != tt.paused[i] {
					t.Errorf("%s: %v to %v, paused %v; want %v to %v, paused %v", stage.Name, stage.Start, stage.End, stage.Paused, start, tt.ends[i], tt.paused[i])
				}
				start = stage.End
			}
			if !slices.Equal(run.Stages, before) {
				t.Error("the run's own stages have changed")
			}
		})
	}
}

// A plan that is only paused takes as much longer as the pauses, whenever they are.
func TestPausesLengthenTheirStages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var run report.Run
		end := time.Duration(0)
		for range rapid.IntRange(1, 5).Draw(t, "stages") {
			start := end
			end += time.Duration(rapid.IntRange(0, 20).Draw(t, "length")) * second
			run.Stages = append(run.Stages, report.Stage{Start: start, End: end})
		}
		at, position, total := 0, 0, 0
		var steers []report.Steer
		for range rapid.IntRange(0, 8).Draw(t, "pauses") {
			walked, paused := rapid.IntRange(0, 20).Draw(t, "walked"), rapid.IntRange(0, 9).Draw(t, "paused")
			if position+walked >= int(end/second) {
				break
			}
			at, position = at+walked, position+walked
			steers = append(steers, report.Steer{At: float64(at), Position: float64(position), Paused: true})
			at, total = at+paused, total+paused
			steers = append(steers, report.Steer{At: float64(at), Position: float64(position)})
		}
		var paused, start time.Duration
		for i, got := range run.Steered(steers, time.Hour) {
			planned := run.Stages[i].End - run.Stages[i].Start
			if got.Start != start || got.End-got.Start != planned+got.Paused {
				t.Fatalf("stage %d is %+v, after %v, planned for %v", i, got, start, planned)
			}
			start, paused = got.End, paused+got.Paused
		}
		if want := time.Duration(total) * second; paused != want || start != end+want {
			t.Fatalf("paused for %v until %v, want %v until %v", paused, start, want, end+want)
		}
	})
}
