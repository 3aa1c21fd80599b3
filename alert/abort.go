package alert

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/slo"
)

// When nothing works there is nothing to test: from then on every request was bad for so
// long, and so many were.
const (
	darkFor   = 10 * time.Second
	darkCount = 20
)

// An Abort decides, beat by beat, whether a run is lost: when its Test has proved that
// too many requests are bad, or at once when all are. With a zero Test the second is
// all it does. It is not safe for concurrent use.
type Abort struct {
	// Test is what [SequentialOf] returns. Its DesignEffect is the least that is assumed: the
	// one that the run shows is used where it is larger, from its fiftieth second on. Whoever
	// knows that the target fails in bursts sets it, for the seconds before.
	Test Sequential

	// After is how long requests must have been there before the test may decide: a young
	// run in which a single second was bad proves little about the rest.
	After time.Duration

	run      slo.Count
	lasted   time.Duration // of the intervals with requests
	spread   spread
	dark     int64         // bad requests since the last good one
	darkness time.Duration // length of the intervals they came in
}

// Add adds the requests that ended in an interval, and reports whether the run is lost
// and why. Intervals without requests change nothing.
func (a *Abort) Add(c slo.Count, length time.Duration) (lost bool, why string) {
	a.run.Good += c.Good
	a.run.Total += c.Total
	a.spread.add(c, length)
	switch {
	case c.Good > 0:
		a.dark, a.darkness = 0, 0
	case c.Total > 0:
		a.dark += c.Total
		a.darkness += length
	}
	if a.darkness >= darkFor && a.dark >= darkCount {
		return true, fmt.Sprintf("all requests of the latest %s were bad, %s of them", quantity.Duration(a.darkness), quantity.Count(a.dark))
	}
	if c.Total > 0 {
		a.lasted += length
	}
	if a.lasted < a.After {
		return false, ""
	}
	test := a.Test
	test.DesignEffect = max(test.DesignEffect, a.spread.designEffect())
	if !test.IsBad(a.run) {
		return false, ""
	}
	share := float64(a.run.Bad()) / float64(a.run.Total)
	return true, fmt.Sprintf("%s of %s were bad where %s may be, and chance does not explain it",
		quantity.Percent(share, 0), quantity.Plural(a.run.Total, "request", "requests"), quantity.Percent(test.Good, 0))
}
