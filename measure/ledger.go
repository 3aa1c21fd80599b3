package measure

import "time"

// pageShift is log2 of the nanoseconds of a page: 34 ms. So much later than it is, at
// most, is a request known to be overdue.
const pageShift = 25

// pageOf returns the number of the page of an intended start.
func pageOf(intended time.Duration) int { return int(intended >> pageShift) }

// A page is what the requests did that were meant to start within the same 34 ms.
type page struct {
	open      int32 // planned, less those that ended or were unsent
	ended     int32
	succeeded int32 // of these
}

// end notes that a request has ended.
func (p *page) end(succeeded bool) {
	p.open--
	p.ended++
	if succeeded {
		p.succeeded++
	}
}

// A ledger counts requests by when they were meant to start. To know who is late it
// needs no list of those under way: whoever ends is taken out where it was put in. The
// zero value is empty and ready. Its memory is what the time between the oldest and the
// newest page in use needs, 12 bytes a page.
type ledger struct {
	ring   []page // by a page's number; its length is 0 or a power of two
	lo, hi int    // those in use: from lo to before hi; all others are empty
}

// at returns the page of a number, which is in use from then on.
func (l *ledger) at(number int) *page {
	if uint(number-l.lo) >= uint(l.hi-l.lo) { //nolint:gosec // below lo it is large, as it should be
		l.extend(number)
	}
	return &l.ring[number&(len(l.ring)-1)]
}

// extend brings a page into use, and all between it and those in use.
func (l *ledger) extend(number int) {
	lo, hi := min(l.lo, number), max(l.hi, number+1)
	if l.lo == l.hi {
		lo, hi = number, number+1
	}
	if hi-lo > len(l.ring) {
		size := max(64, len(l.ring))
		for size < hi-lo {
			size *= 2
		}
		ring := make([]page, size)
		for n := l.lo; n < l.hi; n++ {
			ring[n&(size-1)] = *l.page(n)
		}
		l.ring = ring
	}
	l.lo, l.hi = lo, hi
}

// page returns a page that is in use.
func (l *ledger) page(number int) *page { return &l.ring[number&(len(l.ring)-1)] }

// open returns how many requests are open on the pages from one to before another.
func (l *ledger) open(from, to int) int64 {
	var sum int64
	for n := max(from, l.lo); n < min(to, l.hi); n++ {
		sum += int64(l.page(n).open)
	}
	return sum
}

// forget empties the pages before a number, and lets go of empty ones after them.
func (l *ledger) forget(before int) {
	for ; l.lo < l.hi && (l.lo < before || *l.page(l.lo) == page{}); l.lo++ {
		*l.page(l.lo) = page{}
	}
}
