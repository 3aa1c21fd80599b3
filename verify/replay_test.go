package verify

import (
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

// The expectations were worked out by hand.
func TestReplay(t *testing.T) {
	stall := Stall{Start: 10 * ms, End: 20 * ms, Gap: 2 * ms}
	arrivals := []time.Duration{0, 7 * ms, 9 * ms, 12 * ms, 19 * ms, 20 * ms}
	delays := []time.Duration{3 * ms, 2 * ms, 2 * ms, 1 * ms, 9 * ms, 1 * ms}
	for _, test := range []struct {
		name        string
		stall       Stall
		connections int
		want        []time.Duration
	}{
		{"no stall", Stall{}, 0, delays},
		// Ready at 3 and 9: before the stall. Ready at 11, 13 and 28: held as 0, 1 and 2, to
		// leave at 20, 22 and 24, the last of which is not ready until 28. The one of 20 came
		// after the stall.
		{"stall", stall, 0, []time.Duration{3 * ms, 2 * ms, 11 * ms, 10 * ms, 9 * ms, 1 * ms}},
		// The one connection is free at 3, 9, 20 (held), then 21: those that waited for it
		// were never at the server during the stall.
		{"one connection", stall, 1, []time.Duration{3 * ms, 2 * ms, 11 * ms, 9 * ms, 11 * ms, 11 * ms}},
		// Two connections: free at 3 | 9; 20 (held 0, by the first) | 22 (held 1, by the second);
		// then 29 by the first and 23 by the second.
		{"two connections", stall, 2, []time.Duration{3 * ms, 2 * ms, 11 * ms, 10 * ms, 10 * ms, 3 * ms}},
	} {
		if got := replay(arrivals, delays, test.stall, test.connections); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestStall(t *testing.T) {
	if (Stall{}).holds(0, 5*ms) {
		t.Error("no stall holds an answer")
	}
	s := Stall{Start: 10 * ms, End: 20 * ms}
	for _, test := range []struct {
		received, ready time.Duration
		want            bool
	}{
		{5 * ms, 9 * ms, false}, {5 * ms, 10 * ms, true}, {15 * ms, 30 * ms, true}, {20 * ms, 21 * ms, false},
	} {
		if got := s.holds(test.received, test.ready); got != test.want {
			t.Errorf("received %v, ready %v: held is %v, want %v", test.received, test.ready, got, test.want)
		}
	}
	for _, test := range []struct{ duration, start, end, gap time.Duration }{
		{5 * time.Second, 2 * time.Second, 3 * time.Second, ms / 2},
		{time.Second, 400 * ms, 600 * ms, ms / 2},
	} {
		want := Stall{test.start, test.end, test.gap}
		if got := middle(test.duration, 1000); got != want {
			t.Errorf("in the middle of %v: got %v, want %v", test.duration, got, want)
		}
	}
}
