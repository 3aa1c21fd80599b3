package measure

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A window that slides is, at each step, what merging its parts anew would give.
func TestSlidingIsTheSumOfItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.IntRange(1, 6).Draw(t, "length")
		values := rapid.SliceOfN(rapid.Int64Range(-1, int64(2*MaxDuration)), 0, 40)
		many := rapid.Bool().Draw(t, "many")
		var sliding Sliding
		var inside []*Histogram
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			part := new(Histogram)
			for _, v := range values.Draw(t, "values") {
				part.Record(time.Duration(v))
			}
			if many && part.Count() > 0 { // spread over blocks, as those of a busy second
				for i := range 4 * manyValues {
					part.Record(time.Duration(i) * time.Millisecond)
				}
			}
			inside = append(inside, part)
			sliding.Add(part.Pack())
			if len(inside) > length {
				sliding.Drop(inside[0].Pack())
				inside = inside[1:]
			}
			want := new(Histogram)
			for _, h := range inside {
				want.Add(h)
			}
			sameButMin(t, sliding.Histogram(), want)
		}
	})
}

// sameButMin compares two histograms in everything that a window knows.
func sameButMin(t *rapid.T, got, want *Histogram) {
	t.Helper()
	if got.Count() != want.Count() || got.Sum() != want.Sum() || got.Max() != want.Max() || got.Clamped() != want.Clamped() {
		t.Fatalf("got %d values, sum %v, max %v, %d clamped, want %d, %v, %v, %d", got.Count(), got.Sum(), got.Max(), got.Clamped(),
			want.Count(), want.Sum(), want.Max(), want.Clamped())
	}
	for rank := int64(1); rank <= want.Count(); rank += 1 + want.Count()/16 {
		if got, want := got.AtRank(rank), want.AtRank(rank); want >= 0 && got != want {
			t.Fatalf("rank %d: got %v, want %v", rank, got, want)
		}
	}
}

func TestPackKeepsCountsBeyondABucket(t *testing.T) {
	var h Histogram
	h.Record(time.Second)
	h.addBucket(bucketIndex(time.Second), 2*math.MaxUint32)
	var s Sliding
	s.Add(h.Pack())
	var sum uint64
	for _, n := range s.Histogram().counts {
		sum += n
	}
	if want := uint64(2*math.MaxUint32 + 1); sum != want {
		t.Errorf("got %d values, want %d", sum, want)
	}
	s.Drop(h.Pack())
	if s.Histogram().Count() != 0 || s.Histogram().Max() != 0 {
		t.Errorf("got %d values up to %v, want none", s.Histogram().Count(), s.Histogram().Max())
	}
}

// BenchmarkSliding is a second of a thousand requests that enters a window as another
// one leaves it, and the percentile that is read then.
func BenchmarkSliding(b *testing.B) {
	var parts [60]*Packed
	var s Sliding
	for i := range parts {
		var h Histogram
		for k := range 1000 {
			h.Record(time.Duration(1e6 * math.Exp(3+0.6*math.Sin(float64(i*1000+k)*12.9898))))
		}
		parts[i] = h.Pack()
		s.Add(parts[i])
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.Drop(parts[i%len(parts)])
		s.Add(parts[i%len(parts)])
		if s.Histogram().Quantile(0.99) == 0 {
			b.Fatal("no value")
		}
		i++
	}
}
