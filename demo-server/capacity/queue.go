package capacity

import (
	"math"
	"time"
)

// A Queue is the arithmetic of a machine with some slots and one first-in first-out
// queue in front of them: a job starts at its arrival or when the earliest slot is
// free, whichever is later, and leaves its service time after that (the recursion of
// Lindley, for several servers that of Kiefer and Wolfowitz).
//
// A job that starts beside busy slots takes longer, as the machine's [Config] says: by
// how many are busy as it starts, itself included, and not by who comes and goes later,
// so that its end is known on admission. Who finds a slot free counts those that are at
// work then. Who had to wait starts the moment that a slot falls free on a machine with
// every slot busy, so all of them count, also those that end in that very instant: in a
// line others take them at once. So a machine with a line does exactly the work of
// Config.Capacity, and one with a single job is not slowed.
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

	admitted time.Duration // slot time of all admitted jobs

	config Config
	speed  float64 // now
}

// NewQueue returns an empty queue of speed 1 without contention. Fewer slots than one
// count as one, fewer places than none as none.
func NewQueue(slots, places int) *Queue { return newQueue(Config{Slots: slots, Places: places}) }

func newQueue(config Config) *Queue {
	config.Slots, config.Places = max(config.Slots, 1), max(config.Places, 0)
	return &Queue{
		free:   make([]time.Duration, config.Slots),
		starts: make([]time.Duration, config.Places),
		config: config,
		speed:  config.speed(),
	}
}

// Admit gives a job that arrives now its start and the instant it leaves, or reports
// false when all slots are busy and every waiting place is taken. The service time is
// that on a lone core of speed 1.
func (q *Queue) Admit(now, service time.Duration) (start, leave time.Duration, ok bool) {
	slot := q.earliest()
	start = max(now, q.free[slot])
	if start > now && !q.wait(now, start) {
		return 0, 0, false
	}
	service = q.takes(service, now, start)
	leave = start + service
	q.free[slot] = leave
	q.admitted += service
	return start, leave, true
}

// takes returns how long a job occupies a slot from its start.
func (q *Queue) takes(service, now, start time.Duration) time.Duration {
	factor := 1 / q.speed
	if q.config.Sigma > 0 || q.config.Kappa > 0 {
		busy := q.config.Slots
		if start == now {
			busy = 1 + q.Busy(now)
		}
		factor *= q.config.stretch(busy)
	}
	if factor == 1 {
		return service
	}
	return time.Duration(math.Round(min(float64(service)*factor, float64(maxService))))
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
