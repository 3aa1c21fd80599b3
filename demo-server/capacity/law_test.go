package capacity

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLawMoments(t *testing.T) {
	tests := []struct {
		law                  string
		mean, deviation, p99 float64 // ms, from the laws' textbook formulas
	}{
		{"fixed:5ms", 5, 0, 5},
		{"exponential:10ms", 10, 10, 10 * math.Log(100)},
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
		{"", "none of fixed, exponential, lognormal"},
		{"poisson:10ms", `"poisson" is none of fixed, exponential, lognormal`},
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
	}
	for _, test := range tests {
		if _, err := ParseLaw(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want …%s…", test.text, err, test.want)
		}
	}
}

func FuzzParseLaw(f *testing.F) {
	for _, seed := range []string{"fixed:5ms", "exponential:10ms", "lognormal:10ms,p99=60ms", "lognormal:1m,p99=14m", "exponential:1ns", ":,"} {
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

func TestLagBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "lag"))
		index := bucket(d)
		if index < 0 || index >= buckets {
			t.Fatalf("%d: bucket %d is out of range", d, index)
		}
		if b := bound(index); b < d || b-d > d/steps {
			t.Fatalf("%d: bucket %d ends at %d, more than a sixteenth away", d, index, b)
		}
		if index > 0 && bound(index-1) >= d {
			t.Fatalf("%d: bucket %d is not the first that holds it", d, index)
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	var l lags
	b.ReportAllocs()
	for b.Loop() {
		l.observe(70 * time.Microsecond)
	}
}
