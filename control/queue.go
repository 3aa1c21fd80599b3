package control

import "sync"

// A queue holds what one side has not taken yet. Nobody waits to add to it: of
// snapshots only the latest stays, of events only the latest so many.
type queue struct {
	mu       sync.Mutex
	replies  [][]byte
	events   [][]byte
	missed   int // events that had to go
	snapshot []byte
	last     []byte // what close left
	closed   bool
	changed  chan struct{} // holds one word that there is something new
}

// A batch is all that was in a queue.
type batch struct {
	replies, events [][]byte
	missed          int
	snapshot, last  []byte // nil if there is none
}

func newQueue() *queue { return &queue{changed: make(chan struct{}, 1)} }

// change changes the queue unless it is closed, and wakes who waits for that.
func (q *queue) change(change func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	change()
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// reply adds an answer. It is false when there are too many that nobody takes.
func (q *queue) reply(line []byte) (ok bool) {
	q.change(func() {
		if ok = len(q.replies) < maxReplies; ok {
			q.replies = append(q.replies, line)
		}
	})
	return ok
}

func (q *queue) show(snapshot []byte) { q.change(func() { q.snapshot = snapshot }) }

func (q *queue) tell(event []byte) {
	q.change(func() {
		if len(q.events) == maxEvents {
			q.events = q.events[1:]
			q.missed++
		}
		q.events = append(q.events, event)
	})
}

// skip notes events that were missed before they came here.
func (q *queue) skip(n int) { q.change(func() { q.missed += n }) }

// close ends the queue with a last line, or nil. What is in it can still be taken.
func (q *queue) close(last []byte) { q.change(func() { q.last, q.closed = last, true }) }

// take waits until there is something, and takes all of it. more is false when nothing
// is left and nothing will come, or done is closed.
func (q *queue) take(done <-chan struct{}) (all batch, more bool) {
	for {
		if all, closed := q.empty(); all.holds() || closed {
			return all, all.holds()
		}
		select {
		case <-q.changed:
		case <-done:
			return batch{}, false
		}
	}
}

// empty takes what there is.
func (q *queue) empty() (all batch, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	all = batch{q.replies, q.events, q.missed, q.snapshot, q.last}
	q.replies, q.events, q.missed, q.snapshot, q.last = nil, nil, 0, nil, nil
	return all, q.closed
}

func (b *batch) holds() bool {
	return len(b.replies) > 0 || len(b.events) > 0 || b.missed > 0 || b.snapshot != nil || b.last != nil
}
