package slo

import "math"

// alpha is the chance that a one-sided bound is allowed to be wrong.
const alpha = 0.05

// outstanding is the chance below which an interval is called bad. A service right
// at its limit is beyond it in every second interval; only what would happen in
// one of a hundred by chance tells when something went wrong.
const outstanding = 0.01

// chanceOfFewer returns the chance of at most so many hits in total when their
// true share is p, between 0 and 1, both excluded.
func chanceOfFewer(hits, total int64, p float64) float64 {
	if hits >= total {
		return 1
	}
	return incompleteBeta(1-p, float64(total-hits), float64(hits+1))
}

// shareBounds returns the one-sided 95 % bounds each of a share of which hits
// in total were seen (Clopper and Pearson 1934): below low, as many hits would
// come with a chance of less than 5 %, above high as few. total is above 0.
func shareBounds(hits, total int64) (low, high float64) {
	k, n := float64(hits), float64(total)
	low, high = 0, 1
	switch {
	case hits >= total:
		low = math.Exp(math.Log(alpha) / n)
	case hits > 0:
		low = betaQuantile(false, k, n-k+1)
	}
	switch {
	case hits <= 0:
		high = -math.Expm1(math.Log(alpha) / n)
	case hits < total:
		high = betaQuantile(true, k+1, n-k)
	}
	return low, high
}

// rankBounds returns the ranks, counted from 1, of the values among total that
// are one-sided 95 % bounds each of the quantile q (Hahn and Meeker, Statistical
// Intervals, on order statistics): B, the number of values at or below the true
// quantile, is binomial, and low is the largest rank with P(B >= low) >= 95 %,
// high the smallest with P(B < high) >= 95 %. With few values low may be 0 and
// high total + 1: there is no such value.
func rankBounds(total int64, q float64) (low, high int64) {
	return binomialQuantile(total, q, alpha, -z95), binomialQuantile(total, q, 1-alpha, z95) + 1
}

// binomialQuantile returns the smallest k with P(B <= k) >= want for B ~
// Binomial(n, p); z is the normal quantile of want, to begin near it.
func binomialQuantile(n int64, p, want, z float64) int64 {
	size := float64(n)
	guess := size*p + z*math.Sqrt(size*p*(1-p)) + (z*z-1)*(1-2*p)/6
	k := min(max(math.Floor(guess), 0), size)
	below := 1.0 // P(B <= k)
	if k < size {
		below = incompleteBeta(1-p, size-k, k+1)
	}
	for ; below < want && k < size; k++ {
		below += binomial(k+1, size, p)
	}
	for k > 0 {
		chance := binomial(k, size, p)
		if below-chance < want {
			break
		}
		below -= chance
		k--
	}
	return int64(k)
}

// moreNeeded returns how many further events with the same share of hits would
// show, with 95 % confidence, on which side of limit the share is. It returns -1
// when the share is at the limit, or so near that 1e15 events would not do.
func moreNeeded(hits, total int64, limit float64) int64 {
	const (
		most  = 1e15
		large = 1e5 // from this variance the normal approximation is good to a percent
	)
	share, seen := float64(hits)/float64(total), float64(total)
	distance := share - limit
	rough := z95 * z95 * limit * (1 - limit) / (distance * distance)
	switch {
	case rough > most: // infinite at the limit itself
		return -1
	case rough*limit*(1-limit) > large:
		return int64(math.Ceil(max(rough-seen, 1)))
	}
	low, high := seen, max(math.Ceil(rough), seen+1)
	for !decided(share, high, limit) && high < most {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if middle := math.Floor((low + high) / 2); decided(share, middle, limit) {
			high = middle
		} else {
			low = middle
		}
	}
	return int64(high - seen)
}

// decided reports whether a share of n events would be told apart from the limit
// by its Clopper-Pearson bound. The number of hits need not be whole.
func decided(share, n, limit float64) bool {
	hits := share * n
	if share > limit {
		return incompleteBeta(limit, hits, n-hits+1) <= alpha
	}
	return incompleteBeta(1-limit, n-hits, hits+1) <= alpha
}
