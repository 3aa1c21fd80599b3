package measure

// A ledger is how many requests of a series are under way, by the page of their intended
// start. To know who is late it needs no list of them: whoever ends is taken out where it
// was put in. The zero value is empty and ready. Its memory is what the time between the
// oldest and the newest page in use needs, 4 bytes a page.
type ledger struct {
	ring   []int32 // by a page's number; its length is 0 or a power of two
	lo, hi int     // the pages in use: from lo to before hi; all others are 0
}

// at returns how many are open on a page, which is in use from then on.
func (l *ledger) at(number int) *int32 {
	if number < l.lo || number >= l.hi {
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
		ring := make([]int32, size)
		for n := l.lo; n < l.hi; n++ {
			ring[n&(size-1)] = *l.at(n)
		}
		l.ring = ring
	}
	l.lo, l.hi = lo, hi
}

// sum returns how many are open on the pages from one to before another.
func (l *ledger) sum(from, to int) (open int64) {
	for n := max(from, l.lo); n < min(to, l.hi); n++ {
		open += int64(*l.at(n))
	}
	return open
}

// forget empties the pages before a number, and lets go of empty ones after them.
func (l *ledger) forget(before int) {
	for l.lo < l.hi && (l.lo < before || *l.at(l.lo) == 0) {
		*l.at(l.lo) = 0
		l.lo++
	}
}
