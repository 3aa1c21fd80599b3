package alert

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// condition reads a condition.
func condition(tb testing.TB, text string) slo.Condition {
	tb.Helper()
	c, err := slo.ParseCondition(text)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// dip is the founding example: 95 % is the aim, and below 80 % people hear of it.
func dip(tb testing.TB) *Rule {
	tb.Helper()
	return &Rule{
		SLO: "availability", Name: "dip", MinEvents: 50, KeepFiring: 10 * time.Second,
		When: condition(tb, "success < 80% over 10s"), Resolve: condition(tb, "success >= 90% over 10s"),
	}
}

// seconds adds seconds to a board, as many as asked for, in each of which series
// answered 100 requests with so many failures, -1 meaning that nobody asked.
func seconds(b *Board, from, n int, failed ...int64) []Transition {
	var out []Transition
	for i := from; i < from+n; i++ {
		in := &measure.Interval{Index: i, Start: time.Duration(i) * time.Second, End: time.Duration(i+1) * time.Second}
		for series, bad := range failed {
			if bad >= 0 {
				tally := &measure.Tally{Counts: measure.Counts{Planned: 100, Succeeded: 100 - bad, Failed: bad}}
				in.Series = append(in.Series, measure.SeriesInterval{Series: series, Tally: tally})
			}
		}
		out = append(out, b.Add(in)...)
	}
	return out
}

// told writes transitions for comparison.
func told(all []Transition) string {
	var out []string
	for _, t := range all {
		line := fmt.Sprintf("%v %s", t.At, t.Rule.ID())
		for _, l := range t.Labels {
			line += fmt.Sprintf(" %s=%s", l.Name, l.Value)
		}
		least := ""
		if t.Least {
			least = " or more"
		}
		out = append(out, fmt.Sprintf("%s %s→%s %s value %.2f%s worst %.2f of %d began %v", line, t.From, t.To, t.Why, t.Value, least, t.Worst, t.Events, t.Began))
	}
	return strings.Join(out, "\n")
}

// wantTold compares transitions with lines.
func wantTold(t *testing.T, got []Transition, want ...string) {
	t.Helper()
	if got := told(got); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// A fall from 97 to 60 % is below 80 % in a window of ten seconds after five; back at
// 97 %, the window is above 90 % when no more than one of its seconds is bad.
func TestDip(t *testing.T) {
	b := NewBoard([]*Rule{dip(t)}, slo.Recorded{Series: []measure.Series{{Endpoint: "a"}}}, nil)
	got := slices.Concat(seconds(b, 0, 20, 3), seconds(b, 20, 20, 40), seconds(b, 40, 40, 3))
	wantTold(t, got,
		"25s availability/dip inactive→firing breach value 0.79 worst 0.79 of 1000 began 25s",
		"49s availability/dip firing→recovering clear value 0.93 worst 0.60 of 1000 began 25s",
		"59s availability/dip recovering→inactive clear value 0.97 worst 0.60 of 1000 began 25s",
	)
	if again := slices.Concat(seconds(b, 80, 40, 6), b.End(120*time.Second)); len(again) > 0 {
		t.Errorf("at 94 %%: got %s, want nothing", told(again))
	}
}

func TestAlertsByLabel(t *testing.T) {
	table := []measure.Series{
		{Endpoint: "cart", Stage: "ramp", Warmup: true},
		{Endpoint: "pay", Stage: "steady"},
		{Endpoint: "cart", Stage: "steady"},
		{Endpoint: "home", Stage: "steady", Method: "HEAD"},
	}
	r := dip(t)
	r.By = []string{"endpoint"}
	r.Select = []slo.Matcher{{Label: "method", Op: "!=", Value: "HEAD"}}
	b := NewBoard([]*Rule{r}, slo.Recorded{Series: table}, nil)
	got := slices.Concat(seconds(b, 0, 1, 100, 100, 0, 100), seconds(b, 1, 1, -1, 0, 100, 100), b.End(2*time.Second))
	wantTold(t, got,
		"1s availability/dip endpoint=pay inactive→firing breach value 0.00 worst 0.00 of 100 began 1s",
		"2s availability/dip endpoint=cart inactive→firing breach value 0.50 worst 0.50 of 200 began 2s",
		"2s availability/dip endpoint=cart firing→inactive run_ended value 0.50 worst 0.50 of 200 began 2s",
		"2s availability/dip endpoint=pay firing→inactive run_ended value 0.50 worst 0.00 of 200 began 1s",
	)
}

// Outside the stages that it is about an alert is silent, and what fires ends with
// the stage. The drain belongs to the last one.
func TestAlertsDuringAStage(t *testing.T) {
	table := []measure.Series{{Stage: "one"}, {Stage: "two (2)"}, {Stage: "three"}}
	stages := []Stage{{Name: "one", End: 10 * time.Second}, {Name: "two (2)", End: 20 * time.Second}, {Name: "three", End: 30 * time.Second}}
	r := dip(t)
	r.During = []string{"two (2)"}
	last := dip(t)
	last.Name, last.During = "last", []string{"three"}
	b := NewBoard([]*Rule{r, last}, slo.Recorded{Series: table}, stages)
	got := slices.Concat(seconds(b, 0, 10, 100), seconds(b, 10, 10, -1, 100), seconds(b, 20, 10, -1, 10, 100), seconds(b, 30, 3, -1, -1, 100), b.End(33*time.Second))
	wantTold(t, got,
		"11s availability/dip inactive→firing breach value 0.00 worst 0.00 of 100 began 11s",
		"21s availability/dip firing→inactive stage_ended value 0.09 worst 0.00 of 1000 began 11s",
		"21s availability/last inactive→firing breach value 0.00 worst 0.00 of 100 began 21s",
		"33s availability/last firing→inactive run_ended value 0.00 worst 0.00 of 1000 began 21s",
	)
}

// Both windows of a burn rate must be bad, and each needs its requests.
func TestBurnRateOfTwoWindows(t *testing.T) {
	r := &Rule{
		SLO: "availability", Name: "burn", MinEvents: 200, Target: 0.99,
		When: condition(t, "burn > 6 over 10s and 2s"), Resolve: condition(t, "burn <= 3 over 2s"),
	}
	b := NewBoard([]*Rule{r}, slo.Recorded{Series: []measure.Series{{}}}, nil)
	got := slices.Concat(seconds(b, 0, 1, 5), seconds(b, 1, 10, 0), seconds(b, 11, 1, 50), seconds(b, 12, 2, 20), seconds(b, 14, 3, 0))
	wantTold(t, got,
		"13s availability/burn inactive→firing breach value 7.00 worst 7.00 of 1000 began 13s",
		"16s availability/burn firing→inactive clear value 9.00 worst 9.00 of 1000 began 13s",
	)
}

func TestRuleAboutNothing(t *testing.T) {
	r := dip(t)
	r.Select = []slo.Matcher{{Label: "endpoint", Op: "=", Value: "none"}}
	b := NewBoard([]*Rule{r}, slo.Recorded{Series: []measure.Series{{Endpoint: "a"}}}, nil)
	if got := seconds(b, 0, 20, 100); len(got) > 0 || len(b.alerts) > 0 {
		t.Errorf("got %d alerts and %s, want none", len(b.alerts), told(got))
	}
}

// A run in which nothing works is given up after ten seconds, and one that is as good as
// promised never; of an endpoint alone, when that endpoint fails.
func TestBoardGivesUp(t *testing.T) {
	table := []measure.Series{{Endpoint: "a"}, {Endpoint: "b"}}
	r := dip(t)
	r.Abort, r.By = true, []string{"endpoint"}
	b := NewBoard([]*Rule{r}, slo.Recorded{Series: table}, nil)
	seconds(b, 0, 30, 3, 4)
	if b.Lost() != "" {
		t.Errorf("a good run is lost: %s", b.Lost())
	}
	seconds(b, 30, 9, 3, 100)
	if b.Lost() != "" {
		t.Errorf("too early: %s", b.Lost())
	}
	seconds(b, 39, 1, 3, 100)
	if want := "availability/dip: all requests of the latest 10.0s were bad, 1 000 of them"; b.Lost() != want {
		t.Errorf("got %q, want %q", b.Lost(), want)
	}
}

// A run that is given up before its condition holds is told all the same, and how it ends
// says why.
func TestAbortIsTold(t *testing.T) {
	r := dip(t)
	r.Abort, r.Test = true, Sequential{Good: 0.05, Bad: 0.2, Alpha: 0.01, Beta: 0.05}
	b := NewBoard([]*Rule{r}, slo.Recorded{Series: []measure.Series{{Endpoint: "a"}}}, nil)
	got := seconds(b, 0, 9, 19) // above 80 %, and far from 95 %: but a young run proves little
	if len(got) > 0 || b.Lost() != "" {
		t.Errorf("got %s and %q in a young run", told(got), b.Lost())
	}
	got = slices.Concat(seconds(b, 9, 1, 19), b.End(10*time.Second))
	wantTold(t, got,
		"10s availability/dip inactive→firing aborted value 0.81 worst 0.81 of 1000 began 10s",
		"10s availability/dip firing→inactive aborted value 0.81 worst 0.81 of 1000 began 10s")
	if !strings.HasPrefix(b.Lost(), "availability/dip: 19.0% of 1 000 requests were bad where 5.00% may be") {
		t.Errorf("got %q", b.Lost())
	}
}

// A warm-up has no requests that count, and that is no silence.
func TestWarmupIsNoSilence(t *testing.T) {
	r := dip(t)
	r.NoData = BreachData
	stages := []Stage{{Name: "warm", End: 30 * time.Second, Warmup: true}, {Name: "main", End: time.Minute}}
	b := NewBoard([]*Rule{r}, slo.Recorded{Series: []measure.Series{{Stage: "warm", Warmup: true}, {Stage: "main"}}}, stages)
	got := slices.Concat(seconds(b, 0, 30, 5), seconds(b, 30, 5, -1, 3), seconds(b, 35, 20, -1, -1))
	if len(got) != 1 || got[0].At < 45*time.Second || got[0].Why != Silent {
		t.Errorf("got %s, want the silence after 35 s alone", told(got))
	}
}

// A pause has no requests either, and moves the stages that come after it.
func TestPauseIsNoSilence(t *testing.T) {
	r := dip(t)
	r.NoData, r.During = BreachData, []string{"main"}
	stages := []Stage{{Name: "main", End: 30 * time.Second}, {Name: "after", End: time.Minute}}
	recorded := slo.Recorded{Series: []measure.Series{{Stage: "main"}, {Stage: "after"}}}
	for _, pauses := range []bool{true, false} {
		b := NewBoard([]*Rule{r}, recorded, stages)
		got := seconds(b, 0, 10, 5, -1)
		if pauses {
			b.Move([]Stage{{Name: "main", End: 80 * time.Second}, {Name: "after", End: 110 * time.Second}})
			for i := 10; i < 40; i++ {
				got = append(got, b.Add(&measure.Interval{Index: i, Start: time.Duration(i) * time.Second, End: time.Duration(i+1) * time.Second, Paused: time.Second})...)
			}
		} else {
			got = append(got, seconds(b, 10, 30, -1, -1)...)
		}
		got = append(got, seconds(b, 40, 5, 5, -1)...)
		if want := !pauses; (len(got) > 0) != want {
			t.Errorf("paused %t: got %s", pauses, told(got))
		}
		// In its own stage, which the pause has moved, silence still means something.
		if got = seconds(b, 45, 30, -1, -1); pauses && len(got) == 0 {
			t.Error("silent after the pause: got nothing")
		}
	}
}

// held adds seconds without load to a board: those of a pause, or of a warm-up.
func held(b *Board, from, n int) []Transition {
	var out []Transition
	for i := from; i < from+n; i++ {
		out = append(out, b.Add(&measure.Interval{Index: i, Start: time.Duration(i) * time.Second, End: time.Duration(i+1) * time.Second, Paused: time.Second})...)
	}
	return out
}

// The time of a pause is none in which a breach, a recovery or a silence has lasted.
func TestPauseIsNoTime(t *testing.T) {
	recorded := slo.Recorded{Series: []measure.Series{{}}}
	rule := func(edit func(*Rule)) []*Rule {
		r := dip(t)
		r.When, r.Resolve = condition(t, "success < 80% over 2s"), condition(t, "success >= 90% over 2s")
		edit(r)
		return []*Rule{r}
	}
	t.Run("pending", func(t *testing.T) {
		b := NewBoard(rule(func(r *Rule) { r.For = 20 * time.Second }), recorded, nil)
		got := slices.Concat(seconds(b, 0, 5, 50), held(b, 5, 60), seconds(b, 65, 17, 50))
		wantTold(t, got,
			"1s availability/dip inactive→pending breach value 0.50 worst 0.50 of 100 began 1s",
			"1m21s availability/dip pending→firing breach value 0.50 worst 0.50 of 200 began 1s",
		)
	})
	t.Run("recovering", func(t *testing.T) {
		b := NewBoard(rule(func(*Rule) {}), recorded, nil)
		got := slices.Concat(seconds(b, 0, 5, 50), seconds(b, 5, 5, 0), held(b, 10, 60), seconds(b, 70, 8, 0))
		wantTold(t, got,
			"1s availability/dip inactive→firing breach value 0.50 worst 0.50 of 100 began 1s",
			"7s availability/dip firing→recovering clear value 1.00 worst 0.50 of 200 began 1s",
			"1m17s availability/dip recovering→inactive clear value 1.00 worst 0.50 of 200 began 1s",
		)
	})
	t.Run("silent", func(t *testing.T) {
		b := NewBoard(rule(func(r *Rule) { r.NoData = BreachData }), recorded, nil)
		if got := slices.Concat(seconds(b, 0, 5, 0), held(b, 5, 60), seconds(b, 65, 2, -1), seconds(b, 67, 1, 0)); len(got) > 0 {
			t.Errorf("got %s, want nothing", told(got))
		}
	})
}

// A run from which a stage was skipped has a smaller budget; one that was paused has not.
func TestBudgetOfARunThatWasChanged(t *testing.T) {
	r := &Rule{
		SLO: "availability", Name: "spent", Target: 0.9, Planned: 200 * time.Second,
		When: condition(t, "budget_used > 49.9% over run"), Resolve: condition(t, "budget_used <= 50% over run"),
	}
	plan := []Stage{{Name: "warm", End: 10 * time.Second, Warmup: true}, {Name: "one", End: 110 * time.Second}, {Name: "two", End: 210 * time.Second}}
	for _, tt := range []struct {
		name  string
		moved []Stage
		fires time.Duration
	}{
		{"as planned", plan, 110 * time.Second},
		{"paused", []Stage{plan[0], {Name: "one", End: 140 * time.Second, Paused: 30 * time.Second}, {Name: "two", End: 240 * time.Second}}, 110 * time.Second},
		{"skipped", []Stage{plan[0], {Name: "one", End: 20 * time.Second}, {Name: "two", End: 120 * time.Second}}, 65 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := NewBoard([]*Rule{r}, slo.Recorded{Series: []measure.Series{{}}}, plan)
			got := seconds(b, 10, 5, 10)
			b.Move(tt.moved)
			got = append(got, seconds(b, 15, 195, 10)...)
			if len(got) == 0 || got[0].At != tt.fires {
				t.Errorf("got %s, want it to fire at %v", told(got), tt.fires)
			}
		})
	}
}
