package measure

import (
	"slices"
	"time"
)

// Overdue counts requests that are late before they have ended: those that, at a cut,
// had been under way for longer than a deadline since their intended start. Each is New
// once, in the interval at whose end it has become overdue, however long it takes. So
// a target that hangs is seen, which answers nothing and has no response times.
//
// In a sum of intervals, Finished + New - Ended is all requests that ended in time or
// are known to be late, each once, at the moment when that was known.
type Overdue struct {
	New       int64 // became overdue; less those that turned out to be unsent
	Ended     int64 // ended, and had become overdue before
	Succeeded int64 // of these, those that met the success rule all the same
}

// Add adds what other counted, times 1 or -1.
func (o *Overdue) Add(other Overdue, sign int64) {
	o.New += sign * other.New
	o.Ended += sign * other.Ended
	o.Succeeded += sign * other.Succeeded
}

// Deadlines makes the recorder count, for each of the given durations above 0, the
// requests that are under way for longer: in Tally.Overdue, in ascending order of the
// durations. Call it before anything is recorded. Without deadlines nobody asks when a
// request was meant to start, and nothing is overdue.
func (r *Recorder) Deadlines(after ...time.Duration) {
	r.deadlines = slices.Compact(slices.Sorted(slices.Values(after)))
	r.passed = make([]int, len(r.deadlines))
	for i, d := range r.deadlines {
		r.passed[i] = pageOf(-d)
	}
	r.ledgers = make([]ledger, len(r.series))
	r.late = make([]Overdue, len(r.deadlines))
	for _, l := range r.lanes {
		l.noting, l.near = len(r.deadlines) > 0, nearFrom(0)
	}
}

// nearFrom returns the first page that is near in an interval.
func nearFrom(start time.Duration) int { return pageOf(start) - nearPages/2 }

// pass returns, by deadline, the first page that is not overdue at the end of an
// interval. Every request on a page before it is older than the deadline. Time
// does not go back, though the last interval of a run may end before the one before it,
// which a beat cut in the same moment.
func (r *Recorder) pass(end time.Duration) []int {
	out := make([]int, len(r.deadlines))
	for i, d := range r.deadlines {
		out[i] = max(r.passed[i], pageOf(end-d))
	}
	return out
}

// post brings what a lane noted since the cut before, which was at r.last, into the
// ledger of its series, and counts in late those requests that were overdue at that cut.
func (r *Recorder) post(series int, from *notes) {
	oldest := r.passed[len(r.passed)-1]
	for number, p := range from.all(nearFrom(r.last)) {
		for i, first := range r.passed { // in falling order
			if number >= first {
				break
			}
			r.late[i].Add(Overdue{p.planned, p.ended(), p.succeeded()}, 1)
		}
		if open := p.open(); open != 0 && number >= oldest {
			*r.ledgers[series].at(number) += int32(open) //nolint:gosec // no more than are in flight
		}
	}
	from.reset()
}

// age counts in late those requests of a series that have become overdue at a cut, when
// the deadlines moved on to the given pages. It returns what was counted in late since
// the call before, nil if that is nothing. What is older than all deadlines is forgotten:
// how old makes no difference any more.
func (r *Recorder) age(series int, passed []int) []Overdue {
	book, quiet := &r.ledgers[series], true
	for i := range passed {
		r.late[i].New += book.sum(r.passed[i], passed[i])
		quiet = quiet && r.late[i] == Overdue{}
	}
	book.forget(passed[len(passed)-1])
	if quiet {
		return nil
	}
	out := slices.Clone(r.late)
	clear(r.late)
	return out
}
