package slo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// near reports whether got is want to a relative precision of 1e-11.
func near(got, want float64) bool {
	return math.Abs(got-want) <= 1e-11*math.Abs(want)
}

// The wanted values were computed with 40 digits (mpmath).
func TestIncompleteBeta(t *testing.T) {
	for _, tt := range []struct{ x, a, b, want float64 }{
		{0, 2, 3, 0},
		{1, 2, 3, 1},
		{0.5, 2, 3, 0.6875}, // 11/16
		{0.5, 50, 50, 0.5},
		{0.1, 0.5, 0.5, 0.20483276469913346},
		{0.3, 10, 20, 0.36400408107194423},
		{0.25, 2.5, 7.25, 0.53032852577758355},
		{0.99, 4962, 39, 0.046565738776680839},
		{0.95, 950, 51, 0.53752904080142516},
		{0.01, 38, 4963, 0.96670699105641084},
		{0.9, 9000, 1001, 0.5084210392652688},
		{1e-6, 2, 1e6, 0.26424148553670979},
		{0.001, 120, 99881, 0.02816700585085322},
		{0.9999, 99.5, 0.5, 0.88795385957561974},
	} {
		if got := incompleteBeta(tt.x, tt.a, tt.b); !near(got, tt.want) {
			t.Errorf("I_%v(%v, %v) = %.17g, want %.17g", tt.x, tt.a, tt.b, got, tt.want)
		}
	}
}

func TestBinomial(t *testing.T) {
	for _, tt := range []struct{ k, n, p, want float64 }{
		{-1, 10, 0.3, 0},
		{11, 10, 0.3, 0},
		{0, 10, 0.3, 0.0282475249},
		{10, 10, 0.3, 5.9049e-6},
		{3, 10, 0.3, 0.266827932},
		{950, 1000, 0.95, 0.05778798371410712},
		{38, 5000, 0.01, 0.013272729833092254},
		{1, 100000, 1e-5, 0.36788128057937806},
		{5e7, 1e8, 0.5, 7.9788455880815396e-5},
		{99_900_000, 1e8, 0.999, 0.0012621964657906384},
		{50_012_345, 100_000_007, 0.5, 3.792883560118481e-6},
	} {
		if got := binomial(tt.k, tt.n, tt.p); !near(got, tt.want) {
			t.Errorf("binomial(%v, %v, %v) = %.17g, want %.17g", tt.k, tt.n, tt.p, got, tt.want)
		}
	}
}

func TestDeviance(t *testing.T) {
	for _, tt := range []struct{ x, mean, want float64 }{
		{100001000, 100000000, 0.0049999833334166662},
		{99999000, 100000000, 0.0050000166667500005},
		{12, 10, 0.18785868152745551},
		{10, 12, 0.17678443206045374},
		{30, 10, 12.958368660043291},
		{5, 5, 0.0},
	} {
		if got := deviance(tt.x, tt.mean); !near(got, tt.want) {
			t.Errorf("deviance(%v, %v) = %.17g, want %.17g", tt.x, tt.mean, got, tt.want)
		}
	}
}

// The incomplete beta function is a sum of binomial chances.
func TestIncompleteBetaSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		k := rapid.IntRange(1, n).Draw(t, "k")
		p := rapid.Float64Range(0.001, 0.999).Draw(t, "p")
		want := 0.0
		for i := k; i <= n; i++ {
			want += binomial(float64(i), float64(n), p)
		}
		got := incompleteBeta(p, float64(k), float64(n-k+1))
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("P(B >= %d) of %d at %v: got %.17g, want %.17g", k, n, p, got, want)
		}
	})
}

func TestBetaQuantileInverts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := float64(rapid.Int64Range(1, 100_000_000).Draw(t, "a"))
		b := float64(rapid.Int64Range(1, 100_000_000).Draw(t, "b"))
		upper := rapid.Bool().Draw(t, "upper")
		want := alpha
		if upper {
			want = 1 - alpha
		}
		x := betaQuantile(upper, a, b)
		if got := incompleteBeta(x, a, b); math.Abs(got-want) > 1e-7 {
			t.Errorf("I_%v(%v, %v) = %v, want %v", x, a, b, got, want)
		}
	})
}
