package main

import (
	"math"
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// statistics are what is compared of response times.
type statistics struct{ mean, p95, p99 time.Duration }

// statisticsOf sums up the responses of a replay. Quantiles are of the nearest rank
// from above, as the histogram's are.
func statisticsOf(responses []time.Duration) statistics {
	sorted := slices.Sorted(slices.Values(responses))
	var sum time.Duration
	for _, r := range sorted {
		sum += r
	}
	quantile := func(q float64) time.Duration {
		return sorted[max(int(math.Ceil(q*float64(len(sorted))-1e-9)), 1)-1]
	}
	return statistics{mean: sum / time.Duration(len(sorted)), p95: quantile(0.95), p99: quantile(0.99)}
}

// statisticsIn sums up a histogram, whose quantiles are at most 0.1 % too high.
func statisticsIn(h *measure.Histogram) statistics {
	return statistics{mean: h.Mean(), p95: h.Quantile(0.95), p99: h.Quantile(0.99)}
}

// Differences up to the larger of the two are accepted.
const (
	tolerance      = time.Millisecond
	toleranceShare = 0.03
)

// agrees reports whether a measured value is close enough to the ideal one.
func agrees(ideal, measured time.Duration) bool {
	allowed := max(tolerance.Seconds(), toleranceShare*ideal.Seconds())
	return math.Abs((measured - ideal).Seconds()) <= allowed
}
