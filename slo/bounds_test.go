package slo

import (
	"testing"

	"pgregory.net/rapid"
)

// The wanted values were computed with 40 digits (mpmath).
func TestShareBounds(t *testing.T) {
	for _, tt := range []struct {
		hits, total int64
		low, high   float64
	}{
		{0, 59, 0, 0.049507609888226944}, // 1 - 0.05^(1/59)
		{59, 59, 0.95049239011177306, 1}, // 0.05^(1/59)
		{0, 1, 0, 0.95},
		{1, 1, 0.05, 1},
		{1, 10, 0.0051161968918237011, 0.39416330243650478},
		{5, 10, 0.22244110100812908, 0.77755889899187092},
		{9, 10, 0.60583669756349522, 0.9948838031081763},
		{38, 5000, 0.0056968551911263999, 0.0099499176221688959},
		{4937, 5000, 0.98448242271083262, 0.98988094772244183},
		{4962, 5000, 0.9900500823778311, 0.9943031448088736},
		{19988, 20000, 0.99902805241411043, 0.9996537540892545},
	} {
		low, high := shareBounds(tt.hits, tt.total)
		if !near(low, tt.low) || !near(high, tt.high) {
			t.Errorf("%d of %d: got %.17g to %.17g, want %.17g to %.17g", tt.hits, tt.total, low, high, tt.low, tt.high)
		}
	}
}

func TestShareBoundsContainTheShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 100_000_000).Draw(t, "total")
		hits := rapid.Int64Range(0, total).Draw(t, "hits")
		low, high := shareBounds(hits, total)
		share := float64(hits) / float64(total)
		if !(0 <= low && low <= share && share <= high && high <= 1) {
			t.Errorf("%d of %d: %v is not within %v to %v", hits, total, share, low, high)
		}
		mirrorLow, mirrorHigh := shareBounds(total-hits, total)
		if d := max(low+mirrorHigh, high+mirrorLow) - 1; d > 1e-9 {
			t.Errorf("%d of %d: the bounds of hits and misses differ by %v", hits, total, d)
		}
	})
}

// The wanted ranks follow from sums of exact binomial chances.
func TestRankBounds(t *testing.T) {
	for _, tt := range []struct {
		total     int64
		quantile  float64
		low, high int64
	}{
		{1, 0.5, 0, 2},
		{4, 0.5, 0, 5}, // 1/16 is more than 5 %
		{5, 0.5, 1, 5}, // 1/32 is less
		{10, 0.5, 2, 9},
		{58, 0.95, 52, 59},
		{59, 0.95, 53, 59},
		{298, 0.99, 292, 299}, // no finite upper limit
		{299, 0.99, 293, 299},
		{12000, 0.99, 11862, 11899},
	} {
		low, high := rankBounds(tt.total, tt.quantile)
		if low != tt.low || high != tt.high {
			t.Errorf("%d values, quantile %v: got %d to %d, want %d to %d", tt.total, tt.quantile, low, high, tt.low, tt.high)
		}
	}
}

func TestRankBoundsBySums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 2000).Draw(t, "total")
		q := rapid.Float64Range(0.001, 0.999).Draw(t, "q")
		var wantLow, wantHigh int64
		below := 0.0 // P(B < rank)
		for rank := int64(1); ; rank++ {
			below += binomial(float64(rank-1), float64(total), q)
			if below < alpha-1e-12 {
				wantLow = rank
			}
			if below >= 1-alpha+1e-12 || rank > total {
				wantHigh = rank
				break
			}
		}
		low, high := rankBounds(total, q)
		if low != wantLow || high != wantHigh {
			t.Errorf("%d values, quantile %v: got %d to %d, want %d to %d", total, q, low, high, wantLow, wantHigh)
		}
	})
}

func TestMoreNeeded(t *testing.T) {
	for _, tt := range []struct {
		hits, total int64
		limit       float64
		want        int64
	}{
		{20, 20, 0.95, 39},          // 59 in all
		{100, 100, 0.99, 199},       // 299
		{1, 1, 0.999, 2994},         // 2995
		{1, 1, 0.9999, 29955},       // 29956
		{0, 1, 0.05, 58},            // 59
		{1, 1, 0.9999999, 29957321}, // 29957322, as log(0.05)/log(0.9999999) is 29957321.2
		{95, 100, 0.95, -1},
		{950_000_000_000, 1_000_000_000_001, 0.95, -1},
	} {
		if got := moreNeeded(tt.hits, tt.total, tt.limit); got != tt.want {
			t.Errorf("%d of %d against %v: got %d more, want %d", tt.hits, tt.total, tt.limit, got, tt.want)
		}
	}
}

// With multiples of what was seen the hits stay whole: the first multiple that
// has as many more as needed decides, and the one before does not.
func TestMoreNeededDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 200).Draw(t, "total")
		hits := rapid.Int64Range(0, total).Draw(t, "hits")
		limit := float64(rapid.Int64Range(1, 999).Draw(t, "permille")) / 1000
		decides := func(times int64) bool {
			low, high := shareBounds(hits*times, total*times)
			return low >= limit || high <= limit
		}
		more := moreNeeded(hits, total, limit)
		if more < 0 || decides(1) {
			return
		}
		times := (more + 2*total - 1) / total
		slack := times / 100 // of the normal approximation, for large numbers
		if !decides(times + slack) {
			t.Errorf("%d of %d against %v: %d more do not decide", hits, total, limit, more)
		}
		if decides(times - 1 - slack) {
			t.Errorf("%d of %d against %v: fewer than %d more decide", hits, total, limit, more)
		}
	})
}

func BenchmarkShareBounds(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		shareBounds(50_000_000, 100_000_000)
	}
}
