package capacity

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLawMoments(t *testing.T) {
	tests := []struct {
		law                  string
		mean, deviation, p99 float64 // ms, from the laws' textbook formulas
	}{
		{"fixed:5ms", 5, 0, 5},
		{"constant:5ms", 5, 0, 5},
		{"exponential:10ms", 10, 10, 10 * math.Log(100)},
		{"erlang:10ms,k=1", 10, 10, 10 * math.Log(100)},
		{"erlang:10ms,k=4", 10, 5, 10.0 / 8 * 20.0902}, // a quantile of chi-squared with 2k degrees
		{"erlang:10ms,k=20", 10, 2.2361, 10.0 / 40 * 63.6907},
		{"bimodal:10ms,slow=100ms,share=5%", 14.5, 90 * math.Sqrt(0.05*0.95), 100},
		{"bimodal:10ms,slow=100ms,share=0.5%", 10.45, 90 * math.Sqrt(0.005*0.995), 10},
		{"lognormal:10ms,p99=60ms", 10, 12.8, 60},
		{"lognormal:20ms,p99=25ms", 20, 1.96, 25},
	}
	for _, test := range tests {
		t.Run(test.law, func(t *testing.T) {
			law, err := ParseLaw(test.law)
			if err != nil {
				t.Fatal(err)
			}
			const draws = 400_000
			source := NewSource(law, 1)
			all := make([]float64, draws)
			var sum, squares float64
			for i := range all {
				all[i] = float64(source.Draw()) / float64(time.Millisecond)
				sum += all[i]
				squares += all[i] * all[i]
			}
			slices.Sort(all)
			mean := sum / draws
			near(t, "Mean()", law.Mean().Seconds()*1000, test.mean, 1e-9)
			near(t, "mean", mean, test.mean, 0.01)
			near(t, "deviation", math.Sqrt(max(0, squares/draws-mean*mean)), test.deviation, 0.03)
			near(t, "p99", all[draws*99/100], test.p99, 0.02)
		})
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*want+1e-4 {
		t.Errorf("%s: got %.3f, want %.3f within %.0f%%", what, got, want, 100*tolerance)
	}
}

func TestSourceIsDecidedByItsSeed(t *testing.T) {
	law, err := ParseLaw("exponential:10ms")
	if err != nil {
		t.Fatal(err)
	}
	draw := func(seed uint64) []time.Duration {
		source, drawn := NewSource(law, seed), []time.Duration(nil)
		for range 10 {
			drawn = append(drawn, source.Draw())
		}
		return drawn
	}
	if got, want := draw(1), draw(1); !slices.Equal(got, want) {
		t.Errorf("same seed: got %v, want %v", got, want)
	}
	if got, other := draw(1), draw(2); slices.Equal(got, other) {
		t.Errorf("another seed drew the same: %v", got)
	}
}

func TestParseLawFaults(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "none of fixed, exponential, lognormal, erlang, bimodal"},
		{"poisson:10ms", `"poisson" is none of fixed, exponential, lognormal, erlang`},
		{"fixed", `the mean is ""`},
		{"fixed:10", `the mean is "10", want a time with a unit`},
		{"fixed:0s", "want more than 0 and at most 1m0s"},
		{"fixed:-1ms", "want more than 0"},
		{"exponential:2m", "at most 1m0s"},
		{"exponential:10ms,p99=20ms", `exponential takes the mean alone, got "p99=20ms"`},
		{"lognormal:10ms", "lognormal:10ms,p99=60ms"},
		{"lognormal:10ms,p98=60ms", "lognormal needs its 99th percentile"},
		{"lognormal:10ms,p99=x", `p99 is "x"`},
		{"lognormal:10ms,p99=10ms", "want more than the mean and at most 15.0 times as much"},
		{"lognormal:10ms,p99=151ms", "at most 15.0 times as much"},
		{"constant:10ms,p99=60ms", "fixed takes the mean alone"},
		{"erlang:10ms", "erlang needs its number of steps as well: erlang:10ms,k=4"},
		{"erlang:10ms,k=0", `k is "0", want a whole number from 1 to 100`},
		{"erlang:10ms,k=101", "from 1 to 100"},
		{"erlang:10ms,k=4,k=5", `k is "4,k=5"`},
		{"bimodal:x", `the usual time is "x"`},
		{"bimodal:10ms", "bimodal needs its slow time and how often that is as well: bimodal:10ms,slow=100ms,share=5%"},
		{"bimodal:10ms,slow=100ms", "bimodal needs"},
		{"bimodal:10ms,slow=10ms,share=5%", "slow is 10ms, want more than the usual 10ms"},
		{"bimodal:10ms,slow=2m,share=5%", "slow is 2m0s, want more than 0 and at most 1m0s"},
		{"bimodal:10ms,slow=20ms,share=5", `share is "5", want a share of requests such as 5%`},
		{"bimodal:10ms,slow=20ms,share=100%", "less than 100%"},
		{"bimodal:10ms,slow=20ms,share=NaN%", "less than 100%"},
	}
	for _, test := range tests {
		if _, err := ParseLaw(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want …%s…", test.text, err, test.want)
		}
	}
}

func TestLawAsText(t *testing.T) {
	type plan struct{ CPU, Read Law }
	law, err := ParseLaw("erlang:10ms,k=4")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plan{CPU: law})
	if want := `{"CPU":"erlang:10ms,k=4","Read":""}`; string(text) != want || err != nil {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
	read := plan{Read: law}
	if err := json.Unmarshal(text, &read); err != nil || read != (plan{CPU: law}) {
		t.Errorf("got %+v, %v, want %+v", read, err, plan{CPU: law})
	}
	if err := json.Unmarshal([]byte(`{"CPU":"erlang"}`), &read); err == nil || !strings.Contains(err.Error(), "the mean is") {
		t.Errorf("got %v, want the mean to be missed", err)
	}
}

func FuzzParseLaw(f *testing.F) {
	for _, seed := range []string{"fixed:5ms", "exponential:10ms", "lognormal:10ms,p99=60ms", "lognormal:1m,p99=14m", "exponential:1ns", ":,", "erlang:10ms,k=4", "bimodal:10ms,slow=100ms,share=5%", "constant:1s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		law, err := ParseLaw(text)
		if err != nil {
			return
		}
		again, err := ParseLaw(law.String())
		if err != nil || again != law {
			t.Errorf("%q reads back as %+v, %v, want %+v", law, again, err, law)
		}
		var read Law
		written, err := law.MarshalText()
		if err = errors.Join(err, read.UnmarshalText(written)); err != nil || read != law {
			t.Errorf("%q is read as %+v, %v, want %+v", written, read, err, law)
		}
		rng := rand.New(rand.NewPCG(1, 1))
		for range 100 {
			if d := law.Draw(rng); d < 0 || d > time.Hour {
				t.Fatalf("%q drew %v", text, d)
			}
		}
	})
}

func TestLagSummary(t *testing.T) {
	var l lags
	if got := l.summary(); got != (Lag{}) {
		t.Errorf("empty: got %+v, want nothing", got)
	}
	for i := range 1000 {
		l.observe(time.Duration(i+1) * time.Microsecond)
	}
	l.observe(-time.Second)
	got := l.summary()
	if got.Count != 1001 || got.Max != time.Millisecond || got.Mean != 500*time.Microsecond {
		t.Errorf("got %+v, want 1001, mean 500µs, max 1ms", got)
	}
	if low, high := 990*time.Microsecond, 990*time.Microsecond*17/16; got.P99 < low || got.P99 > high {
		t.Errorf("p99: got %v, want %v to %v", got.P99, low, high)
	}
}
