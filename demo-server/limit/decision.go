package limit

import "time"

// A Decision is what becomes of one request.
type Decision struct {
	Admitted bool
	// Delay is how long an admitted request must wait before it passes: its turn in the
	// queue of a leaky bucket. With the other algorithms it is always 0.
	Delay time.Duration
	// Remaining is how many more requests would be admitted now; 0 for a refused one.
	Remaining int
	// Reset is the time until more than Remaining would be, if nobody asked meanwhile. For a
	// refused request that is when to try again; it is always more than 0.
	Reset time.Duration
}

// A state is what the next decision about a key depends on. Its zero value is that of a
// key that was never seen. It has no clock and no lock: instants are microseconds since
// 1970, and none lies before the last one.
type state interface {
	// ask decides about a request.
	ask(now int64, t terms) Decision
	// idle reports whether nothing that was asked matters any more.
	idle(now int64, t terms) bool
}

// newState returns the zero value of an algorithm's state.
func newState(a Algorithm) state {
	switch a {
	case LeakyBucket:
		return &bucket{queues: true}
	case FixedWindow:
		return new(fixedWindow)
	case SlidingLog:
		return new(slidingLog)
	case SlidingCounter:
		return new(slidingCounter)
	default:
		return new(bucket)
	}
}

// micros makes a duration of microseconds.
func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// ceil divides non-negative numbers and rounds up.
func ceil(a, b int64) int64 { return (a + b - 1) / b }
