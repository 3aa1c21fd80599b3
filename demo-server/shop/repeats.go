package shop

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
)

// maxRepeats bounds the orders that are remembered by their keys.
const maxRepeats = 10_000

// errRepeatsOther says that a key came with another order before.
var errRepeatsOther = fmt.Errorf("order: %w", thirdparty.ErrKeyReused)

// repeats remembers orders by their idempotency keys, the newest of them. Only what is
// final is remembered: an order that was placed, accepted, or declined. What came to
// nothing for another reason may be tried again. The zero value is ready; any number of
// goroutines may use it at once.
type repeats struct {
	mu    sync.Mutex
	byKey map[string]*attempt
	order []*attempt // final ones, oldest first
}

// An attempt is an order under a key.
type attempt struct {
	key  string
	line goods.Line
	done chan struct{} // closed when what follows is settled

	placed goods.Order
	err    error
	final  bool
}

// do places an order, or returns what came of an earlier request with its key. Requests
// at the same time wait for the first of them, and share what it came to.
func (p *repeats) do(ctx context.Context, key string, line goods.Line, place func(context.Context) (goods.Order, error)) (placed goods.Order, replayed bool, err error) {
	for {
		a, fresh := p.claim(key, line)
		switch {
		case a.line != line:
			return goods.Order{}, false, errRepeatsOther
		case fresh:
			placed, err = p.run(ctx, a, place)
			return placed, false, err
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return goods.Order{}, false, ctx.Err()
		}
		if a.final || !errors.Is(a.err, context.Canceled) {
			return a.placed, true, a.err
		}
		// Whoever was first has gone before its end: somebody else is first now.
	}
}

// claim returns the attempt under a key, and whether it is the caller's to make.
func (p *repeats) claim(key string, line goods.Line) (a *attempt, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a, ok := p.byKey[key]; ok {
		return a, false
	}
	if p.byKey == nil {
		p.byKey = make(map[string]*attempt)
	}
	a = &attempt{key: key, line: line, done: make(chan struct{}), err: context.Canceled}
	p.byKey[key] = a
	return a, true
}

// run makes an attempt. One that panics has come to nothing.
func (p *repeats) run(ctx context.Context, a *attempt, place func(context.Context) (goods.Order, error)) (goods.Order, error) {
	defer p.settle(a)
	a.placed, a.err = place(ctx)
	a.final = a.err == nil || errors.Is(a.err, thirdparty.ErrDeclined)
	return a.placed, a.err
}

// settle lets those go who wait for an attempt.
func (p *repeats) settle(a *attempt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(a.done)
	if !a.final {
		delete(p.byKey, a.key)
		return
	}
	p.order = append(p.order, a)
	if len(p.order) > maxRepeats {
		delete(p.byKey, p.order[0].key)
		p.order[0] = nil // or the array behind the queue would keep it
		p.order = p.order[1:]
	}
}

// OrderStats counts the orders that were asked for with a line that can be read:
//
//	Asked = Placed + Queued + Declined + Failed + Unkept + Replayed + Conflicts
//
// at every moment at which none is under way. Requests that gave up while they waited
// for another with their key are not counted.
type OrderStats struct {
	Asked     uint64 `json:"asked"`
	Placed    uint64 `json:"placed"` // paid for and kept
	Queued    uint64 `json:"queued"` // kept, to be paid for later
	Declined  uint64 `json:"declined"`
	Failed    uint64 `json:"failed"`    // not paid for, by no fault of the customer, or no such product
	Unkept    uint64 `json:"unkept"`    // paid for, and then the store did not keep it
	Replayed  uint64 `json:"replayed"`  // the answer to another request with the same key
	Conflicts uint64 `json:"conflicts"` // another order under a known key
}

// An orderTally counts orders.
type orderTally struct {
	mu    sync.Mutex
	stats OrderStats
}

func (t *orderTally) count(counter *uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*counter++
}

func (t *orderTally) snapshot() OrderStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stats
	s.Asked = s.Placed + s.Queued + s.Declined + s.Failed + s.Unkept + s.Replayed + s.Conflicts
	return s
}
