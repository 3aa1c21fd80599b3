package loadgen

import "time"

// How many users are started at a time: hireFirst at once in the beginning, then
// hirePace a millisecond and a share of those there are, up to hireBurst milliseconds'
// worth at once. When the pacer was behind by more than hireBehind, it is less for
// as long as hireWary.
const (
	hireFirst  = 16.0
	hirePace   = 2.0
	hireShare  = 1.0 / 64
	hireBurst  = 2.0
	hireSlowly = 0.25
	hireBehind = 2 * time.Millisecond
	hireWary   = 100 * time.Millisecond
)

// hire starts users for the arrivals that wait, until no more will be wanted.
//
// A new user connects first, which costs many times what a request does. If each
// arrival that finds nobody free had a user started at once, those that a pause of
// the machine made late would start so many that the connecting makes more arrivals
// late, and so on to the last port (at 20 000/s it did). So only a few are started
// at once, and those who become free take what waits meanwhile. The pace grows with
// their number, so that a slow target that needs thousands has 2 000 within 0.2 s;
// but a generator that is behind lacks time, not users.
func (p *pool) hire() {
	budget, last := hireFirst, p.now()
	for range p.wanted {
		for more := true; more; {
			now := p.now()
			budget, more = p.hireWithin(p.refilled(budget, now, now-last))
			last = now
			if more && p.until(p.hard, now+time.Millisecond) != nil {
				return
			}
		}
	}
}

// refilled returns the budget after some time.
func (p *pool) refilled(budget float64, now, elapsed time.Duration) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	pace := hirePace + hireShare*float64(p.started)
	most := hireBurst * pace
	if late := time.Duration(p.late.Load()); late > 0 && now-late < hireWary {
		pace = hireSlowly
	}
	return max(budget, min(budget+pace*elapsed.Seconds()*1e3, most))
}

// hireWithin starts as many users as are wanted and the budget allows. It returns
// what is left of the budget, and whether more are wanted.
func (p *pool) hireWithin(budget float64) (left float64, more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.waiting.len() > 0 && p.started < p.maxUsers && p.hard.Err() == nil {
		if budget < 1 {
			return budget, true
		}
		budget--
		number, a := p.started, p.waiting.pop()
		p.started++
		p.users.Go(func() {
			defer p.panics()
			p.serve(number, a)
		})
	}
	return budget, false
}
