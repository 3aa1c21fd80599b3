package alert

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/slo"
)

// objective reads an objective; budgets refer to its own ratio.
func objective(tb testing.TB, text string) slo.Objective {
	tb.Helper()
	e, err := slo.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return slo.Objective{Name: "shop", Expression: e, Target: e.Goal()}
}

func TestSequentialOf(t *testing.T) {
	for _, tt := range []struct {
		objective, when string
		good, bad       float64
	}{
		{"success >= 95%", "success < 80% over 30s", 0.05, 0.20},
		{"success >= 99%", "errors > 10%", 0.01, 0.10},
		{"errors < 2%", "success <= 90%", 0.02, 0.10},
		{"under(300ms) >= 95%", "under(300ms) < 80% over 10s", 0.05, 0.20},
		{"success >= 99.5%", "burn > 6 over 1h and 5m", 0.005, 0.03},
		{"under(300ms) >= 90%", "burn > 2", 0.1, 0.2},
		{"success >= 99%", "budget_used > 300%", 0.01, 0.03},
		{"success >= 95%", "p99 > 500ms", 0.01, 0.02},
		{"p95 < 1s", "service_p90 > 1s", 0.1, 0.2},
	} {
		s, err := SequentialOf(objective(t, tt.objective), condition(t, tt.when))
		if err != nil {
			t.Errorf("%s, %s: %v", tt.objective, tt.when, err)
			continue
		}
		if math.Abs(s.Good-tt.good) > 1e-12 || math.Abs(s.Bad-tt.bad) > 1e-12 || s.Alpha != 0.01 || s.Beta != 0.05 {
			t.Errorf("%s, %s: got %+v, want %v and %v", tt.objective, tt.when, s, tt.good, tt.bad)
		}
	}
}

func TestNoSequential(t *testing.T) {
	for _, tt := range []struct{ objective, when, why string }{
		{"success >= 95%", "success < 95%", "success < 95% begins at 5.00% of bad requests, and the objective allows 5.00%"},
		{"success >= 80%", "success < 95%", "success < 95% begins at 5.00% of bad requests, and the objective allows 20.0%"},
		{"success >= 100%", "success < 95%", "the objective allows no bad request, and the first one is beyond it"},
		{"success >= 90%", "burn > 12", "burn > 12 takes more bad requests than there are"},
		{"success >= 95%", "p50 > 1s", "p50 > 1s takes more bad requests than there are"},
		{"success >= 95%", "under(300ms) < 80%", "the objective success >= 95% does not say how many requests may be bad in under(300ms) < 80%"},
		{"under(1s) >= 95%", "under(300ms) < 80%", "the objective under(1s) >= 95% does not say how many requests may be bad in under(300ms) < 80%"},
		{"p99 < 1s", "burn > 2", "the objective p99 < 1s does not say how many requests may be bad in burn > 2"},
		{"success >= 95%", "rps < 100/s", "rps < 100/s is about no share of bad requests"},
		{"success >= 95%", "achieved < 90%", "achieved < 90% is about no share of bad requests"},
	} {
		_, err := SequentialOf(objective(t, tt.objective), condition(t, tt.when))
		if err == nil || err.Error() != tt.why {
			t.Errorf("%s, %s: got %v, want %s", tt.objective, tt.when, err, tt.why)
		}
	}
}

// By hand: of requests that may be bad in one of twenty and are in one of five, each bad
// one adds ln 4, each good one ln(0.80/0.95), and ln 95 is enough.
func TestSequentialByHand(t *testing.T) {
	s := Sequential{Good: 0.05, Bad: 0.20, Alpha: 0.01, Beta: 0.05}
	if got, want := s.Ratio(slo.Count{Good: 10, Total: 14}), 4*math.Log(4)+10*math.Log(0.80/0.95); math.Abs(got-want) > 1e-12 {
		t.Errorf("got %v, want %v", got, want)
	}
	if s.IsBad(slo.Count{Total: 3}) || !s.IsBad(slo.Count{Total: 4}) {
		t.Error("got another number of bad requests in a row than four that are enough")
	}
	s.DesignEffect = 2
	if s.IsBad(slo.Count{Total: 6}) || !s.IsBad(slo.Count{Total: 7}) {
		t.Error("got another number than seven that are enough when each says half as much")
	}
	if (Sequential{}).IsBad(slo.Count{Total: 1e6}) {
		t.Error("the zero value proves something")
	}
}

// drawSequential draws a test.
func drawSequential(t *rapid.T) Sequential {
	good := rapid.Float64Range(1e-6, 0.4).Draw(t, "good")
	return Sequential{
		Good: good, Bad: good + rapid.Float64Range(0.001, 0.5).Draw(t, "more"),
		Alpha: usualAlpha, Beta: usualBeta, DesignEffect: rapid.Float64Range(0, 20).Draw(t, "design effect"),
	}
}

// More bad requests never lower the ratio, be they in addition or instead of good ones.
func TestRatioIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSequential(t)
		c := slo.Count{Total: rapid.Int64Range(0, 1e6).Draw(t, "total")}
		c.Good = rapid.Int64Range(0, c.Total).Draw(t, "good requests")
		more := rapid.Int64Range(1, 1000).Draw(t, "more bad")
		ratio := s.Ratio(c)
		if got := s.Ratio(slo.Count{Good: c.Good, Total: c.Total + more}); got < ratio {
			t.Errorf("%d more bad requests: got %v, less than %v", more, got, ratio)
		}
		if got := s.Ratio(slo.Count{Good: max(0, c.Good-more), Total: c.Total}); got < ratio {
			t.Errorf("%d bad requests instead of good ones: got %v, less than %v", more, got, ratio)
		}
	})
}
