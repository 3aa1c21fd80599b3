package capacity

import (
	"time"
)

// A Queue is the arithmetic of a machine with some slots and one first-in first-out
// queue in front of them: a job starts at its arrival or when the earliest slot is
// free, whichever is later, and leaves its service time after that (the recursion of
// Lindley, for several servers that of Kiefer and Wolfowitz).
//
// Instants are counted from any fixed moment, and each call's must not lie before the
// last one's. A Queue has no clock and no lock: one goroutine at a time may use it.
type Queue struct {
	// free holds when each slot has finished everything given to it. From now until
	// then a slot has no gap, since a job is only queued for a busy slot.
	free []time.Duration

	// starts is a ring of the starts of those who may still wait, in order: jobs start
	// in the order of their arrival.
	starts  []time.Duration
	first   int
	waiting int

	admitted time.Duration // service time of all admitted jobs
}

// NewQueue returns an empty queue. Fewer slots than one count as one, fewer places
// than none as none.
func NewQueue(slots, places int) *Queue {
	return &Queue{
		free:   make([]time.Duration, max(slots, 1)),
		starts: make([]time.Duration, max(places, 0)),
	}
}

// Admit gives a job that arrives now its start and the instant it leaves, or reports
// false when all slots are busy and every waiting place is taken.
func (q *Queue) Admit(now, service time.Duration) (start, leave time.Duration, ok bool) {
	slot := q.earliest()
	start = max(now, q.free[slot])
	if start > now && !q.wait(now, start) {
		return 0, 0, false
	}
	leave = start + service
	q.free[slot] = leave
	q.admitted += service
	return start, leave, true
}

// earliest returns the slot that is free first. A scan of a handful of slots beats a heap.
func (q *Queue) earliest() int {
	slot := 0
	for i, free := range q.free {
		if free < q.free[slot] {
			slot = i
		}
	}
	return slot
}

// wait takes a waiting place until start, and reports false when there is none.
func (q *Queue) wait(now, start time.Duration) bool {
	if q.Waiting(now) == len(q.starts) {
		return false
	}
	q.starts[(q.first+q.waiting)%len(q.starts)] = start
	q.waiting++
	return true
}

// Waiting returns how many admitted jobs have not started by now.
func (q *Queue) Waiting(now time.Duration) int {
	for q.waiting > 0 && q.starts[q.first] <= now {
		q.first = (q.first + 1) % len(q.starts)
		q.waiting--
	}
	return q.waiting
}

// Busy returns how many slots are at work now.
func (q *Queue) Busy(now time.Duration) int {
	busy := 0
	for _, free := range q.free {
		if free > now {
			busy++
		}
	}
	return busy
}

// Worked returns the slot time used by now: what was admitted, less what is left to do.
// Divided by the time that passed it is the mean number of busy slots.
func (q *Queue) Worked(now time.Duration) time.Duration {
	worked := q.admitted
	for _, free := range q.free {
		worked -= max(0, free-now)
	}
	return worked
}

// Refused is what Replay returns for a job that found no waiting place.
const Refused time.Duration = -1

// Replay returns what the ideal queue makes of a run: for each job the time from its
// arrival until it leaves, or Refused. Arrivals are in ascending order, services belong
// to them by index, and a surplus in one of the two is ignored.
//
// A measured run is compared with its own replay, which has no sampling noise left,
// rather than with a formula of queueing theory, which describes an endless one.
func Replay(arrivals, services []time.Duration, slots, queue int) []time.Duration {
	jobs := min(len(arrivals), len(services))
	responses := make([]time.Duration, 0, jobs)
	q := NewQueue(slots, queue)
	for i, arrival := range arrivals[:jobs] {
		response := Refused
		if _, leave, ok := q.Admit(arrival, services[i]); ok {
			response = leave - arrival
		}
		responses = append(responses, response)
	}
	return responses
}
