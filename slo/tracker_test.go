package slo

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

func TestSelectsSeries(t *testing.T) {
	o := objective(t, "{stage=steady} success >= 95%")
	o.Select = []Matcher{{"scenario", "=", "checkout"}}
	got := follow(o).seconds(
		beat{series: 0, bad: 500}, beat{series: 1, bad: 500}, beat{series: 2, good: 59}, beat{series: 3, bad: 500},
	).tracker.Status()
	if got.Verdict != Met || got.Events != 59 || len(got.Spans) != 0 {
		t.Errorf("got %s of %d events, bad %v, want met of 59 and never bad", got.Verdict, got.Events, got.Spans)
	}
}

func TestRate(t *testing.T) {
	full := beat{series: 1, good: 100}
	for _, tt := range []struct {
		name string
		text string
		play func(*trial)
		want float64
	}{
		{"steady", "rps > 1", func(r *trial) { r.seconds(full, full, full) }, 100},
		{"one second", "rps > 1", func(r *trial) { r.seconds(full) }, 100},
		{"warm-up and the mixed second are left out", "rps > 1", func(r *trial) {
			r.seconds(beat{series: 0, good: 7})
			r.record(beat{series: 0, good: 7})
			r.seconds(beat{series: 1, good: 1}, full, full, full)
		}, 100},
		{"a cut last second and the drain are left out", "rps > 1", func(r *trial) {
			r.seconds(full, full, beat{series: 1, good: 5, open: 1}, beat{series: 1}, beat{series: 1}, beat{series: 1, late: 1})
		}, 100},
		{"idle seconds before do not count", "rps > 1", func(r *trial) {
			r.seconds(beat{series: 1}, beat{series: 1}, full, full, full)
		}, 100},
		{"idle seconds between count", "rps > 0", func(r *trial) {
			r.seconds(full, beat{series: 1}, beat{series: 1}, beat{series: 1}, full)
		}, 25},
		{"another stage between is left out", "{stage=steady} rps > 0", func(r *trial) {
			r.seconds(full, full, beat{series: 3, good: 9}, beat{series: 3, good: 9}, full, full)
		}, 100},
		{"all that ends counts, however", "rps > 0", func(r *trial) {
			r.seconds(beat{series: 1, good: 50, bad: 20, open: 30}, beat{series: 1, good: 10, late: 30, unsent: 60}, full)
		}, 55},
		{"a stalled target has a rate of 0", "rps > 0", func(r *trial) {
			r.seconds(beat{series: 1, open: 9}, beat{series: 1, open: 9})
		}, 0},
	} {
		r := follow(objective(t, tt.text))
		tt.play(r)
		got := r.tracker.Status()
		if got.Observed != tt.want || !got.HasData || got.Unit != "per_second" {
			t.Errorf("%s: got %v %s, want %v per_second", tt.name, got.Observed, got.Unit, tt.want)
		}
	}
}

func TestSpans(t *testing.T) {
	ok, bad := beat{series: 1, good: 100}, beat{series: 1, good: 50, bad: 50}
	idle, stall := beat{series: 1}, beat{series: 1, open: 100}
	span := func(start, end int) Span {
		return Span{time.Duration(start) * time.Second, time.Duration(end) * time.Second}
	}
	for _, tt := range []struct {
		name  string
		text  string
		beats []beat
		want  []Span
	}{
		{"never", "success >= 95%", []beat{ok, ok}, nil},
		{"once", "success >= 95%", []beat{ok, bad, bad, ok}, []Span{span(1, 3)}},
		{"chance explains 8 of 100", "success >= 95%", []beat{ok, {series: 1, good: 92, bad: 8}, ok}, nil},
		{"but not 12 of 100", "success >= 95%", []beat{ok, {series: 1, good: 88, bad: 12}, ok}, []Span{span(1, 2)}},
		{"nor is one of one enough", "success >= 95%", []beat{{series: 1, bad: 1}}, nil},
		{"errors alike", "errors < 5%", []beat{ok, {series: 1, good: 88, bad: 12}, {series: 1, good: 92, bad: 8}}, []Span{span(1, 2)}},
		{"twice", "success >= 95%", []beat{bad, ok, ok, bad}, []Span{span(0, 1), span(3, 4)}},
		{"a single good second is bridged", "success >= 95%", []beat{bad, ok, bad, idle, bad}, []Span{span(0, 5)}},
		{"warm-up does not count", "success >= 95%", []beat{{series: 0, bad: 9}, ok}, nil},
		{
			"a stall is as bad as its end", "max < 1s",
			[]beat{ok, stall, {series: 1}, {series: 1, late: 100}, ok},
			[]Span{span(1, 4)},
		},
		{
			"a stall that ends well is forgotten", "success >= 95%",
			[]beat{ok, stall, {series: 1}, {series: 1, late: 100}, bad},
			[]Span{span(4, 5)},
		},
		{
			"slow", "p50 < 300ms",
			[]beat{ok, {series: 1, slow: 70, good: 30}, {series: 1, slow: 55, good: 45}, ok},
			[]Span{span(1, 2)},
		},
		{"slow on the mean", "mean < 300ms", []beat{ok, {series: 1, slow: 6, good: 4}, ok}, []Span{span(1, 2)}},
		{"budget", "burn <= 2", []beat{ok, {series: 1, good: 75, bad: 25}, ok}, []Span{span(1, 2)}},
		{"under", "under(200ms) > 50%", []beat{ok, {series: 1, good: 30, slow: 70}, ok}, []Span{span(1, 2)}},
		{"rate", "rps >= 100", []beat{ok, {series: 1, good: 99}, ok}, []Span{span(1, 2)}},
		{"no place", "achieved >= 90%", []beat{ok, stall, {series: 1, good: 8, unsent: 2}, ok}, []Span{span(2, 3)}},
		{"count", "count >= 1000", []beat{ok, ok}, nil},
	} {
		got := follow(objective(t, tt.text)).seconds(tt.beats...).tracker.Status()
		if !slices.Equal(got.Spans, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got.Spans, tt.want)
		}
		var sum time.Duration
		for _, s := range tt.want {
			sum += s.Length()
		}
		if got.BadFor != sum {
			t.Errorf("%s: bad for %v, want %v", tt.name, got.BadFor, sum)
		}
	}
}

func TestBudgetSpentAt(t *testing.T) {
	ok, bad := beat{series: 1, good: 100}, beat{series: 1, bad: 100}
	mild := beat{series: 1, good: 95, bad: 5}
	for _, tt := range []struct {
		text  string
		beats []beat
		want  time.Duration
	}{
		{"success >= 95%", []beat{ok, ok}, -1},
		{"success >= 95%", []beat{mild, mild, mild}, -1}, // spent to the last one, and no more
		{"success >= 90%", []beat{{series: 1, good: 90, bad: 10}}, -1},
		{"success >= 95%", []beat{bad, ok}, time.Second},
		{"success >= 50%", []beat{bad, bad, bad, ok}, 3 * time.Second}, // 200 of 400 may fail
		{"success >= 50%", []beat{bad, ok, ok, ok}, -1},                // made up for
		{"success >= 100%", []beat{ok, mild, mild}, 2 * time.Second},
		{"errors < 50%", []beat{ok, bad, bad, bad}, 4 * time.Second},
		{"under(200ms) >= 50%", []beat{{series: 1, slow: 100}, bad, ok}, 2 * time.Second},
		{"budget_used <= 100%", []beat{ok, bad}, 2 * time.Second},
		{"burn <= 10", []beat{ok, bad}, -1},
		{"max < 1ms", []beat{ok, bad}, -1},
		{"achieved > 99%", []beat{{series: 1, unsent: 9}}, -1},
	} {
		if got := follow(objective(t, tt.text)).seconds(tt.beats...).tracker.Status().BudgetSpentAt; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestBurn(t *testing.T) {
	for _, tt := range []struct {
		text string
		beat beat
		want float64
	}{
		{"success >= 95%", beat{series: 1, good: 90, bad: 10}, 2},
		{"errors < 20%", beat{series: 1, good: 90, bad: 10}, 0.5},
		{"under(200ms) >= 50%", beat{series: 1, slow: 75, good: 25}, 1.5},
		{"success >= 95%", beat{}, -1},
		{"success >= 100%", beat{series: 1, good: 10}, -1},
		{"burn <= 10", beat{series: 1, good: 90, bad: 10}, -1},
		{"p99 < 1s", beat{series: 1, good: 10}, -1},
	} {
		got := follow(objective(t, tt.text)).seconds(tt.beat).tracker.Status().Burn
		if math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

// Intervals of another run, as a damaged file may hold, are survived.
func TestForeignSeries(t *testing.T) {
	r := follow(objective(t, "under(200ms) >= 95%"))
	r.tracker.Add(&measure.Interval{End: time.Second, Series: []measure.SeriesInterval{
		{Series: -1, Tally: &measure.Tally{}},
		{Series: 99, Tally: &measure.Tally{}},
		{Series: 1, Tally: &measure.Tally{Under: make([]int64, 9)}},
	}})
	if got := r.tracker.Status(); got.HasData {
		t.Errorf("got %+v, want no data", got)
	}
}

func benchmarkTrial(b *testing.B) (*trial, measure.Interval) {
	b.Helper()
	r := follow(objective(b, "p99 < 300ms"))
	for i := range 1000 {
		r.recorder.Lane(0).Plan(1, 0)
		r.recorder.Lane(0).Record(&measure.Sample{Series: 1 + i%3, Done: time.Duration(i*i) * time.Microsecond, Succeeded: true})
	}
	in := r.recorder.Cut(time.Second)
	r.totals.Add(&in)
	return r, in
}

func BenchmarkAdd(b *testing.B) {
	r, in := benchmarkTrial(b)
	b.ReportAllocs()
	for b.Loop() {
		r.tracker.Add(&in)
	}
}

func BenchmarkStatus(b *testing.B) {
	r, in := benchmarkTrial(b)
	r.tracker.Add(&in)
	b.ReportAllocs()
	for b.Loop() {
		r.tracker.Status()
	}
}
