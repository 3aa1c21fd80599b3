package delivery

import (
	"math/rand/v2"
	"time"
)

const (
	retryBase    = time.Second
	retryCap     = 30 * time.Second
	retryHorizon = 10 * time.Minute // after that nobody waits for a quick recovery
)

// A backoff says when a receiver that failed is tried again. The zero value is that of
// one that works.
type backoff struct {
	failures int       // in a row
	since    time.Time // the first of them
	resume   time.Time // the receiver is left alone until then
}

// fail notes a failure and returns how long to wait: anything up to a bound that
// doubles, so that those who failed together do not come back together, and no less
// than the receiver asked for.
func (b *backoff) fail(now time.Time, after time.Duration) time.Duration {
	if b.failures == 0 {
		b.since = now
	}
	wait := retryCap
	if now.Sub(b.since) < retryHorizon {
		wait = rand.N(bound(b.failures)) + 1
	}
	b.failures++
	wait = max(wait, after)
	b.resume = now.Add(wait)
	return wait
}

// bound returns the longest wait after so many failures before the last.
func bound(failures int) time.Duration {
	const doublings = 5 // beyond the cap
	return min(retryCap, retryBase<<min(failures, doublings))
}

// park leaves the receiver alone for as long as it asked for.
func (b *backoff) park(now time.Time, after time.Duration) {
	b.resume = later(b.resume, now.Add(after))
}

// clear notes that the receiver works.
func (b *backoff) clear() { *b = backoff{} }

// notBefore returns when something may be done that is due at an instant.
func (b *backoff) notBefore(at time.Time) time.Time { return later(at, b.resume) }
