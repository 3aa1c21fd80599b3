package report

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Marks are in the order of their time, whatever the order they come in; those of the same
// time are in that.
func TestMarksInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var got Marks
		var want []Mark
		for i, at := range rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "at") {
			m := Mark{At: float64(at), Text: string(rune('a' + i))}
			want = append(want, m)
			got.Add(m)
		}
		slices.SortStableFunc(want, func(a, b Mark) int { return int(a.At - b.At) })
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// A mark that comes late stands in its place, and snapshots that were taken stay as they are.
func TestLateMarks(t *testing.T) {
	c := &Camera{}
	for i := range maxEvents {
		c.Note(time.Duration(i)*time.Second, EventNote, "n")
	}
	before := c.events
	was := slices.Clone(before)
	c.Note(30*time.Second+time.Second/2, EventMarker, "late")
	if n := len(c.events); n != maxEvents || c.events[30].Text != "late" || c.events[29].At != 30 || c.events[31].At != 31 {
		t.Errorf("got %d events, %+v", n, c.events)
	}
	if !slices.Equal(before, was) {
		t.Error("an earlier snapshot has changed")
	}
}
