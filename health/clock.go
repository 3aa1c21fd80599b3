package health

import "time"

// smallestStep is what counts as a step of the wall clock. Smaller ones are the time
// that passes between reading the two clocks. A clock that is merely slewed shows
// nothing: the kernel slews both.
const smallestStep = 5 * time.Millisecond

// A clockPair watches the wall clock by the monotonic one, which nobody can set.
type clockPair struct {
	base   time.Time     // zero of both
	before time.Duration // by how much the wall clock was ahead
}

// step returns by how much the wall clock was moved since the call before.
func (c *clockPair) step() time.Duration {
	if c.base.IsZero() {
		c.base = time.Now()
	}
	// A thread that loses its CPU between the readings of the two clocks makes the
	// wall clock seem to be behind, so that the largest of three is the truest.
	var ahead time.Duration
	for i := range 3 {
		if d := c.ahead(time.Now()); i == 0 || d > ahead {
			ahead = d
		}
	}
	step := stepOf(c.before, ahead)
	c.before = ahead
	return step
}

// ahead returns by how much the wall clock of t is ahead of its monotonic one.
func (c *clockPair) ahead(t time.Time) time.Duration {
	return t.Round(0).Sub(c.base.Round(0)) - t.Sub(c.base)
}

// stepOf tells a step from noise.
func stepOf(before, now time.Duration) time.Duration {
	if step := now - before; step.Abs() >= smallestStep {
		return step
	}
	return 0
}
