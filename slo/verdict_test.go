package slo

import (
	"math"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		text     string
		beat     beat
		verdict  Verdict
		observed float64
		more     int64
		reason   string
	}{
		// Without a failure, log(0.05)/log(target) requests decide.
		{"success >= 95%", beat{good: 59}, Met, 1, 0, ""},
		{"success >= 95%", beat{good: 58}, Inconclusive, 1, 1, "needs 1 more request"},
		{"success >= 99%", beat{good: 299}, Met, 1, 0, ""},
		{"success >= 99%", beat{good: 100}, Inconclusive, 1, 199, "needs about 200 more requests"},
		{"success >= 99.9%", beat{good: 2995}, Met, 1, 0, ""},
		{"success >= 99.9%", beat{good: 2994}, Inconclusive, 1, 1, "needs 1 more request"},
		{"success >= 99.9%", beat{good: 1}, Inconclusive, 1, 2994, "needs about 3000 more requests"},
		{"errors < 5%", beat{good: 59}, Met, 0, 0, ""},
		{"budget_used <= 100%", beat{good: 59}, Met, 0, 0, ""},

		// The limits for 5000 and for 20000 requests.
		{"success >= 99%", beat{good: 4962, bad: 38}, Met, 0.9924, 0, ""},
		{"success >= 99%", beat{good: 4937, bad: 63}, Missed, 0.9874, 0, ""},
		{"errors <= 1%", beat{good: 4962, bad: 38}, Met, 0.0076, 0, ""},
		{"errors < 1%", beat{good: 4937, bad: 63}, Missed, 0.0126, 0, ""},
		{"success >= 99.9%", beat{good: 19988, bad: 12}, Met, 0.9994, 0, ""},
		{"success >= 99.9%", beat{good: 19971, bad: 29}, Missed, 0.99855, 0, ""},

		// At the limit no number would decide, unless compared plainly.
		{"success >= 95%", beat{good: 95, bad: 5}, Inconclusive, 0.95, -1, "at the limit itself"},

		// Every single request: no chance is involved.
		{"success >= 100%", beat{good: 3}, Met, 1, 0, ""},
		{"success >= 100%", beat{good: 1e4, bad: 1}, Missed, 1e4 / 10001., 0, ""},
		{"errors <= 0%", beat{good: 3}, Met, 0, 0, ""},

		// Within 300 ms and successful, of all that ended.
		{"under(300ms) >= 50%", beat{good: 90, bad: 10, slow: 10}, Met, 90. / 110, 0, ""},
		{"under(300ms) >= 50%", beat{good: 10, bad: 45, slow: 45}, Missed, 0.1, 0, ""},
		{"under(300ms) >= 50%", beat{good: 59, unsent: 900, open: 90}, Met, 1, 0, ""},
		{"under(400ms) >= 50%", beat{good: 90}, Inconclusive, 0, 0, "under(400ms) was not counted"},

		// Failures in terms of the 5 % that may fail.
		{"budget_used <= 100%", beat{good: 990, bad: 10}, Met, 0.2, 0, ""},
		{"budget_used <= 100%", beat{good: 900, bad: 100}, Missed, 2, 0, ""},
		{"burn <= 2", beat{good: 990, bad: 10}, Met, 0.2, 0, ""},
		{"burn <= 30", beat{bad: 3}, Met, 20, 0, ""}, // all may fail

		// Percentiles: 1 s is at or below the true one with a known chance.
		{"p95 < 300ms", beat{good: 59}, Met, 0.1, 0, ""},
		{"p95 < 300ms", beat{good: 58}, Inconclusive, 0.1, 1, "needs 1 more request"},
		{"p95 <= 100ms", beat{good: 50}, Inconclusive, 0.1, 9, "needs about 9 more requests"}, // exact at the top
		{"p99 < 300ms", beat{good: 200}, Inconclusive, 0.1, 99, "needs about 99 more requests"},
		{"p50 < 300ms", beat{good: 1, slow: 10}, Missed, 1, 0, ""},
		{"p50 < 300ms", beat{good: 5, slow: 5}, Inconclusive, 0.1, -1, "at the limit itself"},
		{"service_p95 < 300ms", beat{slow: 59}, Missed, 1, 0, ""},
		{"lag_p95 < 10ms", beat{slow: 59}, Met, 0, 0, ""},

		// Plain comparisons.
		{"max < 1s", beat{slow: 1, good: 9}, Missed, 1, 0, ""},
		{"max <= 1s", beat{slow: 1, good: 9}, Met, 1, 0, ""},
		{"mean <= 190ms", beat{slow: 1, good: 9}, Met, 0.19, 0, ""},
		{"mean < 190ms", beat{slow: 1, good: 9}, Missed, 0.19, 0, ""},
		{"achieved >= 80%", beat{good: 7, bad: 1, unsent: 1, open: 1}, Met, 0.8, 0, ""},
		{"achieved > 80%", beat{good: 7, bad: 1, unsent: 2}, Missed, 0.8, 0, ""},
		{"achieved > 80%", beat{unsent: 2}, Missed, 0, 0, ""},
		{"count >= 10", beat{good: 7, bad: 1, unsent: 9}, Missed, 8, 0, ""},
		{"count <= 10", beat{good: 7, bad: 1, unsent: 9}, Met, 8, 0, ""},
		{"rps >= 8/s", beat{good: 7, bad: 1, unsent: 9}, Met, 8, 0, ""},

		// Requests that never got an answer say nothing about the target.
		{"success >= 95%", beat{good: 59, unsent: 100, open: 3}, Met, 1, 0, ""},
	} {
		tt.beat.series = 1
		got := follow(objective(t, tt.text)).seconds(tt.beat).tracker.Status()
		if got.Verdict != tt.verdict || !close3(got.Observed, tt.observed) || got.More != tt.more || got.Reason != tt.reason {
			t.Errorf("%s of %+v\ngot  %s, observed %v, more %d, %q\nwant %s, observed %v, more %d, %q",
				tt.text, tt.beat, got.Verdict, got.Observed, got.More, got.Reason, tt.verdict, tt.observed, tt.more, tt.reason)
		}
	}
}

// close3 reports whether two values agree to a histogram's three digits.
func close3(got, want float64) bool { return math.Abs(got-want) <= 0.001*math.Abs(want) }

func TestVerdictBorders(t *testing.T) {
	for _, tt := range []struct {
		text        string
		total       int
		met, missed int // the most failures that are met, the fewest that are missed
	}{
		{"success >= 99%", 5000, 38, 63},
		{"success >= 99.9%", 20000, 12, 29},
	} {
		for bad := range tt.missed + 10 {
			want := Inconclusive
			switch {
			case bad <= tt.met:
				want = Met
			case bad >= tt.missed:
				want = Missed
			}
			r := follow(objective(t, tt.text)).seconds(beat{series: 1, good: tt.total - bad, bad: bad})
			if got := r.tracker.Status().Verdict; got != want {
				t.Errorf("%s with %d failures of %d: got %s, want %s", tt.text, bad, tt.total, got, want)
			}
		}
	}
}

func TestPointComparesPlainly(t *testing.T) {
	for _, tt := range []struct {
		text string
		beat beat
		want Verdict
	}{
		{"success >= 95%", beat{good: 19, bad: 1}, Met},
		{"success > 95%", beat{good: 19, bad: 1}, Missed},
		{"success >= 95%", beat{good: 18, bad: 2}, Missed},
		{"p50 < 300ms", beat{good: 1}, Met},
		{"p50 < 300ms", beat{slow: 1}, Missed},
		{"p50 < 300ms", beat{unsent: 1}, Inconclusive},
	} {
		tt.beat.series = 1
		o := objective(t, tt.text)
		o.Point = true
		got := follow(o).seconds(tt.beat).tracker.Status()
		if got.Verdict != tt.want || got.HasBounds {
			t.Errorf("%s of %+v: got %s, bounds %v, want %s and none", tt.text, tt.beat, got.Verdict, got.HasBounds, tt.want)
		}
	}
}

func TestNoDataIsNeverMet(t *testing.T) {
	for _, text := range []string{
		"success >= 0%", "errors <= 100%", "under(300ms) >= 0%", "p99 < 1h", "service_p99 < 1h", "lag_p99 < 1h", "max < 1h",
		"mean < 1h", "rps >= 0", "achieved >= 0%", "count >= 0", "budget_used <= 100%", "burn <= 100",
	} {
		r := follow(objective(t, text))
		for _, b := range []beat{{series: 1}, {series: 0, good: 100}} { // nothing yet; only warm-up
			got := r.seconds(b).tracker.Status()
			if got.Verdict != Inconclusive || got.HasData || got.Reason != "no data" || got.Events != 0 {
				t.Errorf("%s after %+v: got %s, %q, %d events", text, b, got.Verdict, got.Reason, got.Events)
			}
		}
	}
	if got := NewTracker(Objective{}, measure.NewTotals(nil, nil)).Status(); got.Verdict != Inconclusive || got.HasData {
		t.Errorf("an empty objective is %+v", got)
	}
}

func TestQuantileBounds(t *testing.T) {
	r := follow(objective(t, "p50 < 5ms"))
	lane := r.recorder.Lane(0)
	for i := range 10 { // 1 ms to 10 ms: the bounds are those of ranks 2 and 9
		lane.Plan(1, 0)
		lane.Record(&measure.Sample{Series: 1, Done: time.Duration(i+1) * time.Millisecond, Succeeded: true})
	}
	r.cut(time.Second)
	got := r.tracker.Status()
	if !close3(got.Low, 0.002) || !close3(got.Observed, 0.005) || !close3(got.High, 0.009) || !got.HasBounds {
		t.Errorf("got %v in %v to %v, want 0.005 in 0.002 to 0.009", got.Observed, got.Low, got.High)
	}
	if got.Unit != "seconds" || got.Limit != 0.005 || got.Events != 10 {
		t.Errorf("got limit %v %s of %d events, want 0.005 seconds of 10", got.Limit, got.Unit, got.Events)
	}
}
