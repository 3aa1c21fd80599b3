package slo

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// conditions reads some.
func conditions(tb testing.TB, texts ...string) (all []Condition) {
	tb.Helper()
	for _, text := range texts {
		c, err := ParseCondition(text)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func TestDeadlines(t *testing.T) {
	got := Deadlines(conditions(t,
		"success < 80% over 30s", "p99 > 2s over 10s", "service_p99 > 3s", "under(300ms) < 90%", "max > 300ms", "burn > 6 over 1m and 10s",
		"rps < 5", "mean > 4s", "achieved < 90%", "count > 7", "lag_p99 > 10ms",
	), 5*time.Second)
	if want := []time.Duration{watched, 2 * time.Second, 5 * time.Second}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Deadlines(conditions(t, "success < 80%", "mean > 4s"), 0); len(got) > 0 {
		t.Errorf("got %v where nobody knows when a request fails, want none", got)
	}
}

// There are no more than 32, and each condition has one that is not before its own.
func TestDeadlinesAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Condition
		for range rapid.IntRange(0, 100).Draw(t, "conditions") {
			all = append(all, Condition{Expression: Expression{Metric: metricUnder, Threshold: time.Duration(rapid.IntRange(1, 200).Draw(t, "T"))}})
		}
		r := Recorded{Deadlines: Deadlines(all, 0)}
		if len(r.Deadlines) > maxDeadlines || !slices.IsSorted(r.Deadlines) {
			t.Fatalf("got %v", r.Deadlines)
		}
		for _, c := range all {
			i := r.deadline(c.Expression)
			if i < 0 || r.Deadlines[i] < c.Threshold || i > 0 && r.Deadlines[i-1] >= c.Threshold {
				t.Fatalf("under(%v): got deadline %d of %v", c.Threshold, i, r.Deadlines)
			}
		}
	})
}
