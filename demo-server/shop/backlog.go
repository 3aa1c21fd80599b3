package shop

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/guard"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
)

const (
	maxBacklog = 1000 // orders that wait to be paid for

	// What lies between two attempts to charge an order, when nobody knows better.
	firstPause = 50 * time.Millisecond
	maxPause   = time.Second
)

// A backlog holds orders that were accepted and are still to be paid for, in the order
// of their arrival and in this replica's memory only. It has a goroutine while there are
// any. The zero value is ready; any number of goroutines may use it at once.
type backlog struct {
	mu      sync.Mutex
	ctx     context.Context // of the charges; made with the first order
	end     context.CancelFunc
	closed  bool
	places  int // taken by orders that are about to be added
	waiting []debt
	working bool
	work    sync.WaitGroup
	stats   BacklogStats
}

// A debt is an order that is still to be paid for.
type debt struct {
	purchase purchase
	order    int             // its id
	ids      correlation.IDs // of the request that placed it
}

// BacklogStats counts the orders that were accepted before they were paid for. At every
// moment Queued is the sum of Waiting, Settled, Declined and Lost.
type BacklogStats struct {
	Queued   uint64 `json:"queued"`
	Waiting  uint64 `json:"waiting"`  // still to be paid for
	Settled  uint64 `json:"settled"`  // paid for
	Declined uint64 `json:"declined"` // the provider was back, and declined
	Lost     uint64 `json:"lost"`     // still to be paid for when the shop ended
	Full     uint64 `json:"full"`     // orders that were not accepted for want of a place
}

func (b *backlog) snapshot() BacklogStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Waiting = uint64(len(b.waiting))
	s.Queued = s.Waiting + s.Settled + s.Declined + s.Lost
	return s
}

// reserve takes a place for an order, or reports false.
func (b *backlog) reserve() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.places+len(b.waiting) >= maxBacklog {
		b.stats.Full++
		return false
	}
	b.places++
	return true
}

// abandon gives a place back.
func (b *backlog) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.places--
}

// postpone accepts an order that cannot be paid for now. When there is no place for it,
// the error is the one that the payment had.
func (s *Shop) postpone(ctx context.Context, p purchase, cause error) (*goods.Order, error) {
	if !s.backlog.reserve() {
		return nil, cause
	}
	kept, err := s.keep(ctx, p, goods.Queued)
	if err != nil || kept.Payment != goods.Queued {
		s.backlog.abandon() // it is not kept, or was paid for through another replica
		return &kept, err
	}
	s.backlog.add(debt{p, kept.ID, correlation.From(ctx)}, s.settle)
	return &kept, nil
}

// add puts a debt into its place.
func (b *backlog) add(d debt, settle func(context.Context, debt) (string, time.Duration)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.places--
	if b.closed {
		b.stats.Lost++
		return
	}
	if b.ctx == nil {
		b.ctx, b.end = context.WithCancel(context.Background())
	}
	b.waiting = append(b.waiting, d)
	if !b.working {
		b.working = true
		b.work.Go(func() { b.run(settle) })
	}
}

// close ends the goroutine and waits for it.
func (b *backlog) close() {
	b.mu.Lock()
	b.closed = true
	if b.end != nil {
		b.end()
	}
	b.mu.Unlock()
	b.work.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stats.Lost += uint64(len(b.waiting))
	b.waiting = nil
}

// run has one debt after the other paid, until none is left or the shop ends. A debt
// that cannot be paid yet holds up the others: the provider is the same for all.
func (b *backlog) run(settle func(context.Context, debt) (string, time.Duration)) {
	pause := firstPause
	for {
		b.mu.Lock()
		if len(b.waiting) == 0 || b.closed {
			b.working = false
			b.mu.Unlock()
			return
		}
		next := b.waiting[0]
		b.mu.Unlock()
		became, wait := settle(b.ctx, next)
		if became != "" {
			b.done(became)
			pause = firstPause
			continue
		}
		if sleep(b.ctx, max(wait, pause)) != nil {
			continue // closed
		}
		pause = min(2*pause, maxPause)
	}
}

// done takes the first debt away.
func (b *backlog) done(became string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting[0] = debt{} // or the array behind the queue would keep it
	b.waiting = b.waiting[1:]
	if became == goods.Paid {
		b.stats.Settled++
	} else {
		b.stats.Declined++
	}
}

// settle charges a debt and writes into the book what became of it. Empty means that it
// is to be tried again, not before the wait is over. A charge that is made and not
// written down is asked for again, under the same key.
func (s *Shop) settle(ctx context.Context, d debt) (became string, wait time.Duration) {
	ctx = correlation.With(ctx, d.ids)
	call := func(ctx context.Context) error {
		_, err := s.Payment.Charge(ctx, d.purchase.charge, d.purchase.asked())
		return err
	}
	err := error(nil)
	if s.PaymentGuard != nil {
		err = s.PaymentGuard.DoOr(ctx, call, nil)
	} else {
		err = call(ctx)
	}
	switch {
	case errors.Is(err, guard.ErrOpen) && s.PaymentGuard != nil:
		return "", s.PaymentGuard.Stats().ProbesIn
	case PaymentFailure(err):
		return "", 0
	}
	became = goods.Paid
	if errors.Is(err, thirdparty.ErrDeclined) || errors.Is(err, thirdparty.ErrKeyReused) {
		became = goods.Declined
	}
	err = s.Store.SettleOrder(ctx, d.purchase.user, d.order, became)
	if err != nil && !errors.Is(err, goods.ErrNotFound) { // so old that it is forgotten
		return "", 0
	}
	return became, 0
}

// sleep waits for d or for the context's end.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
