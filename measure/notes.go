package measure

import (
	"iter"
	"time"
)

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

// open returns how many more were planned than ended: fewer than none, where they were
// planned earlier or on another lane.
func (p *page) open() int64 { return p.planned - p.ended() }

// nearPages is how many pages of an interval are always at hand: 2.1 s before it began,
// and as much after that.
const nearPages = 128

// Notes are what a lane knows of the requests of a series by their intended start, for
// one interval. The zero value is empty and ready.
//
// Most are near, a little before now. The others are listed: those that took long, of
// which there are no more than were in flight; and those planned late or far ahead.
type notes struct {
	near [nearPages]page
	far  []farPage
}

// A farPage is one that is not near. Some may have the same number.
type farPage struct {
	number int
	page
}

// at returns a page; base is the number of the first near one. It is short enough for the
// compiler to inline.
func (n *notes) at(number, base int) *page {
	if i := uint(number - base); i < nearPages { //nolint:gosec // before the base it is large, as it should be
		return &n.near[i]
	}
	return n.farAt(number)
}

// farAt returns a page that is not near.
func (n *notes) farAt(number int) *page {
	if last := len(n.far) - 1; last >= 0 && n.far[last].number == number {
		return &n.far[last].page
	}
	n.far = append(n.far, farPage{number: number})
	return &n.far[len(n.far)-1].page
}

// all yields the pages that are not empty, with their numbers; base is that of the first
// near one.
func (n *notes) all(base int) iter.Seq2[int, *page] {
	return func(yield func(int, *page) bool) {
		for i := range n.near {
			if n.near[i] != (page{}) && !yield(base+i, &n.near[i]) {
				return
			}
		}
		for i := range n.far {
			if !yield(n.far[i].number, &n.far[i].page) {
				return
			}
		}
	}
}

// reset empties the notes and keeps their memory.
func (n *notes) reset() {
	clear(n.near[:])
	n.far = n.far[:0]
}
