package runs

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// someRules are rules that are soon broken by what intervals makes up.
func someRules(tb testing.TB) (rules []*alert.Rule) {
	tb.Helper()
	for _, texts := range [][2]string{
		{"success < 80% over 2s", "success >= 90% over 2s"},
		{"under(300ms) < 80% over 1s", "under(300ms) >= 90% over 1s"},
		{"p50 > 300ms over 2s", "p50 <= 200ms over 1s"},
		{"burn > 3 over run", "burn <= 2 over run"},
	} {
		r := &alert.Rule{SLO: "availability", Name: texts[0], Target: 0.9, By: []string{"endpoint"}}
		for i, c := range []*slo.Condition{&r.When, &r.Resolve} {
			var err error
			if *c, err = slo.ParseCondition(texts[i]); err != nil {
				tb.Fatal(err)
			}
		}
		rules = append(rules, r)
	}
	return rules
}

// A run's alerts go through the same states again when they follow its files, though
// some of what decided them had not ended.
func TestAlertsFromFilesAreTheSame(t *testing.T) {
	run, rules := testRun(t, "checkout"), someRules(t)
	overdue := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		j := mustCreate(t, t.TempDir(), run)
		live := alert.NewBoard(rules, run.Recorded(), nil)
		var want, got []report.Change
		note := func(to *[]report.Change, all []alert.Transition) {
			for _, t := range all {
				*to = append(*to, report.ChangeOf(t))
			}
		}
		for _, in := range intervals(rt, run, rapid.IntRange(0, 8).Draw(rt, "seconds")) {
			if err := j.Append(in); err != nil {
				rt.Fatal(err)
			}
			note(&want, live.Add(in))
			for _, part := range in.Series {
				for _, o := range part.Overdue {
					overdue += o.New
				}
			}
		}
		saved, err := Open("", j.Dir())
		if err != nil {
			rt.Fatal(err)
		}
		again := alert.NewBoard(rules, saved.Run.Recorded(), nil)
		if _, err := saved.Replay(func(in *measure.Interval) bool {
			note(&got, again.Add(in))
			return true
		}); err != nil {
			rt.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			rt.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
	if overdue == 0 {
		t.Error("nothing was overdue")
	}
}

// A run that was saved before deadlines were counted can be followed all the same.
func TestAlertsOfARunWithoutDeadlines(t *testing.T) {
	run, rules := testRun(t, "checkout"), someRules(t)
	run.Deadlines, run.Failing = nil, 0
	j := mustCreate(t, t.TempDir(), run)
	tally := &measure.Tally{Counts: measure.Counts{Planned: 20, Failed: 10, InFlight: 10}, Under: []int64{0}}
	in := &measure.Interval{End: time.Second, Series: []measure.SeriesInterval{{Series: 2, Tally: tally}}}
	if err := j.Append(in); err != nil {
		t.Fatal(err)
	}
	saved, err := Open("", j.Dir())
	if err != nil {
		t.Fatal(err)
	}
	board := alert.NewBoard(rules, saved.Run.Recorded(), nil)
	var got []alert.Transition
	if _, err := saved.Replay(func(in *measure.Interval) bool { got = board.Add(in); return true }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].To != alert.Firing || got[0].Events != 10 {
		t.Errorf("got %+v, want success, under and burn firing", got)
	}
}
