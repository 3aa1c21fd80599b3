package cache

import (
	"math"
	"time"
)

// A verdict is what becomes of a value that was found.
type verdict int

const (
	expired verdict = iota // it is of no use, except when a load fails
	fresh                  // it is served
	early                  // it is good, and this reader loads the next one all the same
	ageing                 // it is served, and the next one is loaded meanwhile
)

// judge says what becomes of an entry now. The caller holds mu.
func (c *Cache) judge(e *entry, underWay bool) verdict {
	if e.expires.IsZero() {
		return fresh
	}
	left := time.Until(e.expires)
	if left <= 0 {
		if c.config.Protection == Background && -left < c.config.MaxStale {
			return ageing
		}
		return expired
	}
	soon := left < c.config.Margin
	switch {
	case c.config.Protection == Background && soon:
		return ageing
	case underWay && c.config.SingleFlight:
		return fresh // it is good, and the next one is on its way
	case c.config.Protection == Early && soon, c.config.Protection == Probabilistic && c.draw(e.took, left):
		return early
	}
	return fresh
}

// draw is XFetch: a value is loaded early when took·beta·-ln(u) reaches the time that
// is left, u being uniform in (0, 1]. The exponential makes it a question of the rate
// of reads alone when the first of them loads, not of their number.
func (c *Cache) draw(took, left time.Duration) bool {
	u := 1 - c.draws.Float64()
	return float64(took)*c.config.Beta*-math.Log(u) >= float64(left)
}

// age returns when a value that is kept now expires. The caller holds mu.
func (c *Cache) age() time.Time {
	if c.config.TTL < 0 {
		return time.Time{}
	}
	cut := c.config.Jitter * c.draws.Float64() * float64(c.config.TTL)
	return time.Now().Add(c.config.TTL - time.Duration(cut))
}
