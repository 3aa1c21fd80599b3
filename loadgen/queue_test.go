package loadgen

import (
	"testing"

	"pgregory.net/rapid"
)

// The queue against a plain slice.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var want []uint64
		next := uint64(0)
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 3), 200, 200).Draw(t, "steps") {
			if step > 0 || len(want) == 0 { // mostly pushes, so that it grows
				q.push(arrival{k: next})
				want = append(want, next)
				next++
				continue
			}
			if got := q.pop().k; got != want[0] {
				t.Fatalf("popped %d, want %d", got, want[0])
			}
			want = want[1:]
		}
		if q.len() != len(want) {
			t.Errorf("len = %d, want %d", q.len(), len(want))
		}
		for _, k := range want {
			if got := q.pop().k; got != k {
				t.Fatalf("popped %d, want %d", got, k)
			}
		}
	})
}
