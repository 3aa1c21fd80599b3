package sleeper

import "time"

// A waiter is one caller of Until.
type waiter struct {
	at    time.Duration // when it is due, counted from the alarm's base
	place int           // its index in waiters; -1 once taken out
	woken chan error    // receives once; buffered, so that waking never blocks
}

// waiters is a heap of callers by deadline, for container/heap.
type waiters []*waiter

func (ws waiters) Len() int { return len(ws) }

func (ws waiters) Less(i, j int) bool { return ws[i].at < ws[j].at }

func (ws waiters) Swap(i, j int) {
	ws[i], ws[j] = ws[j], ws[i]
	ws[i].place, ws[j].place = i, j
}

// Push appends w, which is a *waiter.
func (ws *waiters) Push(w any) {
	last := w.(*waiter)
	last.place = len(*ws)
	*ws = append(*ws, last)
}

// Pop removes and returns the last waiter.
func (ws *waiters) Pop() any {
	end := len(*ws) - 1
	last := (*ws)[end]
	(*ws)[end] = nil // or a pooled waiter would be kept alive from here
	last.place = -1
	*ws = (*ws)[:end]
	return last
}
