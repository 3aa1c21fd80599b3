package loadgen

import (
	"errors"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/targets"
)

// A pool is the open model: one pacer, and users that it keeps busy.
type pool struct {
	guide
	users    sync.WaitGroup
	maxUsers int
	maxWork  int
	wanted   chan struct{} // says that arrivals wait and more users may be started
	late     atomic.Int64  // when the pacer was last behind, on the run's clock

	mu      sync.Mutex
	started int     // users so far
	parked  []*user // free ones; the last was busy last
	waiting queue   // arrivals for which no user is free
	working int     // arrivals waiting or being walked
	closed  bool    // no more arrivals will come
}

// newPool returns a pool without users.
func newPool(r *run) *pool {
	p := &pool{guide: guide{run: r, here: r.leg.Load(), goal: r.going}, maxWork: r.MaxInFlight, wanted: make(chan struct{}, 1)}
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
	p.users.Go(func() {
		defer p.panics()
		p.hire()
	})
	for again := true; again; {
		again = p.follow(arrivals)
	}
}

// follow paces arrivals until a change makes them others: then it returns true.
func (p *pool) follow(arrivals iter.Seq[time.Duration]) (again bool) {
	for position := range arrivals {
		at, now, how := p.await(position)
		if how != due && how != missed {
			p.stopped = how == ended
			return how == turned
		}
		a := arrival{k: uint64(p.arrivals), at: at, planned: true}
		p.begin(a, position, now, how == due)
	}
	if p.turns == 0 || p.Control.Limit > 0 && p.arrivals >= p.Control.Limit {
		return false
	}
	// Nothing comes as the load is now. Until the plan is over that can change again.
	_, _, how := p.await(p.planEnd())
	p.stopped = how == ended
	return how == turned
}

// begin lets an arrival begin that is due, or else counts it as unsent. position is its own
// in the plan.
func (p *pool) begin(a arrival, position, now time.Duration, send bool) {
	p.arrivals++
	a.scenario = p.Mix.Pick(p.Seed, a.k)
	if now-a.at > hireBehind {
		p.late.Store(int64(now))
	}
	lane := p.lane(0)
	first := p.due(&a, position)
	lane.Plan(a.series, first)
	lane.Pace(now - a.at)
	if !send || !p.hand(a) {
		lane.Unsend(a.series, first)
	}
}

// await returns when a position in the plan is due, with the instant at which it was and
// the time it is then; or else it says what has become of it.
func (p *pool) await(position time.Duration) (at, now time.Duration, how passage) {
	for {
		at = p.here.when(position)
		if now, err := p.reach(at); err == nil {
			return at, now, due
		}
		if how = p.pass(at, p.arrivals); how == wait {
			continue
		}
		if now = p.now(); how == due && now-at > p.Quantum+tooLate {
			how = missed
		}
		return at, now, how
	}
}

// tooLate is by how much a pacer must be behind, if somebody has changed the load since, for
// an arrival not to begin any more: who has paused it, or made the rate smaller, because it
// was too much is not to wait until all is made up for.
const tooLate = 100 * time.Millisecond

// reach returns at an instant of the run, with the time it is then, or with an error when
// the leg ends before. It sleeps for a quantum at least: what becomes due meanwhile is a
// batch. Whether the leg has ended is asked after the clock was read, see [run.cut].
func (p *pool) reach(at time.Duration) (now time.Duration, err error) {
	if err := p.here.over.Err(); err != nil {
		return 0, err
	}
	if now = p.now(); now < at {
		if err := p.sleep(max(at, now+p.Quantum)); err != nil {
			return 0, err
		}
		now = p.now()
	}
	if p.here.closed.Load() {
		return 0, errClosed
	}
	return now, nil
}

// errClosed is for nobody but who waits for the next leg.
var errClosed = errors.New("the leg is about to end")

// sleep is until for the pacer.
func (p *pool) sleep(offset time.Duration) error {
	if p.Pause == nil {
		return p.until(p.here.over, offset)
	}
	return p.Pause(p.here.over, p.start.Add(offset))
}

// hand gives an arrival to a free user, or to the queue for the next one that is
// free or hired. It reports false when there is no room for it.
func (p *pool) hand(a arrival) bool {
	p.mu.Lock()
	if p.working >= p.maxWork {
		p.mu.Unlock()
		return false
	}
	p.working++
	if last := len(p.parked) - 1; last >= 0 {
		u, armed := p.parked[last], p.parked[last].armed
		p.parked = p.parked[:last]
		p.mu.Unlock()
		p.rouse(u, a, armed)
		return true
	}
	p.waiting.push(a)
	more := p.started < p.maxUsers
	p.mu.Unlock()
	if more {
		select {
		case p.wanted <- struct{}{}:
		default: // it was said already
		}
	}
	return true
}

// rouse lets a free user begin with an arrival. If the user is armed, and the
// arrival begins with a request, the request is sent here, and nobody is woken
// before the answer comes.
func (p *pool) rouse(u *user, a arrival, armed bool) {
	if armed {
		u.begun = a
		if u.starter.Start(p.opening(&a)) {
			return
		}
	}
	u.inbox <- a // never blocks: it has room for one, and the user is free
}

// opening returns the request that an arrival begins with, nil if it begins with a
// pause.
func (p *pool) opening(a *arrival) *targets.Request {
	return p.scenario(a)[0].Request
}

// serve is a user's life: arrival after arrival, until there are no more.
func (p *pool) serve(number int, a arrival) {
	u := newUser(p.run, number)
	defer u.leave()
	u.inbox = make(chan arrival, 1)
	u.ready = func() bool { return p.park(u, true) }
	for more := true; more; a, more = p.next(u) {
		u.walk(&a)
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
	u.parked = false
	p.mu.Unlock()
	if u.starter != nil && u.starter.Await(p.hard, u.ready, &u.resp) {
		u.answered = true
		return u.begun, true
	}
	return p.take(u)
}

// park makes a user free, armed or not. It refuses when there is something to do.
func (p *pool) park(u *user, armed bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting.len() > 0 || p.closed {
		return false
	}
	u.parked, u.armed = true, armed
	p.parked = append(p.parked, u)
	return true
}

// take returns the arrival that a user walks next, who is not armed, or no longer.
func (p *pool) take(u *user) (a arrival, more bool) {
	p.mu.Lock()
	u.armed = false // for a pacer that has not chosen this user yet
	if !u.parked {
		if p.waiting.len() > 0 {
			defer p.mu.Unlock()
			return p.waiting.pop(), true
		}
		if p.closed {
			p.mu.Unlock()
			return arrival{}, false
		}
		p.parked = append(p.parked, u)
	}
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
		if u.armed {
			u.starter.Start(nil)
		}
	}
	p.parked = nil
	p.mu.Unlock()
	close(p.wanted)
	p.users.Wait()
}
