package loadgen

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"
)

// A crowd is the closed model: users who loop while they are there.
type crowd struct {
	*run
	users sync.WaitGroup
	begun atomic.Int64 // iterations, refused ones included
	limit int64        // of begun; 0: none
	last  time.Duration

	// enough ends when no user may begin anything any more.
	enough    context.Context
	sayEnough context.CancelFunc
}

// newCrowd returns a crowd without users.
func newCrowd(r *run, iterations int64) *crowd {
	c := &crowd{run: r, limit: iterations}
	c.enough, c.sayEnough = context.WithCancel(r.going)
	return c
}

// gather lets the users in when their spans begin, and returns when the last span
// has ended, the limit of iterations is reached, or the run is stopped.
func (c *crowd) gather(spans iter.Seq[Span]) {
	number := 0
	for span := range spans {
		if c.until(c.enough, span.Start) != nil {
			break
		}
		c.last = max(c.last, span.End)
		user := number
		number++
		c.users.Go(func() { c.loop(user, span) })
	}
	_ = c.until(c.enough, c.last) // early or not: what follows is the drain
	c.stopped = c.over()
}

// loop is a user's life.
func (c *crowd) loop(number int, span Span) {
	u := newUser(c.run, number)
	defer u.leave()
	for {
		a := arrival{at: c.now(), end: span.End}
		if a.at >= span.End || c.over() || !c.admit(&a) {
			return
		}
		u.walk(c.going, &a)
	}
}

// admit numbers an iteration, unless the limit is reached.
func (c *crowd) admit(a *arrival) bool {
	k := c.begun.Add(1) - 1
	if c.limit > 0 && k >= c.limit {
		c.sayEnough()
		return false
	}
	a.k = uint64(k)
	a.scenario = c.Mix.Pick(c.Seed, a.k)
	return true
}

// finish waits for the iterations under way.
func (c *crowd) finish() {
	c.users.Wait()
	c.sayEnough()
	c.arrivals = c.begun.Load()
	if c.limit > 0 {
		c.arrivals = min(c.arrivals, c.limit)
	}
}
