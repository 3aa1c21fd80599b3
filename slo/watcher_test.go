package slo

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
)

// second returns an interval a second long in which each series answered so often
// well and badly.
func second(index int, parts ...measure.SeriesInterval) *measure.Interval {
	start := time.Duration(index) * time.Second
	return &measure.Interval{Index: index, Start: start, End: start + time.Second, Series: parts}
}

// answered returns a series' part of an interval: requests that were answered at once,
// each after so long.
func answered(series int, good, bad int64, after ...time.Duration) measure.SeriesInterval {
	t := &measure.Tally{Counts: measure.Counts{Planned: good + bad, Succeeded: good, Failed: bad}, Under: []int64{0}}
	for i := range good + bad {
		d := 10 * time.Millisecond
		if len(after) > 0 {
			d = after[int(i)%len(after)]
		}
		t.Response.Record(d)
		t.Service.Record(d)
		t.Lag.Record(0)
		if i < good && d <= watched {
			t.Under[0]++
		}
	}
	return measure.SeriesInterval{Series: series, Tally: t}
}

const watched = 300 * time.Millisecond

// Whatever happens, a gauge reads what the requests of its window, added up anew, say.
func TestGaugeReadsItsWindow(t *testing.T) {
	table := []measure.Series{{Endpoint: "a", Stage: "ramp", Warmup: true}, {Endpoint: "a", Stage: "steady"}, {Endpoint: "b", Stage: "steady"}}
	texts := []string{
		"success < 80%", "errors > 1%", "under(300ms) < 90%", "p99 > 100ms", "service_p50 > 1ms", "lag_p99 > 1ms", "max > 1s",
		"mean > 1s", "count > 5", "burn > 2", `{endpoint="b"} success < 80%`, `{endpoint!="b"} p90 > 1ms`,
	}
	rapid.Check(t, func(t *rapid.T) {
		w := NewWatcher(Recorded{Series: table, Under: []time.Duration{watched}})
		var gauges []*Gauge
		var lengths []int
		for _, text := range texts {
			for _, length := range []int{0, 1, rapid.IntRange(2, 12).Draw(t, "length")} {
				o := Objective{Expression: mustParse(t, text), Target: 0.95}
				gauges = append(gauges, w.Gauge(o, Window{Length: time.Duration(length) * time.Second}, 0))
				lengths = append(lengths, length)
			}
		}
		var all []*measure.Interval
		for i := range rapid.IntRange(1, 30).Draw(t, "seconds") {
			var parts []measure.SeriesInterval
			for series := range table {
				if n := rapid.Int64Range(0, 12).Draw(t, "requests"); n > 0 {
					after := time.Duration(rapid.IntRange(1, 2000).Draw(t, "ms")) * time.Millisecond
					parts = append(parts, answered(series, n, rapid.Int64Range(0, 5).Draw(t, "bad"), after, 20*time.Millisecond))
				}
			}
			all = append(all, second(i, parts...))
			w.Add(all[i])
			for k, g := range gauges {
				inside := all
				if lengths[k] > 0 {
					inside = all[max(0, len(all)-lengths[k]):]
				}
				if got, want := g.Read(), anew(g.objective, table, inside); !alike(got, want) {
					t.Fatalf("second %d, %v over %d s: got %+v, want %+v", i, g.objective.Expression, lengths[k], got, want)
				}
			}
		}
	})
}

// anew reads an objective from the sum of some intervals.
func anew(o Objective, table []measure.Series, inside []*measure.Interval) Reading {
	totals := measure.NewTotals(table, []time.Duration{watched})
	for _, in := range inside {
		totals.Add(in)
	}
	o.Point = true
	r := o.read(totals.Select(o.Matches), 0, pace{})
	if r.events == 0 {
		return Reading{}
	}
	return Reading{Value: r.value, Events: r.events, Holds: o.Expression.holds(r.value)}
}

// alike compares readings but for the last digit.
func alike(a, b Reading) bool {
	return a.Events == b.Events && a.Holds == b.Holds && math.Abs(a.Value-b.Value) <= 1e-9*math.Abs(b.Value)
}

func TestGaugeOfARate(t *testing.T) {
	w := NewWatcher(Recorded{Series: []measure.Series{{Endpoint: "a"}}, Under: nil})
	rate := w.Gauge(Objective{Expression: mustParse(t, "rps < 30")}, Window{Length: 3 * time.Second}, 0)
	achieved := w.Gauge(Objective{Expression: mustParse(t, "achieved < 90%")}, Window{Length: 2 * time.Second}, 0)
	for i, tt := range []struct {
		planned, finished, unsent int64
		rate, achieved            float64
		silent                    bool
	}{
		{0, 0, 0, 0, 0, true}, // before the first request there is no rate
		{60, 60, 0, 60, 1, false},
		{60, 30, 30, 45, 0.75, false},
		{60, 0, 0, 30, 0.75, false},
		{60, 0, 0, 10, 1, false}, // nobody answers
		{0, 60, 0, 0, 0, true},   // the drain
	} {
		part := measure.SeriesInterval{Tally: &measure.Tally{Counts: measure.Counts{Planned: tt.planned, Succeeded: tt.finished, Unsent: tt.unsent}}}
		w.Add(second(i, part))
		if got := rate.Read(); got.Value != tt.rate || (got.Events == 0) != tt.silent {
			t.Errorf("second %d: got %v/s of %d, want %v", i, got.Value, got.Events, tt.rate)
		}
		if got := achieved.Read(); got.Value != tt.achieved || (got.Events == 0) != tt.silent {
			t.Errorf("second %d: got %v achieved of %d, want %v", i, got.Value, got.Events, tt.achieved)
		}
	}
}

// A tenth of the planned run may use a tenth of the budget: at twice the error rate
// that is allowed, half of the run uses all of it.
func TestGaugeOfABudget(t *testing.T) {
	w := NewWatcher(Recorded{Series: []measure.Series{{Endpoint: "a"}}, Under: []time.Duration{watched}})
	used := w.Gauge(Objective{Expression: mustParse(t, "budget_used > 50%"), Target: 0.9}, Window{}, 10*time.Second)
	for i := range 10 {
		w.Add(second(i, answered(0, 80, 20)))
		if got, want := used.Read().Value, 0.2*float64(i+1); math.Abs(got-want) > 1e-9 {
			t.Errorf("after %d s: got %v of the budget used, want %v", i+1, got, want)
		}
	}
}

func TestGaugeOfAStage(t *testing.T) {
	w := NewWatcher(Recorded{Series: []measure.Series{{Stage: "one"}, {Stage: "two"}}, Under: []time.Duration{watched}})
	g := w.Gauge(Objective{Expression: mustParse(t, "success < 90%")}, Window{Stage: "two"}, 0)
	w.Add(second(0, answered(0, 0, 10)))
	if got := g.Read(); got.Events != 0 {
		t.Errorf("before the stage: got %+v, want no data", got)
	}
	w.Add(second(1, answered(0, 0, 10), answered(1, 8, 2)))
	if got, want := g.Read(), (Reading{Value: 0.8, Events: 10, Holds: true}); got != want {
		t.Errorf("in the stage: got %+v, want %+v", got, want)
	}
}

// Intervals are cut a little late, and not all are as long; a window holds those whose
// middle is inside, and forgets the others.
func TestWindowOfUnevenIntervals(t *testing.T) {
	w := NewWatcher(Recorded{Series: []measure.Series{{}}, Under: []time.Duration{watched}})
	g := w.Gauge(Objective{Expression: mustParse(t, "count > 0")}, Window{Length: 3 * time.Second}, 0)
	var start time.Duration
	for i, tt := range []struct {
		end  time.Duration
		want int64
	}{{1000300000, 1}, {2000100000, 2}, {3000900000, 3}, {4000100000, 3}, {5000200000, 3}, {9 * time.Second, 1}} {
		in := second(i, answered(0, 1, 0))
		in.Start, in.End = start, tt.end
		start = tt.end
		w.Add(in)
		if got := g.Read().Events; got != tt.want {
			t.Errorf("at %v: got %d requests in the window, want %d", tt.end, got, tt.want)
		}
		if kept := len(w.feeds[0].recent); kept > 3 {
			t.Errorf("at %v: %d intervals are kept, want 3 at most", tt.end, kept)
		}
	}
}

// BenchmarkWatcher is a second of 200 rules over 50 endpoints: 10,000 gauges, with
// three windows each, a thousand requests a second.
func BenchmarkWatcher(b *testing.B) {
	var table []measure.Series
	for i := range 50 {
		table = append(table, measure.Series{Endpoint: fmt.Sprint("endpoint ", i)})
	}
	w := NewWatcher(Recorded{Series: table, Under: []time.Duration{watched}})
	expressions := []string{"success < 80%", "under(300ms) < 90%", "p99 > 500ms", "burn > 6"}
	lengths := []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute}
	var gauges []*Gauge
	for rule := range 200 {
		for _, s := range table {
			o := Objective{Expression: mustParse(b, expressions[rule%4]), Target: 0.95, Select: []Matcher{{"endpoint", "=", s.Endpoint}}}
			o.Expression.Limit *= 1 + float64(rule)/1000
			gauges = append(gauges, w.Gauge(o, Window{Length: lengths[rule%3]}, 0))
		}
	}
	var parts []measure.SeriesInterval
	for i := range table {
		var after []time.Duration
		for k := range 20 {
			after = append(after, time.Duration(5+((i*20+k)*37)%100)*time.Millisecond)
		}
		parts = append(parts, answered(i, 19, 1, after...))
	}
	in := second(0, parts...)
	add := func(i int) {
		in.Index, in.Start, in.End = i, time.Duration(i)*time.Second, time.Duration(i+1)*time.Second
		w.Add(in)
		for _, g := range gauges {
			if g.Read().Events == 0 {
				b.Fatal("no data")
			}
		}
	}
	for i := range 130 {
		add(i)
	}
	b.ReportAllocs()
	i := 130
	for b.Loop() {
		add(i)
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/10, "%core")
}

// What the intervals had one by one is, in sum, what a window over all of them has.
func TestLatestAddsUpToTheRun(t *testing.T) {
	table := []measure.Series{{Endpoint: "a", Warmup: true}, {Endpoint: "a"}, {Endpoint: "b"}}
	rapid.Check(t, func(t *rapid.T) {
		w := NewWatcher(Recorded{Series: table, Under: []time.Duration{watched}})
		var gauges []*Gauge
		for _, text := range []string{"success < 80%", "under(300ms) < 90%", "burn > 2", "p99 > 100ms", "p99 < 100ms", "max > 1s", "rps < 5"} {
			gauges = append(gauges, w.Gauge(Objective{Expression: mustParse(t, text), Target: 0.95}, Window{}, 0))
		}
		sums := make([]Count, len(gauges))
		var ended, succeeded, fast, within int64
		for i := range rapid.IntRange(1, 20).Draw(t, "seconds") {
			after := rapid.SampledFrom([]time.Duration{time.Millisecond, 90 * time.Millisecond, 110 * time.Millisecond, time.Second}).Draw(t, "after")
			good, bad := rapid.Int64Range(0, 9).Draw(t, "good"), rapid.Int64Range(0, 3).Draw(t, "bad")
			in := second(i, answered(0, good, bad, after), answered(1, good, bad, after), answered(2, bad, good, time.Second))
			w.Add(in)
			for k, g := range gauges {
				sums[k].Good += g.Latest().Good
				sums[k].Total += g.Latest().Total
			}
			ended += 2 * (good + bad)
			succeeded += good + bad
			if after <= watched {
				fast += good
			}
			if after <= 100*time.Millisecond {
				within += good + bad
			}
		}
		want := []Count{{succeeded, ended}, {fast, ended}, {succeeded, ended}, {within, ended}, {within, ended}, {}, {}}
		for k, got := range sums {
			if got != want[k] {
				t.Errorf("%s: got %v, want %v", gauges[k].objective.Expression, got, want[k])
			}
		}
	})
}
