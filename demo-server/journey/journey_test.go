package journey_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/journey"
	"github.com/floodmark/floodmark/demo-server/topology"
	"github.com/floodmark/floodmark/profiles"
)

// All of the road takes ten minutes at most, and no stage more than 40 seconds.
func TestTheTimeThereIs(t *testing.T) {
	t.Parallel()
	var sum, quick time.Duration
	for _, stage := range journey.Stages() {
		lasts := stage.Lasts(false)
		if lasts > 40*time.Second {
			t.Errorf("%s takes %v", stage.Name, lasts)
		}
		if stage.Lasts(true) > lasts {
			t.Errorf("%s takes %v when it is to be quick, and %v else", stage.Name, stage.Lasts(true), lasts)
		}
		sum += lasts
		quick += stage.Lasts(true)
	}
	if sum > 10*time.Minute {
		t.Errorf("all takes %v", sum)
	}
	if quick > sum*3/4 { // much of the road is about things that happen at a time
		t.Errorf("to be quick takes %v of %v", quick, sum)
	}
}

// Everything that stages say is said right.
func TestStagesAreWhole(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, stage := range journey.Stages() {
		if names[stage.Name] {
			t.Errorf("two stages %s", stage.Name)
		}
		names[stage.Name] = true
		for what, text := range map[string]string{"title": stage.Title, "change": stage.Changes, "lesson": stage.Lesson} {
			if text == "" {
				t.Errorf("%s has no %s", stage.Name, what)
			}
		}
		cases := map[string]bool{}
		for _, c := range stage.Cases {
			if c.Name == "" || c.Changes == "" || cases[c.Name] {
				t.Errorf("%s: case %q of changes %q: want a name of its own, and what changes", stage.Name, c.Name, c.Changes)
			}
			cases[c.Name] = true
			if (c.Local == nil) == (c.Topology.YAML == "") {
				t.Errorf("%s: %s: want either a topology or something local", stage.Name, c.Name)
			}
			if c.Local == nil {
				if _, err := topology.Parse(stage.Name+"/"+c.Name, []byte(c.Topology.YAML), topology.Options{Set: c.Topology.Set}); err != nil {
					t.Errorf("%s: %s: %v", stage.Name, c.Name, err)
				}
			}
			if c.Search != nil {
				parse(t, stage.Name+"/"+c.Name, c.Search.Profile, c.Search.Warmup+c.Search.Lasts, c.Search.High)
			}
			for _, load := range c.Loads {
				profile := parse(t, stage.Name+"/"+c.Name+"/"+load.Name, load.Profile, load.Warmup+load.Lasts, load.Rate)
				for _, act := range load.Acts {
					if act.At >= load.Warmup+load.Lasts {
						t.Errorf("%s: %s comes after the load", c.Name, act.Name)
					}
				}
				if len(load.Acts) > 0 && !load.Fixed {
					t.Errorf("%s: %s: something happens at a time, but the load is not fixed", stage.Name, c.Name)
				}
				if profile != nil && profile.Load.Drain > load.Drain && profile.Load.Drain > time.Second {
					t.Errorf("%s: drains for %v, and the budget has %v", c.Name, profile.Load.Drain, load.Drain)
				}
			}
		}
	}
}

// parse checks a profile, and that it lasts as long as its budget says.
func parse(t *testing.T, name, text string, lasts time.Duration, rate float64) *profiles.Profile {
	t.Helper()
	p, err := profiles.Parse(name, []byte(text), profiles.Options{Lookup: func(variable string) (string, bool) {
		switch variable {
		case "BASE_URL":
			return "http://127.0.0.1:1", true
		case "RATE":
			return "100/s", rate > 0
		case "WARMUP", "DRAIN":
			return "1s", true
		case "DURATION":
			return (lasts - time.Second).String(), true
		}
		return "", false
	}})
	if err == nil {
		err = p.Validate()
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
		return nil
	}
	if got := p.Load.Schedule(p.Seed).Duration(); got != lasts && strings.Contains(text, "DURATION") && lasts > time.Second || !strings.Contains(text, "DURATION") && got != lasts {
		t.Errorf("%s lasts %v, its budget has %v", name, got, lasts)
	}
	return p
}

func TestPick(t *testing.T) {
	t.Parallel()
	all := journey.Stages()
	for words, want := range map[string]string{
		"04b": "04b", "4": "04a 04b 04c 04d 04e 04f", "09": "09a 09b 09c", "16 07": "07 16", "1": "01-02", "01": "01-02", "2": "01-02", "02": "01-02", "01-02": "01-02", "1 2 3": "01-02 03", "12": "12",
	} {
		picked, err := journey.Pick(all, strings.Fields(words))
		var names []string
		for _, stage := range picked {
			names = append(names, stage.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", words, got, err, want)
		}
	}
	if _, err := journey.Pick(all, []string{"04z"}); err == nil || !strings.Contains(err.Error(), "04a, 04b") {
		t.Errorf("got %v, want the stages there are", err)
	}
	if picked, err := journey.Pick(all, nil); err != nil || len(picked) != len(all) {
		t.Errorf("got %d stages, %v, want all", len(picked), err)
	}
}

// walk goes through some stages on a bench where nothing has to be waited for but acts.
func walk(t *testing.T, ctx context.Context, bench journey.Bench, names ...string) (journey.Document, []journey.Progress) { //nolint:revive // a test's helper
	t.Helper()
	stages, err := journey.Pick(journey.Stages(), names)
	if err != nil {
		t.Fatal(err)
	}
	var told []journey.Progress
	j := journey.Journey{Bench: bench, Stages: stages, Tell: func(p journey.Progress) { told = append(told, p) }}
	return j.Run(ctx), told
}

// What the stages of queues read from the ideal is what they expect.
func TestTheIdealIsAsExpected(t *testing.T) {
	t.Parallel()
	bench := &fakeBench{lag: 100 * time.Microsecond}
	doc, told := walk(t, t.Context(), bench, "02", "04a", "04b", "04c")
	if doc.Outcome() != journey.Holds || !doc.Complete {
		t.Errorf("got %s, want all to hold", doc.Outcome())
	}
	for _, stage := range doc.Stages {
		for _, e := range stage.Expectations {
			if !e.Holds || !e.Counts {
				t.Errorf("%s: %s: %s", stage.Name, e.Text, e.Found)
			}
		}
		for _, row := range stage.Rows {
			for _, f := range row.Figures {
				if f.Theory == nil || f.Unit == journey.PerSecond && stage.Name == "04a" {
					continue
				}
				if off := f.Value / *f.Theory; off < 0.85 || off > 1.15 {
					t.Errorf("%s: %s: %s is %s, expected %g", stage.Name, row.Case, f.Name, f, *f.Theory)
				}
			}
		}
	}
	var ended, cases int
	left := told[0].Left
	for _, p := range told {
		if p.Left > left {
			t.Errorf("%s %s: %v left, and before %v", p.Stage, p.Case, p.Left, left)
		}
		left = p.Left
		if p.Ended != nil {
			ended++
		}
		if p.Case != "" {
			cases++
		}
	}
	if ended != 4 || cases != 13 || left != 0 {
		t.Errorf("told of %d ends and %d cases, at last %v left; want 4, 13, 0", ended, cases, left)
	}
	for _, back := range bench.backs {
		if !back.stopped {
			t.Errorf("%s was not stopped", back.door)
		}
	}
}

// The search ends within its accuracy of the rate that is really held.
func TestSearch(t *testing.T) {
	t.Parallel()
	doc, _ := walk(t, t.Context(), &fakeBench{}, "04a")
	for _, row := range doc.Stages[0].Rows {
		held, accuracy, theory := row.Figures[0].Value, row.Figures[1].Value, *row.Figures[0].Theory
		if held > 1.03*theory || held+accuracy < 0.97*theory {
			t.Errorf("%s: holds %.1f, give or take %.1f; want %.1f", row.Case, held, accuracy, theory)
		}
		if row.P99 > 0.150 || row.Errors >= 0.001 {
			t.Errorf("%s: p99 %.3f s, errors %.4f at the rate that is held", row.Case, row.P99, row.Errors)
		}
	}
}

// Machines that woke up late, and a generator at its limits: nothing of that counts.
func TestWhatDoesNotCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		bench *fakeBench
		want  string
	}{
		{"model lag", &fakeBench{lag: 1200 * time.Microsecond}, "web-1: model lag p99 1.2ms is 12% of 10.0ms"},
		{"generator", &fakeBench{invalid: true}, "the generator: cpu 97% of the 2 CPUs it may use"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, _ := walk(t, t.Context(), c.bench, "02")
			if got := doc.Outcome(); got != journey.Undecided {
				t.Errorf("got %s, want %s", got, journey.Undecided)
			}
			row := doc.Stages[0].Rows[0]
			if row.Counts || len(row.Why) == 0 || !strings.Contains(strings.Join(row.Why, "; "), c.want) {
				t.Errorf("counts %v, %q, want %q", row.Counts, row.Why, c.want)
			}
		})
	}
}

// A journey that is ended leaves what it has, and says that it is not all.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	runs := 0
	bench := &fakeBench{ran: func() {
		if runs++; runs > 9 { // in 03: 01-02 has four
			cancel()
		}
	}}
	stages, err := journey.Pick(journey.Stages(), []string{"02", "03", "04b"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range stages {
		stages[i].Together = false
	}
	j := journey.Journey{Bench: bench, Stages: stages}
	doc := j.Run(ctx)
	if doc.Complete || doc.Outcome() != journey.Incomplete && doc.Outcome() != journey.Fails {
		t.Errorf("complete %v, %s", doc.Complete, doc.Outcome())
	}
	if len(doc.Stages) != 3 || !doc.Stages[0].Complete || !doc.Stages[1].Complete || doc.Stages[2].Complete || doc.Stages[2].Error != "" {
		t.Errorf("got %+v, want the first two stages, and one that is incomplete", doc.Stages)
	}
}

// A backend that does not start is said, and the journey goes on.
func TestBackendThatDoesNotStart(t *testing.T) {
	t.Parallel()
	doc, _ := walk(t, t.Context(), &fakeBench{refuse: errors.New("no port left")}, "02", "06c")
	if doc.Outcome() != journey.Fails || len(doc.Stages) != 2 || !doc.Complete {
		t.Errorf("got %s, %d stages", doc.Outcome(), len(doc.Stages))
	}
	if want := "single: the backend: no port left"; !strings.Contains(doc.Stages[0].Error, want) {
		t.Errorf("got %q, want %q", doc.Stages[0].Error, want)
	}
}
