package limit

import "slices"

// A slidingLog remembers when each request of the latest window was admitted.
//
// At most Limit requests pass in any window, wherever it begins. It is exact, and pays
// for that with memory for Limit instants a key.
type slidingLog struct {
	times []int64 // ascending
}

func (l *slidingLog) ask(now int64, t terms) Decision {
	l.forget(now - t.window)
	admitted := int64(len(l.times)) < t.limit
	if admitted {
		l.times = append(l.times, now)
	}
	count := int64(len(l.times))
	return logDecision(admitted, now, count, l.times[max(count-t.limit, 0)], t)
}

func (l *slidingLog) idle(now int64, t terms) bool {
	l.forget(now - t.window)
	return len(l.times) == 0
}

// forget drops what was at the instant or before.
func (l *slidingLog) forget(until int64) {
	gone, _ := slices.BinarySearch(l.times, until+1)
	l.times = l.times[gone:]
}

// logDecision words what was decided when so many were remembered, the request
// included, of which the one at next must be forgotten for another to be admitted.
func logDecision(admitted bool, now, count, next int64, t terms) Decision {
	return Decision{
		Admitted:  admitted,
		Remaining: int(max(t.limit-count, 0)),
		Reset:     micros(next + t.window - now),
	}
}
