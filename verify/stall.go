package verify

import "time"

// A Stall is a time during which the server reads and answers nothing, as a process
// does that was stopped. After it the held answers go out one by one, in the order in
// which their requests came: all at once they would measure how fast this machine
// handles a thousand answers. Both ends count from the start of the run; the zero
// Stall is none.
type Stall struct {
	Start, End time.Duration
	Gap        time.Duration // between two of the held answers
}

// Length returns how long the stall is.
func (s Stall) Length() time.Duration { return s.End - s.Start }

// holds reports whether the answer to a request that came in at one instant and would
// be ready at another is held.
func (s Stall) holds(received, ready time.Duration) bool {
	return received < s.End && ready >= s.Start
}

// release returns when an answer goes out that is ready at an instant and is held as
// the n-th, counted from 0.
func (s Stall) release(ready time.Duration, n int) time.Duration {
	return max(ready, s.End+time.Duration(n)*s.Gap)
}

// middle returns a stall in the middle of a run: a second long, or a fifth of the run
// if that is less. What is held goes out twice as fast as the load comes in.
func middle(duration time.Duration, rate float64) Stall {
	length := min(time.Second, duration/5)
	start := (duration - length) / 2
	return Stall{Start: start, End: start + length, Gap: time.Duration(float64(time.Second) / (2 * rate))}
}
