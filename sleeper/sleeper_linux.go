package sleeper

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// farthest is the longest wait that is armed, about 146 years: far enough to mean
// never, and small enough that adding a clock's reading cannot overflow.
const farthest = time.Duration(1 << 62)

// An alarm wakes callers by one timerfd. Instants inside it are counted from base,
// on the monotonic clock, so that setting the wall clock moves nothing.
type alarm struct {
	file  *os.File // the timerfd, owned by the runtime's poller
	fd    int      // the same, since File.Fd would take it out of the poller
	base  time.Time
	clock time.Duration // CLOCK_MONOTONIC at base
	done  chan struct{} // closed when the goroutine has ended

	mu     sync.Mutex
	queue  waiters
	closed bool
	pool   sync.Pool // of *waiter
}

// newAlarm opens the timerfd and starts the goroutine that waits on it.
func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("timerfd: %w", err)
	}
	a := &alarm{file: os.NewFile(uintptr(fd), "timerfd"), fd: fd, done: make(chan struct{})}
	// Only a file inside the poller takes a deadline. Outside it a read would hold a
	// thread, and Close would wait for it in vain.
	if err := a.file.SetReadDeadline(time.Time{}); err != nil {
		return nil, errors.Join(fmt.Errorf("timerfd: %w", err), a.file.Close())
	}
	// The clock is read after base: the difference makes a wake-up a moment late,
	// while the other order would make it early.
	var now unix.Timespec
	a.base = time.Now()
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return nil, errors.Join(fmt.Errorf("monotonic clock: %w", err), a.file.Close())
	}
	a.clock = time.Duration(now.Nano())
	go a.run()
	return a, nil
}

// until waits for t; see Sleeper.Until.
func (a *alarm) until(ctx context.Context, t time.Time) error {
	// One reading of the clock: t may lack a monotonic part, and the wall clock may
	// have been set since base.
	now := time.Now()
	w, err := a.enqueue(now.Sub(a.base) + min(t.Sub(now), farthest))
	if w == nil {
		return err
	}
	select {
	case err = <-w.woken:
	case <-ctx.Done():
		err = ctx.Err()
		if !a.withdraw(w) {
			err = <-w.woken // sent meanwhile: it counts, and the channel is empty for its next user
		}
	}
	a.pool.Put(w)
	return err
}

// enqueue queues a caller for the instant at, and arms the timer when nobody is due
// earlier. It returns no waiter when there is nothing to wait for.
func (a *alarm) enqueue(at time.Duration) (*waiter, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, ErrClosed
	}
	if at <= time.Since(a.base) {
		return nil, nil
	}
	w, ok := a.pool.Get().(*waiter)
	if !ok {
		w = &waiter{woken: make(chan error, 1)}
	}
	w.at = at
	heap.Push(&a.queue, w)
	if w.place > 0 {
		return w, nil
	}
	if err := a.arm(at); err != nil {
		heap.Remove(&a.queue, w.place)
		return nil, err
	}
	return w, nil
}

// withdraw takes w out of the queue and reports false when it was woken already. The
// timer stays armed: waking for nobody costs less than a system call a cancellation.
func (a *alarm) withdraw(w *waiter) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.place < 0 {
		return false
	}
	heap.Remove(&a.queue, w.place)
	return true
}

// arm sets the timer to the instant at. The caller holds mu, and the alarm is open.
// An absolute time is given, so that being preempted on the way adds nothing.
func (a *alarm) arm(at time.Duration) error {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(a.clock + at))}
	if err := unix.TimerfdSettime(a.fd, unix.TFD_TIMER_ABSTIME, &spec, nil); err != nil {
		return fmt.Errorf("timerfd: %w", err)
	}
	return nil
}

// run waits for the timer and wakes who is due, until the file is closed.
func (a *alarm) run() {
	defer close(a.done)
	var expirations [8]byte
	for {
		_, err := io.ReadFull(a.file, expirations[:])
		if err == nil {
			err = a.wake()
		}
		if err != nil {
			// After close nobody waits any more and this reaches no caller. Otherwise it
			// must: nobody may wait for a timer that is gone.
			a.end(fmt.Errorf("%w: %w", ErrClosed, err))
			return
		}
	}
}

// wake wakes everybody who is due and arms the timer for the next.
func (a *alarm) wake() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.queue) > 0 && a.queue[0].at <= time.Since(a.base) {
		heap.Pop(&a.queue).(*waiter).woken <- nil
	}
	if len(a.queue) == 0 {
		return nil
	}
	return a.arm(a.queue[0].at)
}

// end admits no more callers and wakes those who wait with the reason.
func (a *alarm) end(reason error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for _, w := range a.queue {
		w.place = -1
		w.woken <- reason
	}
	a.queue = nil
}

// close ends the alarm, closes the timer and waits for the goroutine.
func (a *alarm) close() error {
	a.end(ErrClosed)
	err := a.file.Close()
	<-a.done
	if errors.Is(err, os.ErrClosed) {
		return nil // closed before
	}
	return err
}
