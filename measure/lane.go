package measure

import (
	"sync"
	"time"
)

// A Lane is where some of the users record. Its methods may be called from any
// goroutine.
type Lane struct {
	mu     sync.Mutex
	noting bool       // there are deadlines
	near   int        // the first page that is near
	active []*account // by series, made on first use
	spare  []*account // empty; swapped in by Cut
	pacing Histogram
	under  []time.Duration
	series []Series

	answered, spareAnswered []*Backend // by number less 1, made on first use

	_ [line]byte // keeps the next lane's lock off these cache lines
}

// line is two cache lines of 64 bytes, which processors fetch together.
const line = 128

// An account is what a lane holds of one series between two cuts. No cache line of it
// is shared with what another lane writes to, lists included: that would cost more than
// the counting.
type account struct {
	_ [line]byte
	Tally
	notes *notes // nil without deadlines
	_     [line]byte
}

// account returns the active account of a series. The lock must be held.
func (l *Lane) account(series int) *account {
	a := l.active[series]
	if a == nil {
		a = &account{}
		a.Under = make([]int64, len(l.under), max(len(l.under), line/8))
		a.Statuses = make([]StatusCount, 0, line/16)
		if l.noting {
			a.notes = &notes{}
		}
		l.active[series] = a
	}
	return a
}

// Plan counts a request that has become due. The intended start is the one that its
// sample will have; it may lie in the future, where a scenario begins with a pause.
func (l *Lane) Plan(series int, intended time.Duration) {
	l.mu.Lock()
	a := l.account(series)
	a.Planned++
	a.InFlight++
	if l.noting {
		a.notes.at(pageOf(intended), l.near).planned++
	}
	l.mu.Unlock()
}

// Unsend counts a request that was planned, with the same intended start, and will
// never be sent.
func (l *Lane) Unsend(series int, intended time.Duration) {
	l.mu.Lock()
	a := l.account(series)
	a.Unsent++
	a.InFlight--
	if l.noting {
		a.notes.at(pageOf(intended), l.near).planned--
	}
	l.mu.Unlock()
}

// Record counts a planned request that has ended.
func (l *Lane) Record(s *Sample) {
	l.mu.Lock()
	a := l.account(s.Series)
	a.record(s, l.under)
	if l.noting {
		a.notes.at(pageOf(s.Intended), l.near).end(s.Succeeded)
	}
	if s.Backend > 0 && !l.series[s.Series].Warmup {
		l.backend(s.Backend).record(s)
	}
	l.mu.Unlock()
}

// Pace counts how late the pacer was with an arrival, whether or not a user was
// free for it: the generator's own punctuality.
func (l *Lane) Pace(late time.Duration) {
	l.mu.Lock()
	l.pacing.Record(late)
	l.mu.Unlock()
}
