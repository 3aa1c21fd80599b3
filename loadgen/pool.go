package loadgen

import (
	"iter"
	"sync"
	"time"
)

// A pool is the open model: one pacer, and users that it keeps busy.
type pool struct {
	*run
	users    sync.WaitGroup
	maxUsers int
	maxWork  int

	mu      sync.Mutex
	started int     // users so far
	parked  []*user // free ones; the last was busy last
	waiting queue   // arrivals for which no user is free
	working int     // arrivals waiting or being walked
	closed  bool    // no more arrivals will come
}

// newPool returns a pool without users.
func newPool(r *run) *pool {
	p := &pool{run: r, maxWork: r.MaxInFlight}
	if p.maxWork == 0 {
		p.maxWork = DefaultMaxInFlight
	}
	p.maxUsers = p.maxWork
	if r.MaxConnections > 0 {
		p.maxUsers = min(p.maxUsers, r.MaxConnections)
	}
	return p
}

// pace begins each arrival when it is due, in the caller's goroutine, until there
// are no more or the run is stopped. A late one begins at once.
func (p *pool) pace(arrivals iter.Seq[time.Duration]) {
	lane := p.lane(0)
	for at := range arrivals {
		if p.until(p.going, at) != nil {
			p.stopped = true
			return
		}
		a := arrival{k: uint64(p.arrivals), at: at, planned: true}
		p.arrivals++
		a.scenario = p.Mix.Pick(p.Seed, a.k)
		_, series := p.due(&a)
		lane.Plan(series)
		lane.Pace(p.now() - at)
		if !p.hand(a) {
			lane.Unsend(series)
		}
	}
}

// hand gives an arrival to a free user, to a new one, or to the queue. It reports
// false when there is no room for it.
func (p *pool) hand(a arrival) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.working >= p.maxWork {
		return false
	}
	p.working++
	if last := len(p.parked) - 1; last >= 0 {
		u := p.parked[last]
		p.parked = p.parked[:last]
		u.inbox <- a // never blocks: it has room for one, and the user is free
		return true
	}
	if p.started >= p.maxUsers {
		p.waiting.push(a)
		return true
	}
	number := p.started
	p.started++
	p.users.Go(func() { p.serve(number, a) })
	return true
}

// serve is a user's life: arrival after arrival, until there are no more.
func (p *pool) serve(number int, a arrival) {
	u := newUser(p.run, number)
	defer u.leave()
	u.inbox = make(chan arrival, 1)
	for more := true; more; a, more = p.next(u) {
		u.walk(p.hard, &a)
	}
}

// next ends a user's arrival and returns the one to walk next: the oldest that
// waits, or the one that the pacer hands over. More is false when none will come.
func (p *pool) next(u *user) (a arrival, more bool) {
	if p.hard.Err() != nil {
		return arrival{}, false // what was cancelled stays in flight, and keeps its place
	}
	p.mu.Lock()
	p.working--
	switch {
	case p.waiting.len() > 0:
		defer p.mu.Unlock()
		return p.waiting.pop(), true
	case p.closed:
		p.mu.Unlock()
		return arrival{}, false
	}
	p.parked = append(p.parked, u)
	p.mu.Unlock()
	a, more = <-u.inbox
	return a, more
}

// finish sends parked users home and waits for the others, who still walk what
// waits.
func (p *pool) finish() {
	p.mu.Lock()
	p.closed = true
	for _, u := range p.parked {
		close(u.inbox)
	}
	p.parked = nil
	p.mu.Unlock()
	p.users.Wait()
}
