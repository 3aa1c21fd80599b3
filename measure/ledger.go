package measure

import "time"

// pageShift is log2 of the nanoseconds of a page: 34 ms. So much later than it is, at
// most, is a request known to be overdue.
const pageShift = 25

// pageOf returns the number of the page of an intended start.
func pageOf(intended time.Duration) int { return int(intended >> pageShift) }

// A page is what the requests did that were meant to start within the same 34 ms.
type page struct {
	planned int64 // less those that were unsent
	done    int64 // how many ended; and in the upper half, how many of these succeeded
}

// end notes that a request has ended. One addition is quicker than two.
func (p *page) end(succeeded bool) {
	one := int64(1)
	if succeeded {
		one = 1<<32 | 1
	}
	p.done += one
}

// ended returns how many have ended, and succeeded how many of them did.
func (p *page) ended() int64     { return p.done & (1<<32 - 1) }
func (p *page) succeeded() int64 { return p.done >> 32 }

// open returns how many are under way.
func (p *page) open() int64 { return p.planned - p.ended() }

// A ledger counts requests by when they were meant to start. To know who is late it
// needs no list of those under way: whoever ends is taken out where it was put in. The
// zero value is empty and ready. Its memory is what the time between the oldest and the
// newest page in use needs, 16 bytes a page.
type ledger struct {
	ring []page // by a page's number; its length is 0 or a power of two
	mask int    // the length less 1
	lo   int    // the first page in use
	used uint   // how many are in use, from lo on; all others are empty
}

// at returns the page of a number, which is in use from then on; that of the floor
// instead for a number below. It is short enough for the compiler to inline.
func (l *ledger) at(number, floor int) *page {
	if uint(number-l.lo) < l.used { //nolint:gosec // below lo it is large, as it should be
		return &l.ring[number&l.mask]
	}
	return l.extend(number, floor)
}

// hi returns the number of the first page after those in use.
func (l *ledger) hi() int { return l.lo + int(l.used) } //nolint:gosec // not more than the ring has

// extend brings a page into use, and all between it and those in use.
func (l *ledger) extend(number, floor int) *page {
	number = max(number, floor)
	lo, hi := min(l.lo, number), max(l.hi(), number+1)
	if l.used == 0 {
		lo, hi = number, number+1
	}
	if hi-lo > len(l.ring) {
		size := max(64, len(l.ring))
		for size < hi-lo {
			size *= 2
		}
		ring := make([]page, size)
		for n := l.lo; n < l.hi(); n++ {
			ring[n&(size-1)] = *l.page(n)
		}
		l.ring, l.mask = ring, size-1
	}
	l.lo, l.used = lo, uint(hi-lo) //nolint:gosec // hi is above lo
	return l.page(number)
}

// page returns a page that is in use.
func (l *ledger) page(number int) *page { return &l.ring[number&l.mask] }

// open returns how many requests are open on the pages from one to before another.
func (l *ledger) open(from, to int) int64 {
	var sum int64
	for n := max(from, l.lo); n < min(to, l.hi()); n++ {
		sum += l.page(n).open()
	}
	return sum
}

// forget empties the pages before a number, and lets go of empty ones after them.
func (l *ledger) forget(before int) {
	for l.used > 0 && (l.lo < before || *l.page(l.lo) == page{}) {
		*l.page(l.lo) = page{}
		l.lo++
		l.used--
	}
}
