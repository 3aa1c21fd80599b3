package thirdparty

import (
	"sync"
	"time"
)

// A quota is so many requests in each period, which begins with its first request: a
// fixed window, the usual one of services that sell by the minute. The zero value has
// no limit. Any number of goroutines may use it at once.
type quota struct {
	mu    sync.Mutex
	limit int // negative: none
	per   time.Duration
	begun time.Time
	used  int
}

// set changes the limit; what was used of the period stays used.
func (q *quota) set(limit int, per time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit, q.per = limit, per
}

// use counts a request and returns how many more there are in this period, or reports
// false and how long it is until the next.
func (q *quota) use() (left int, retry time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if q.begun.IsZero() || now.Sub(q.begun) >= q.per {
		q.begun, q.used = now, 0
	}
	if q.limit >= 0 && q.used >= q.limit {
		return 0, q.begun.Add(q.per).Sub(now), false
	}
	q.used++
	return q.limit - q.used, 0, true
}
