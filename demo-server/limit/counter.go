package limit

// A slidingCounter counts two fixed windows and estimates the sliding one from them: all
// of the current window's requests, and of the previous one's the share that the sliding
// window still covers, as if they had come evenly. A request is admitted while the
// estimate, rounded down, is below the limit.
//
// At most Limit requests pass in each fixed window, and at most Limit·(1+f), rounded up,
// in any time that ends the part f of a window after an edge: so there is no double
// burst. But where the previous window's requests were not even, the estimate is wrong.
type slidingCounter struct {
	start             int64 // of the current window
	previous, current int64
}

func (c *slidingCounter) ask(now int64, t terms) Decision {
	start := now - now%t.window
	switch start {
	case c.start:
	case c.start + t.window:
		c.previous, c.current = c.current, 0
	default:
		c.previous, c.current = 0, 0
	}
	c.start = start
	admitted := c.previous*(start+t.window-now)+c.current*t.window < t.limit*t.window
	if admitted {
		c.current++
	}
	return counterDecision(admitted, now, c.previous, c.current, t)
}

func (c *slidingCounter) idle(now int64, t terms) bool { return now-c.start >= 2*t.window }

// counterDecision words what was decided at two counts, the request included.
func counterDecision(admitted bool, now, previous, current int64, t terms) Decision {
	left := t.window - now%t.window // of the current window
	remaining := max(t.limit-current-previous*left/t.window, 0)
	d := Decision{Admitted: admitted, Remaining: int(remaining)}
	// One more is admitted once the previous window's share is below this.
	if share := t.limit - remaining - current; share > 0 {
		d.Reset = micros(left - weight(share, previous, t))
		return d
	}
	// It is not in this window, but once the current one is the previous one.
	d.Reset = micros(left + t.window - weight(t.limit-remaining, current, t))
	return d
}

// weight returns the longest rest of a window, in microseconds, at which a count has less
// than the share.
func weight(share, count int64, t terms) int64 {
	if count == 0 {
		return t.window
	}
	return min(ceil(share*t.window, count)-1, t.window)
}
