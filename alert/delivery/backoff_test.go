package delivery

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBackoff(t *testing.T) {
	now := time.Unix(1e9, 0)
	for failures, want := range []int{1, 2, 4, 8, 16, 30, 30} {
		if got := bound(failures).Seconds(); got != float64(want) {
			t.Errorf("%d: got %v s, want %d s", failures, got, want)
		}
	}
	if got := bound(math.MaxInt); got != 30*time.Second {
		t.Errorf("got %v, want 30 s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		var b backoff
		for i := range rapid.IntRange(1, 20).Draw(t, "failures") {
			after := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "after"))
			wait := b.fail(now, after)
			if wait < after || wait > max(after, bound(i)) || wait <= 0 || b.notBefore(now) != now.Add(wait) {
				t.Errorf("failure %d, after %v: got %v until %v", i, after, wait, b.resume.Sub(now))
			}
		}
		b.park(now, 2*time.Hour)
		if got := b.notBefore(now).Sub(now); got != 2*time.Hour {
			t.Errorf("parked for %v, want 2 h", got)
		}
		b.clear()
		if got := b.notBefore(now); got != now {
			t.Errorf("clear: got %v later", got.Sub(now))
		}
	})
}
