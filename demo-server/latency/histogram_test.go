package latency

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func ExampleHistogram() {
	var h Histogram
	for i := range 100 {
		h.Observe(time.Duration(i+1) * time.Millisecond)
	}
	fmt.Println(h.Count(), h.Mean(), h.Max())
	// Output: 100 50.5ms 100ms
}

func TestBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "time"))
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

func TestHistogram(t *testing.T) {
	var empty Histogram
	if empty.Mean() != 0 || empty.Percentile(99) != 0 || empty.Max() != 0 {
		t.Errorf("empty: got %v, %v, %v, want nothing", empty.Mean(), empty.Percentile(99), empty.Max())
	}
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(-10, int64(time.Hour)), 1, 300).Draw(t, "times")
		var h Histogram
		var sum time.Duration
		for i, v := range values {
			h.Observe(time.Duration(v))
			values[i] = max(v, 0)
			sum += time.Duration(values[i])
		}
		slices.Sort(values)
		for _, percent := range []int{1, 50, 95, 99, 100} {
			rank := max(len(values)-len(values)*(100-percent)/100, 1)
			got, want := h.Percentile(percent), time.Duration(values[rank-1])
			if got < want || got > want+want/steps {
				t.Fatalf("p%d: got %v, want %v and at most a sixteenth more", percent, got, want)
			}
		}
		if got, want := h.Max(), time.Duration(values[len(values)-1]); got != want {
			t.Fatalf("max: got %v, want %v", got, want)
		}
		if got, want := h.Mean(), sum/time.Duration(len(values)); got != want || h.Count() != uint64(len(values)) {
			t.Fatalf("mean: got %v of %d, want %v of %d", got, h.Count(), want, len(values))
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	var h Histogram
	b.ReportAllocs()
	for b.Loop() {
		h.Observe(70 * time.Microsecond)
	}
}
