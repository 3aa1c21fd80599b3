package slo

import (
	"math"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

func parseAll(t *testing.T, texts ...string) []Expression {
	t.Helper()
	var all []Expression
	for _, text := range texts {
		all = append(all, mustParse(t, text))
	}
	return all
}

func TestRecovered(t *testing.T) {
	aims := parseAll(t, "success >= 95%", "under(300ms) >= 99%", "p99 < 300ms", "rps >= 500")
	for trouble, want := range map[string]string{
		"success < 80%":               "success >= 90%",
		"success <= 80%":              "success >= 90%",
		"errors > 20%":                "errors <= 10%",
		"under(300ms) < 90%":          "under(300ms) >= 96%",
		"under(100ms) < 90%":          "under(100ms) >= 90%",
		"p99 > 600ms":                 "p99 <= 400ms",
		"p95 > 600ms":                 "p95 <= 600ms",
		"p99 > 200ms":                 "p99 <= 200ms",
		"rps < 200":                   "rps >= 400/s",
		"burn > 6":                    "burn <= 2.667",
		"burn >= 0.5":                 "burn < 0.5",
		"count > 3":                   "count <= 3",
		`{endpoint="a"} success < 5%`: `{endpoint="a"} success >= 65%`,
	} {
		if got := mustParse(t, trouble).Recovered(aims).String(); got != want {
			t.Errorf("%s: got %s, want %s", trouble, got, want)
		}
	}
}

func TestEnough(t *testing.T) {
	aims := parseAll(t, "errors <= 5%", "under(300ms) >= 99%")
	for text, want := range map[string]int64{
		"success < 80%": 50, "errors > 20%": 50, "under(300ms) < 95%": 140, "under(1s) < 95%": 10,
		"burn > 6": 10, "p50 > 1s": 10, "p99 > 1s": 100, "p99.9 > 1s": 1000, "max > 1s": 1, "rps < 5": 1, "budget_used > 50%": 10,
	} {
		if got := mustParse(t, text).Enough(aims, 0.95); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
	if got := mustParse(t, "burn > 6").Enough(nil, 0.999); got != 334 {
		t.Errorf("burn > 6 of 0.1%%: got %d, want 334", got)
	}
	if got := mustParse(t, "burn > 6").Enough(nil, 1); got != 1e12 {
		t.Errorf("burn without a budget: got %d", got)
	}
}

func TestNoisy(t *testing.T) {
	aims := parseAll(t, "success >= 95%")
	for _, c := range []struct {
		text string
		n    float64
		want float64
	}{
		{"success >= 95%", 1500, 0.5},
		{"success >= 90%", 100, 0.0109},
		{"errors <= 10%", 100, 0.0109},
		{"success >= 90%", 1500, 0},
		{"p99 < 1s", 100, 0},
	} {
		if got := mustParse(t, c.text).Noisy(aims, c.n); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("%s of %v: got %.4f, want %.4f", c.text, c.n, got, c.want)
		}
	}
}

func TestValidateTrouble(t *testing.T) {
	series := []measure.Series{{Endpoint: "a"}}
	for text, want := range map[string]string{
		"success < 80%":                 "",
		"success >= 80%":                "success >= 80% is an aim, not trouble",
		"p99 < 1s":                      "p99 < 1s is an aim, not trouble",
		"p99 > 1s":                      "",
		"rps > 5/s":                     "",
		"rps < 5/s":                     "",
		"burn > 6":                      "",
		`{endpoint="b"} success < 80%`:  `nothing in this run has endpoint="b"`,
		`{endpoint="a"} success <= 80%`: "",
	} {
		got := ""
		if err := (Objective{Expression: mustParse(t, text), Target: 0.9}).ValidateTrouble(series); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// The budget of an objective about under(T) is of what does not succeed in time.
func TestBudgetOfUnder(t *testing.T) {
	aim := mustParse(t, "under(300ms) >= 90%")
	w := NewWatcher(Recorded{Series: []measure.Series{{Endpoint: "a"}}, Under: []time.Duration{watched}})
	burn := w.Gauge(Objective{Expression: mustParse(t, "burn > 2").BudgetOf(aim), Target: 0.9}, Window{}, 0)
	plain := w.Gauge(Objective{Expression: mustParse(t, "burn > 2"), Target: 0.9}, Window{}, 0)
	in := &measure.Interval{End: time.Second, Series: []measure.SeriesInterval{
		{Tally: &measure.Tally{Counts: measure.Counts{Planned: 100, Succeeded: 100}, Under: []int64{60}}},
	}}
	w.Add(in)
	if got := burn.Read(); math.Abs(got.Value-4) > 1e-9 || !got.Holds {
		t.Errorf("got %+v, want 4: 40 of 100 are slow, and 10 may be", got)
	}
	if got := plain.Read(); got.Value != 0 {
		t.Errorf("got %+v, want 0: all have succeeded", got)
	}
	e := mustParse(t, "burn > 2").BudgetOf(aim)
	if d, ok := e.Deadline(time.Minute); !ok || d != watched || !e.OfLatency() || e.OfSuccess() || !e.OfShare() {
		t.Errorf("deadline %v %t, of latency %t, of success %t, of share %t", d, ok, e.OfLatency(), e.OfSuccess(), e.OfShare())
	}
}
