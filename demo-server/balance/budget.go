package balance

import "time"

// window is over how many seconds a budget counts, as Finagle's does.
const window = 10

// A budget counts requests and retries over the last seconds. Its owner has the lock.
//
// Counts are kept by the second, so the window is between nine and ten of them long.
type budget struct {
	share, perSecond float64
	epoch            time.Time
	seconds          [window]struct{ second, requests, retries int64 }
}

// deposit counts a request.
func (b *budget) deposit(now time.Time) { b.seconds[b.place(now)].requests++ }

// withdraw counts a retry, or reports false when the window has had as many as it may.
func (b *budget) withdraw(now time.Time) bool {
	place := b.place(now)
	oldest := b.seconds[place].second - window
	requests, retries := int64(0), int64(0)
	for _, s := range b.seconds {
		if s.second > oldest {
			requests += s.requests
			retries += s.retries
		}
	}
	if float64(retries+1) > b.share*float64(requests)+b.perSecond*window {
		return false
	}
	b.seconds[place].retries++
	return true
}

// place returns the index of the second that now lies in, emptied if it is a new one.
func (b *budget) place(now time.Time) int {
	second := int64(max(now.Sub(b.epoch), 0)/time.Second) + 1 // the zero value is no second
	s := &b.seconds[second%window]
	if s.second != second {
		*s = struct{ second, requests, retries int64 }{second: second}
	}
	return int(second % window)
}
