package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/floodmark/floodmark/quantity"
)

// A sample is how many seconds something took, in each of several repetitions.
type sample []int

// mean returns the mean, rounded to a tenth of a second.
func (s sample) mean() time.Duration {
	sum := 0
	for _, seconds := range s {
		sum += seconds
	}
	return (time.Duration(sum) * time.Second / time.Duration(len(s))).Round(time.Second / 10)
}

// p95 returns the least value that 95 % of all do not exceed.
func (s sample) p95() time.Duration {
	sorted := slices.Sorted(slices.Values(s))
	return time.Duration(sorted[(95*len(s)+99)/100-1]) * time.Second
}

// String returns the mean, and the 95th percentile in parentheses.
func (s sample) String() string {
	return seconds(s.mean()) + " (" + seconds(s.p95()) + ")"
}

// seconds writes a duration to the second it was seen in.
func seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%g s", d.Seconds())
	}
	return quantity.Duration(d)
}

// share writes how many of all there were.
func share(n, of int) string { return quantity.Percent(float64(n)/float64(of), 0) }
