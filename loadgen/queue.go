package loadgen

// A queue holds arrivals in the order in which they came. The zero value is empty
// and ready. Its memory grows to the most it ever held, which the pool bounds.
type queue struct {
	ring  []arrival // its length is 0 or a power of two
	head  int       // index of the oldest
	count int
}

func (q *queue) len() int { return q.count }

// push adds an arrival at the end.
func (q *queue) push(a arrival) {
	if q.count == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.count)&(len(q.ring)-1)] = a
	q.count++
}

// pop removes and returns the oldest arrival; there must be one.
func (q *queue) pop() arrival {
	a := q.ring[q.head]
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.count--
	return a
}

// grow doubles the ring.
func (q *queue) grow() {
	ring := make([]arrival, max(16, 2*len(q.ring)))
	n := copy(ring, q.ring[q.head:])
	copy(ring[n:], q.ring[:q.head])
	q.ring, q.head = ring, 0
}
