package verify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// A Check is what to verify, and how strictly. Rate and Duration must be set.
type Check struct {
	Rate     float64       // arrivals per second
	Duration time.Duration // of each scenario
	Bound    time.Duration // by how much a percentile may be off, in any case
	Share    float64       // by how much of itself a percentile may be off, if that is more

	// Progress, if set, is told which scenario begins: its number from 1, and its name.
	Progress func(number, of int, name string)
}

// The defaults of a check. The bounds are argued for in docs/verify.md.
const (
	DefaultRate     = 1000
	DefaultDuration = 5 * time.Second
	DefaultBound    = 500 * time.Microsecond
	DefaultShare    = 0.02
)

// Limits of a check: what a percentile needs to mean something, and what one process
// can hold in connections to itself.
const (
	minRate, maxRate         = 20, 50_000
	minDuration, maxDuration = time.Second, 10 * time.Minute
)

// Validate returns everything that is wrong with the check's fields, joined.
func (c Check) Validate() error {
	var faults []error
	if !(c.Rate >= minRate && c.Rate <= maxRate) {
		faults = append(faults, fmt.Errorf("rate %v/s is not within %d/s and %d/s", c.Rate, minRate, maxRate))
	}
	if c.Duration < minDuration || c.Duration > maxDuration {
		faults = append(faults, fmt.Errorf("duration %v is not within %v and %v", c.Duration, minDuration, maxDuration))
	}
	if c.Bound <= 0 || !(c.Share >= 0 && c.Share < 1) {
		faults = append(faults, fmt.Errorf("a bound of %v and %v is none", c.Bound, c.Share))
	}
	return errors.Join(faults...)
}

// Files returns how many descriptors the check needs: two for each connection, both
// ends being here, and one for each request that the stall may hold.
func (c Check) Files() int64 {
	const others, late = 200, 1.1 // what else is open, and what comes late besides
	held := late * c.Rate * middle(c.Duration, c.Rate).Length().Seconds()
	return others + 2*int64(held)
}

// Run carries all scenarios out, one after the other, and judges them. It returns
// when everything that it started has ended, and an error when ctx ended first or
// nothing could be measured.
func (c Check) Run(ctx context.Context) (Result, error) {
	if err := c.Validate(); err != nil {
		return Result{}, err
	}
	law := lognormalLaw(lawClasses)
	result := Result{Check: c, Law: law}
	scenarios := c.scenarios(law)
	for i, s := range scenarios {
		if c.Progress != nil {
			c.Progress(i+1, len(scenarios), s.name)
		}
		t := &trial{scenario: s, law: law}
		out, err := t.run(ctx, c)
		if err != nil {
			return Result{}, fmt.Errorf("scenario %s: %w", s.name, err)
		}
		result.Scenarios = append(result.Scenarios, c.compare(t, out))
	}
	result.judge()
	return result, nil
}

// scenarios returns what is tried. The few connections are three times as many as
// the load keeps busy while nothing stalls.
func (c Check) scenarios(law Law) []scenario {
	stall := middle(c.Duration, c.Rate)
	few := max(4, int(math.Ceil(3*c.Rate*law.mean().Seconds())))
	return []scenario{
		{name: "steady"},
		{name: "stall", stall: stall},
		{name: "few connections", stall: stall, connections: few},
	}
}
