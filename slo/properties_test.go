package slo

import (
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// texts are objectives of every kind whose verdict takes chance into account.
func texts() []string {
	return []string{
		"success >= 95%", "success > 50%", "errors < 10%", "under(300ms) >= 80%", "budget_used <= 100%", "burn <= 4",
		"p50 < 300ms", "p95 <= 300ms", "service_p99 < 300ms",
	}
}

// anyBeats draws up to n seconds of traffic on all series.
func anyBeats(n int) *rapid.Generator[[]beat] {
	few := rapid.IntRange(0, 60)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) beat {
		return beat{
			series: rapid.IntRange(0, 3).Draw(t, "series"),
			good:   few.Draw(t, "good"), slow: few.Draw(t, "slow") / 10, bad: few.Draw(t, "bad") / 10,
			unsent: few.Draw(t, "unsent") / 20, open: few.Draw(t, "open") / 20,
		}
	}), 0, n)
}

func TestMoreBadNeverHelps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := objective(t, rapid.SampledFrom(texts()).Draw(t, "objective"))
		o.Point = rapid.Bool().Draw(t, "point")
		r := follow(o).seconds(anyBeats(8).Draw(t, "beats")...)
		before := r.tracker.Status()
		worse := beat{series: 1, slow: rapid.IntRange(0, 50).Draw(t, "slow")}
		if o.Expression.unit() == unitRatio {
			worse = beat{series: 1, bad: worse.slow}
		}
		after := r.seconds(worse).tracker.Status()
		if before.Verdict == Missed && after.Verdict != Missed {
			t.Errorf("%s was missed and is %s after %+v", o.Expression, after.Verdict, worse)
		}
		if before.Verdict == Inconclusive && before.HasData && after.Verdict == Met {
			t.Errorf("%s is met only after %+v", o.Expression, worse)
		}
		if before.HasData && o.Expression.Metric == metricSuccess && after.Observed > before.Observed {
			t.Errorf("success rose from %v to %v after %+v", before.Observed, after.Observed, worse)
		}
	})
}

func TestSameRatioNeverFlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := objective(t, rapid.SampledFrom(texts()).Draw(t, "objective"))
		beats := anyBeats(4).Draw(t, "beats")
		r := follow(o)
		last := r.seconds(beats...).tracker.Status().Verdict
		for range rapid.IntRange(1, 8).Draw(t, "times") {
			verdict := r.seconds(beats...).tracker.Status().Verdict
			if last == Met && verdict == Missed || last == Missed && verdict == Met {
				t.Errorf("%s went from %s to %s with more of the same", o.Expression, last, verdict)
			}
			last = verdict
		}
	})
}

func TestBoundsContainTheObserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := objective(t, rapid.SampledFrom(texts()).Draw(t, "objective"))
		got := follow(o).seconds(anyBeats(8).Draw(t, "beats")...).tracker.Status()
		if got.HasBounds && (got.Low > got.Observed || got.High < got.Observed) {
			t.Errorf("%s: %v is outside %v to %v", o.Expression, got.Observed, got.Low, got.High)
		}
		if !got.HasBounds && (got.Low != 0 || got.High != 0) {
			t.Errorf("%s: got bounds %v to %v without having any", o.Expression, got.Low, got.High)
		}
		for _, value := range []float64{got.Observed, got.Limit, got.Low, got.High} {
			if math.IsNaN(value) || math.IsInf(value, 0) {
				t.Errorf("%s: %v is not finite", o.Expression, value)
			}
		}
		if (got.More != 0) != (got.Verdict == Inconclusive && got.HasData) {
			t.Errorf("%s is %s and needs %d more", o.Expression, got.Verdict, got.More)
		}
	})
}

// However the run is cut into intervals, and however often the status is asked
// for, the verdict on the same requests is the same.
func TestIntervalsEqualTotals(t *testing.T) {
	all := append(texts(), "max < 1s", "mean < 300ms", "achieved >= 98%", "count >= 100")
	rapid.Check(t, func(t *rapid.T) {
		o := objective(t, rapid.SampledFrom(all).Draw(t, "objective"))
		beats := anyBeats(8).Draw(t, "beats")
		once, often := follow(o), follow(o)
		for _, b := range beats {
			once.record(b)
			often.seconds(b).tracker.Status()
		}
		once.cut(often.end)
		want, got := once.tracker.Status(), often.tracker.Status()
		for _, s := range []*Status{&want, &got} { // what depends on the seconds
			s.Spans, s.BadFor, s.BudgetSpentAt = nil, 0, 0
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", o.Expression, got, want)
		}
	})
}
