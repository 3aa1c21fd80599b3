package verify

import "time"

// replay returns the response time of each arrival if nothing took any time but the
// server's delays, its stall and, unless connections is 0, the wait for a free one
// of so many connections. delays belong to the arrivals by index.
//
// A connection is taken in the order of arrivals, each at once or when the first is
// free, for as long as the answer is under way.
func replay(arrivals, delays []time.Duration, stall Stall, connections int) []time.Duration {
	free := make([]time.Duration, connections)
	responses := make([]time.Duration, 0, len(arrivals))
	held := 0
	for k, due := range arrivals {
		sent, slot := due, earliest(free)
		if slot >= 0 {
			sent = max(due, free[slot])
		}
		done := sent + delays[k]
		if stall.holds(sent, done) {
			done = stall.release(done, held)
			held++
		}
		if slot >= 0 {
			free[slot] = done
		}
		responses = append(responses, done-due)
	}
	return responses
}

// earliest returns the slot that is free first, -1 if there are none.
func earliest(free []time.Duration) int {
	first := -1
	for i, at := range free {
		if first < 0 || at < free[first] {
			first = i
		}
	}
	return first
}
