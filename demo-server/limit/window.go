package limit

// A fixedWindow counts the requests of a window and starts again at the next. Windows
// begin at whole multiples of their length since 1970, so all who count agree on them.
//
// At most Limit requests pass in each window; but over the edge between two, twice as
// many may in next to no time.
type fixedWindow struct {
	start int64 // of the window that was counted
	count int64
}

func (w *fixedWindow) ask(now int64, t terms) Decision {
	if start := now - now%t.window; start != w.start {
		w.start, w.count = start, 0
	}
	admitted := w.count < t.limit
	if admitted {
		w.count++
	}
	return fixedDecision(admitted, now, w.count, t)
}

func (w *fixedWindow) idle(now int64, t terms) bool { return now-w.start >= t.window }

// fixedDecision words what was decided at a count, the request included.
func fixedDecision(admitted bool, now, count int64, t terms) Decision {
	return Decision{
		Admitted:  admitted,
		Remaining: int(max(t.limit-count, 0)),
		Reset:     micros(t.window - now%t.window),
	}
}
