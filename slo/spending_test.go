package slo

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The answer is that of somebody who looks back over the whole run.
func TestSpendingLooksBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := spending{allowed: float64(rapid.IntRange(0, 10).Draw(t, "percent")) / 100}
		var bads []int64
		var total int64
		for i := range rapid.IntRange(0, 500).Draw(t, "seconds") {
			bad := rapid.Int64Range(0, 20).Draw(t, "bad")
			good := rapid.Int64Range(0, 200).Draw(t, "good")
			s.add(Count{good, good + bad}, time.Duration(i+1)*time.Second)
			bads = append(bads, bad)
			total += good + bad
		}
		want, bad := time.Duration(-1), int64(0)
		for i, n := range bads {
			bad += n
			if n > 0 && s.spent(bad) {
				want = time.Duration(i+1) * time.Second
				break
			}
		}
		if got := s.at(); got != want {
			t.Errorf("got %v, want %v: %d of %d may be bad", got, want, int64(s.allowed*float64(total)), total)
		}
	})
}

// A day in which a fifth fails all the time spends a budget of a twentieth in its
// first quarter, and is remembered in little memory.
func TestSpendingIsBounded(t *testing.T) {
	const day = 86400
	s := spending{allowed: 0.05}
	for i := range day {
		s.add(Count{80, 100}, time.Duration(i+1)*time.Second)
		if len(s.marks) >= maxMarks {
			t.Fatalf("got %d marks after %d seconds, want fewer than %d", len(s.marks), i, maxMarks)
		}
	}
	want := day / 4 * time.Second
	if got := s.at(); got < want || got > want+day/500*time.Second {
		t.Errorf("got %v, want %v or at most a 500th of the day later", got, want)
	}
}
