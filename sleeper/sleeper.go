// Package sleeper wakes goroutines at an instant, on Linux to about a tenth of a
// millisecond.
//
// It exists because Go's runtime waits for timers in epoll_wait on Linux, whose
// timeout counts whole milliseconds: a timer that fires while the program is idle
// is half a millisecond late on average and more than one at the 99th percentile.
// A load generator that paces requests with such timers turns a smooth arrival
// stream into batches, and a modelled machine answers late.
//
// The package does not know what anybody waits for: no rates, no queues, no requests.
//
// A [Sleeper] from [New] works in these steps: a caller of Until puts its deadline
// into a heap; the nearest deadline is armed in one timerfd; one goroutine waits on
// that descriptor through the runtime's poller and wakes every caller that is due.
// Where there is no timerfd, and in a Sleeper that is simply declared, each caller
// waits on a runtime timer of its own.
package sleeper

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrClosed is what Until returns once its Sleeper is closed.
var ErrClosed = errors.New("sleeper is closed")

// A Sleeper holds callers until an instant. Its methods may be called by any number
// of goroutines at once. It must not be copied after first use.
//
// The zero value is ready and waits on the runtime's timers, about a millisecond
// coarse. It needs no descriptor and no goroutine, and it follows the clock of a
// testing/synctest bubble, which a Sleeper from New cannot.
type Sleeper struct {
	alarm *alarm // wakes by descriptor; nil: wait on the runtime's timers

	mu      sync.Mutex
	closing chan struct{} // made when first asked for, closed by Close
	closed  bool

	// timers are pooled here and not in the package: a timer that was made in one
	// synctest bubble must not be reset in another.
	timers sync.Pool
}

// New returns a Sleeper with the finest wake-up that the system offers. It must be
// closed, or a goroutine and a file descriptor stay behind.
func New() (*Sleeper, error) {
	alarm, err := newAlarm()
	if err != nil {
		return nil, err
	}
	return &Sleeper{alarm: alarm}, nil
}

// Until returns nil at t or just after it, never before. It returns the context's
// error when the context ends first, and ErrClosed when the Sleeper is or becomes
// closed. A t that has passed returns at once, whatever the context says.
func (s *Sleeper) Until(ctx context.Context, t time.Time) error {
	if s.alarm != nil {
		return s.alarm.until(ctx, t)
	}
	return s.untilTimer(ctx, t)
}

// Close wakes everybody who waits with ErrClosed and returns when all that New
// started has ended. Closing again does nothing.
func (s *Sleeper) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		if s.closing != nil {
			close(s.closing)
		}
	}
	s.mu.Unlock()
	if s.alarm == nil {
		return nil
	}
	return s.alarm.close()
}

// untilTimer is Until on a runtime timer.
func (s *Sleeper) untilTimer(ctx context.Context, t time.Time) error {
	closing, err := s.open()
	if err != nil {
		return err
	}
	wait := time.Until(t)
	if wait <= 0 {
		return nil
	}
	timer := s.takeTimer(wait)
	defer func() {
		timer.Stop() // since Go 1.23 nothing stale is left in its channel
		s.timers.Put(timer)
	}()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-closing:
		return ErrClosed
	}
}

// open returns the channel that Close closes, or ErrClosed when it has been.
func (s *Sleeper) open() (<-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if s.closing == nil {
		s.closing = make(chan struct{})
	}
	return s.closing, nil
}

// takeTimer returns a timer that fires after wait.
func (s *Sleeper) takeTimer(wait time.Duration) *time.Timer {
	if timer, ok := s.timers.Get().(*time.Timer); ok {
		timer.Reset(wait)
		return timer
	}
	return time.NewTimer(wait)
}
