package measure

import (
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// durations draws values of every magnitude that occurs.
func durations() *rapid.Generator[time.Duration] {
	return rapid.Custom(func(t *rapid.T) time.Duration {
		exponent := rapid.Float64Range(0, math.Log(float64(MaxDuration))).Draw(t, "log")
		return min(time.Duration(math.Exp(exponent)), MaxDuration)
	})
}

// The library is the oracle: the same values lie in the same buckets.
func TestHistogramHasTheLibrarysBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(durations(), 1, 200).Draw(t, "values")
		var ours Histogram
		theirs := hdr.NewPacked(int64(time.Microsecond), int64(MaxDuration), 3)
		for _, v := range values {
			ours.Record(v)
			if err := theirs.RecordValue(int64(v)); err != nil {
				t.Fatal(err)
			}
		}
		var want []int64
		theirs.ForEachBucket(func(value, count int64) bool {
			want = append(want, count)
			return true
		})
		var got []int64
		for high, n := range ours.Buckets {
			got = append(got, n)
			if theirs.CountAtValue(int64(high)) != n {
				t.Fatalf("bucket up to %v: got %d values, want %d", high, n, theirs.CountAtValue(int64(high)))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got counts %v, want %v", got, want)
		}
	})
}

func TestHistogramQuantileIsTheNearestRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(durations(), 1, 300).Draw(t, "values")
		q := rapid.Float64Range(0.001, 1).Draw(t, "q")
		var h Histogram
		for _, v := range values {
			h.Record(v)
		}
		slices.Sort(values)
		exact := values[max(int(math.Ceil(q*float64(len(values))-1e-9)), 1)-1]
		got := h.Quantile(q)
		if got < exact || float64(got) > float64(exact)*1.001+512 {
			t.Fatalf("quantile %v: got %v, want %v up to a bucket above", q, got, exact)
		}
	})
}

func TestHistogramQuantilesNeverCross(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h Histogram
		for _, v := range rapid.SliceOf(durations()).Draw(t, "values") {
			h.Record(v)
		}
		last := h.Min()
		for _, q := range []float64{0, 0.5, 0.9, 0.95, 0.99, 0.999, 1} {
			got := h.Quantile(q)
			if got < last || got > h.Max() {
				t.Fatalf("quantile %v is %v, after %v and with max %v", q, got, last, h.Max())
			}
			last = got
		}
	})
}

func TestHistogramClampsAndCounts(t *testing.T) {
	var h Histogram
	h.Record(-5)
	h.Record(2 * time.Hour)
	h.Record(time.Hour)
	if h.Count() != 3 || h.Clamped() != 2 {
		t.Errorf("got %d values, %d clamped, want 3 and 2", h.Count(), h.Clamped())
	}
	if got := h.CountAtMost(MaxDuration); got != 3 {
		t.Errorf("got %d values in buckets, want 3", got)
	}
	if h.Max() != 2*time.Hour {
		t.Errorf("got max %v, want the true 2h", h.Max())
	}
}

func TestHistogramEmptyGivesZeros(t *testing.T) {
	var h Histogram
	for _, got := range []time.Duration{h.Quantile(0.99), h.Max(), h.Min(), h.Mean(), h.AtRank(1)} {
		if got != 0 {
			t.Errorf("got %v, want 0", got)
		}
	}
}

func TestHistogramAddEqualsRecordingBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.SliceOf(durations()).Draw(t, "one")
		two := rapid.SliceOf(durations()).Draw(t, "two")
		var a, b, both Histogram
		for _, v := range one {
			a.Record(v)
			both.Record(v)
		}
		for _, v := range two {
			b.Record(v)
			both.Record(v)
		}
		a.Add(&b)
		if !sameHistogram(&a, &both) {
			t.Fatalf("got %v/%v/%v, want %v/%v/%v", a.Count(), a.Sum(), a.Max(), both.Count(), both.Sum(), both.Max())
		}
		a.Reset()
		if !sameHistogram(&a, &Histogram{}) {
			t.Fatal("a reset histogram is not empty")
		}
	})
}

// sameHistogram compares values, not memory.
func sameHistogram(a, b *Histogram) bool {
	return maps.Equal(maps.Collect(a.counts), maps.Collect(b.counts)) &&
		a.count == b.count && a.sum == b.sum && a.min == b.min && a.max == b.max && a.clamped == b.clamped
}

// However few or many values there are, and however often they come, the list and
// the blocks count alike, in order, and nothing is lost where one becomes the other.
func TestListAndBlocksCountAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h Histogram
		want := map[int]uint64{}
		for range rapid.IntRange(0, 2).Draw(t, "resets") {
			h.Record(durations().Draw(t, "forgotten"))
			h.Reset()
		}
		for _, d := range rapid.SliceOfN(durations(), 0, 3*maxFew).Draw(t, "values") {
			n := rapid.SampledFrom([]uint64{1, 2, 1 << 31, 1 << 33}).Draw(t, "times")
			h.addBucket(bucketIndex(d), n)
			want[bucketIndex(d)] += n
		}
		last := -1
		for index, n := range h.counts {
			if index <= last || want[index] != n {
				t.Fatalf("bucket %d after %d: %d values, want %d", index, last, n, want[index])
			}
			last = index
			delete(want, index)
		}
		if len(want) > 0 {
			t.Fatalf("missing: %v", want)
		}
	})
}

func TestBucketRangeCoversEveryValueOnce(t *testing.T) {
	var next time.Duration
	for i := range bucketIndex(MaxDuration) {
		low, high := bucketRange(i)
		if low != next || bucketIndex(low) != i || bucketIndex(high) != i {
			t.Fatalf("bucket %d is %d to %d, want it to start at %d", i, low, high, next)
		}
		next = high + 1
	}
}

func BenchmarkHistogramRecord(b *testing.B) {
	b.ReportAllocs()
	var h Histogram
	for i := 0; b.Loop(); i++ {
		h.Record(time.Duration(i&0xfff) * 5 * time.Microsecond)
	}
}
