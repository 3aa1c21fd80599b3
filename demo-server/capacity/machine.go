// Package capacity models how much a machine can do, so that a laptop can stand for
// many machines that queue exactly as a textbook says.
//
// It does not know what the work is: no HTTP, no shop. It takes no processor time
// either. Its model is a limit on purpose: first in, first out, without sharing of a
// slot; the service time is known on admission; and who gives up still uses the slot,
// as in a server that ignores cancellation.
//
// The main type is [Machine]. A request goes through it in these steps: a [Source]
// draws its service time from a [Law]; the machine's [Queue] computes, on a virtual
// clock, when it starts and leaves, or refuses it; the caller waits until that instant
// and no longer. A late wake-up therefore delays one answer and never uses capacity,
// unlike a semaphore around a sleep, where lateness adds to every service time. How
// late the answers were is kept as a [Lag]. Beside that, [Workers] bound how many requests
// a server has in hand at all, also while they wait for others.
package capacity

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/floodmark/floodmark/sleeper"
)

// ErrFull is returned for a request that found every waiting place taken.
var ErrFull = errors.New("the machine's queue is full")

// A Machine works on a few jobs at once and lets a few more wait. Its methods may be
// called by any number of goroutines at once. It is made by New.
type Machine struct {
	sleeper *sleeper.Sleeper
	epoch   time.Time // virtual instants are counted from here
	config  Config
	lag     lags

	mu                           sync.Mutex
	queue                        *Queue
	admitted, refused, cancelled uint64
	thaw                         time.Duration // nothing leaves before
	refrozen                     chan struct{} // closed when thaw changes
}

// New returns an idle machine. The sleeper stays the caller's, who closes it after the
// machine's last use.
func New(config Config, s *sleeper.Sleeper) (*Machine, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Machine{
		sleeper:  s,
		epoch:    time.Now(),
		config:   config,
		queue:    newQueue(config),
		refrozen: make(chan struct{}),
	}, nil
}

// NewMachine returns a machine of speed 1 whose cores are not in each other's way.
func NewMachine(slots, places int, s *sleeper.Sleeper) (*Machine, error) {
	return New(Config{Slots: slots, Places: places}, s)
}

// A job is one passage through the queue, as instants of the machine's clock.
type job struct{ arrival, start, leave time.Duration }

// Do occupies the machine for the service time, as its speed and its busy cores make it,
// and returns when the work is done,
// together with the time it was queued before that. It returns ErrFull at once when
// there is no waiting place, and otherwise the error of the context or of the sleeper,
// which end the wait but not the work.
func (m *Machine) Do(ctx context.Context, service time.Duration) (queued time.Duration, err error) {
	j, err := m.admit(max(service, 0))
	if err != nil {
		return 0, err
	}
	planned, err := m.wait(ctx, j)
	if err != nil {
		m.mu.Lock()
		m.cancelled++
		m.mu.Unlock()
		return j.start - j.arrival, err
	}
	m.lag.observe(m.now() - planned)
	return j.start - j.arrival, nil
}

// now is the machine's clock.
func (m *Machine) now() time.Duration { return time.Since(m.epoch) }

// admit asks the queue. The clock is read under the lock, or arrivals could reach the
// queue out of order.
func (m *Machine) admit(service time.Duration) (job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	start, leave, ok := m.queue.Admit(now, service)
	if !ok {
		m.refused++
		return job{}, ErrFull
	}
	m.admitted++
	return job{arrival: now, start: start, leave: leave}, nil
}

// wait returns when the job may leave, with the instant planned for that: its own, or
// the thaw when the machine was frozen then.
func (m *Machine) wait(ctx context.Context, j job) (planned time.Duration, err error) {
	if err := m.sleeper.Until(ctx, m.epoch.Add(j.leave)); err != nil {
		return 0, err
	}
	for {
		m.mu.Lock()
		thaw, refrozen := m.thaw, m.refrozen
		m.mu.Unlock()
		left := thaw - m.now()
		if left <= 0 {
			return max(j.leave, thaw), nil
		}
		if err := pause(ctx, left, refrozen); err != nil {
			return 0, err
		}
	}
}

// pause waits for d, for the context or for a change of plan. A runtime timer is fine
// enough for a thaw, and unlike the sleeper it can be left for a third reason.
func pause(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Freeze lets nothing leave for d from now on; Freeze(0) thaws. The queue moves on
// behind the gate: what would have left meanwhile leaves at the thaw, all at once, so
// that a freeze shows its own length in the answers and no backlog of the machine on top.
func (m *Machine) Freeze(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.thaw = m.now() + max(d, 0)
	close(m.refrozen)
	m.refrozen = make(chan struct{})
}

// SetSpeed lets jobs admitted from now on be worked on at so many times the speed of the
// machine's Config: half of it in a brown-out, 1 after that. A factor below 0.01 counts as
// that, one above 100 likewise.
func (m *Machine) SetSpeed(factor float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue.speed = m.config.speed() * bounded(factor)
}

// Stats returns the machine's state and its counts since the start.
func (m *Machine) Stats() Stats {
	m.mu.Lock()
	now := m.now()
	s := Stats{
		Slots:     m.config.Slots,
		Places:    m.config.Places,
		Speed:     m.queue.speed,
		Busy:      m.queue.Busy(now),
		Waiting:   m.queue.Waiting(now),
		Frozen:    now < m.thaw,
		Admitted:  m.admitted,
		Refused:   m.refused,
		Cancelled: m.cancelled,
		Worked:    m.queue.Worked(now),
		Uptime:    now,
	}
	m.mu.Unlock()
	s.Lag = m.lag.summary()
	return s
}
