package verify

import (
	"math"
	"slices"
	"testing"
	"time"
)

// The four strata of a lognormal law have their middles at the normal quantiles of
// 1/8, 3/8, 5/8 and 7/8, which are ∓1.15035 and ∓0.31864 (from a table).
func TestLognormalLaw(t *testing.T) {
	law := lognormalLaw(4)
	for i, z := range []float64{-1.15035, -0.31864, 0.31864, 1.15035} {
		want := 2e6 * math.Exp(0.8*z)
		if got := float64(law[i]); math.Abs(got-want) > 1e-4*want {
			t.Errorf("class %d: got %v, want %v", i, law[i], time.Duration(want))
		}
	}
}

func TestTheLawOfEveryCheck(t *testing.T) {
	law := lognormalLaw(lawClasses)
	if !slices.IsSorted(law) || law[0] < 200*time.Microsecond || law[len(law)-1] > 20*time.Millisecond {
		t.Errorf("got delays from %v to %v, want them in order within 0.2 and 20 ms", law[0], law[len(law)-1])
	}
	// The mean of the whole law is median·exp(σ²/2); the strata lose some of its tail.
	whole := 2e6 * math.Exp(0.32)
	if got := float64(law.mean()); got > whole || got < 0.98*whole {
		t.Errorf("mean: got %v, want a little less than %v", law.mean(), time.Duration(whole))
	}
}

func TestPathsNameClasses(t *testing.T) {
	law := make(Law, 12)
	for class := range law {
		if got, ok := law.classOf(path(class)); !ok || got != class {
			t.Errorf("%s: got class %d, %v, want %d", path(class), got, ok, class)
		}
	}
	for _, path := range []string{"", "/", "3", "/12", "/-1", "/x", "/1/", "//1"} {
		if class, ok := law.classOf(path); ok {
			t.Errorf("%q: got class %d, want none", path, class)
		}
	}
}
