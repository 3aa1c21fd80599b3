package loadgen

import (
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A crowd is the closed model: users who loop while they are there.
type crowd struct {
	guide
	users sync.WaitGroup
	begun atomic.Int64 // iterations, refused ones included
	limit int64        // of begun; 0: none
	seats []*seat      // of users who may be there

	// enough ends when no user may begin anything any more.
	enough    context.Context
	sayEnough context.CancelFunc

	seated int // how many there ever were

	// wake ends with enough, or with the leg of which it is.
	wake   context.Context
	wakes  *leg
	unwake func()
}

// newCrowd returns a crowd without users.
func newCrowd(r *run, iterations int64) *crowd {
	c := &crowd{limit: iterations, unwake: func() {}}
	c.enough, c.sayEnough = context.WithCancel(r.going)
	c.guide = guide{run: r, here: r.leg.Load(), goal: c.enough}
	return c
}

// gather lets the users in when their spans begin, and returns when the last span
// has ended, the limit of iterations is reached, or the run is stopped.
func (c *crowd) gather(spans iter.Seq[Span]) {
	for again := true; again; {
		again = c.follow(spans)
	}
	c.stopped = c.over()
}

// follow lets users in and waits for the end of their spans, until a change makes these
// others: then it returns true. Users who are there already take the spans that have
// begun, as far as these go; the others leave.
func (c *crowd) follow(spans iter.Seq[Span]) (again bool) {
	from := c.here.position
	there := c.there()
	woken := len(there) == 0
	last := from
	if c.turns > 0 {
		last = max(from, c.planEnd()) // even without users: it may change again
	}
	for span := range spans {
		last = max(last, span.End)
		if span.Start <= from {
			var taken bool
			if there, taken = take(there, span.End); taken {
				continue
			}
		}
		if !woken {
			c.dismiss(there, from)
			there, woken = nil, true
		}
		if how := c.await(span.Start); how != due {
			return how == turned
		}
		c.seat(span.End)
	}
	if !woken {
		c.dismiss(there, from)
	}
	return c.await(last) == turned // early or not: what follows is the drain
}

// there returns the seats of the users who have not left.
func (c *crowd) there() []*seat {
	c.seats = slices.DeleteFunc(c.seats, func(s *seat) bool { return s.end.Load() == gone })
	return c.seats
}

// dismiss ends the spans of some users, and lets all look when theirs end.
func (c *crowd) dismiss(seats []*seat, at time.Duration) {
	for _, s := range seats {
		s.give(at)
	}
	c.renew()
}

// seat lets a user in.
func (c *crowd) seat(end time.Duration) {
	s := &seat{}
	s.end.Store(int64(end))
	c.seats = append(c.seats, s)
	number := c.seated
	c.seated++
	c.users.Go(func() {
		defer c.panics()
		c.loop(number, s)
	})
}

// await returns when the run is at a position in the plan, or says why it will not be.
func (c *crowd) await(position time.Duration) passage {
	for {
		at := c.here.when(position)
		c.listen()
		if c.until(c.wake, at) == nil {
			return due
		}
		if how := c.pass(at, 0); how != wait {
			return how
		}
	}
}

// listen makes wake end with the present leg.
func (c *crowd) listen() {
	if c.wakes == c.here {
		return
	}
	c.unwake()
	wake, cancel := context.WithCancel(c.enough)
	stop := context.AfterFunc(c.here.over, cancel)
	c.wakes, c.wake, c.unwake = c.here, wake, func() { stop(); cancel() }
}

// loop is a user's life.
func (c *crowd) loop(number int, s *seat) {
	u := newUser(c.run, number)
	defer u.leave()
	for {
		l := c.leg.Load()
		a := arrival{at: c.now(), seat: s}
		switch {
		case s.leaves(l.at(a.at)) || c.over():
			return
		case l.paused:
			if !c.rest(l) {
				return
			}
			continue
		case !c.admit(&a):
			return
		}
		u.walk(&a)
	}
}

// rest waits until a pause is over, or changed. It reports false when there is nothing
// to wait for any more.
func (c *crowd) rest(l *leg) bool {
	select {
	case <-l.over.Done():
		return true
	case <-c.enough.Done():
		return false
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
	c.unwake()
	c.arrivals = c.begun.Load()
	if c.limit > 0 {
		c.arrivals = min(c.arrivals, c.limit)
	}
}
