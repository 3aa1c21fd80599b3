package thirdparty

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
)

// ErrKeyReused says that an idempotency key came with another body before.
var ErrKeyReused = errors.New("the idempotency key was used for another charge")

// A Charge is what somebody is to pay.
type Charge struct {
	AmountCents int    `json:"amount_cents"`
	Reference   string `json:"reference,omitempty"` // the payee's own, up to 200 bytes
}

// A Receipt is what the provider knows about a charge.
type Receipt struct {
	ID     string `json:"id"`
	Status string `json:"status"` // pending, captured or declined
	Charge
}

// The statuses of a receipt.
const (
	Pending  = "pending" // approved, and not yet taken
	Captured = "captured"
	Declined = "declined"
)

// An entry is one charge, under its idempotency key.
type entry struct {
	key  string
	body [sha256.Size]byte
	done chan struct{} // closed when outcome and receipt are final

	outcome error   // nil, ErrDeclined, or why nothing was charged
	receipt Receipt // as it was told at first, and is again to whoever repeats the request
}

// A ledger remembers charges by key and by id, the oldest of them only so long. Any
// number of goroutines may use it at once.
type ledger struct {
	most int

	mu     sync.Mutex
	keys   map[string]*entry
	ids    map[string]Receipt // as they are now
	order  []*entry           // settled, oldest first
	lastID int
}

func newLedger(most int) *ledger {
	return &ledger{most: most, keys: make(map[string]*entry), ids: make(map[string]Receipt)}
}

// claim returns the entry of a key, and whether it is new and so the caller's to settle.
func (l *ledger) claim(key string, body []byte) (e *entry, fresh bool, err error) {
	sum := sha256.Sum256(body)
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.keys[key]; e != nil {
		if e.body != sum {
			return nil, false, ErrKeyReused
		}
		return e, false, nil
	}
	e = &entry{key: key, body: sum, done: make(chan struct{})}
	l.keys[key] = e
	return e, true, nil
}

// settle writes down how a charge ended and lets those go who wait for it. One of which
// nothing came is forgotten: the next request with its key tries again.
func (l *ledger) settle(e *entry, c Charge, status string, outcome error) Receipt {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(e.done)
	e.outcome = outcome
	if status == "" {
		delete(l.keys, e.key)
		return Receipt{}
	}
	l.lastID++
	e.receipt = Receipt{ID: fmt.Sprintf("ch_%06d", l.lastID), Status: status, Charge: c}
	l.ids[e.receipt.ID] = e.receipt
	l.order = append(l.order, e)
	if len(l.order) > l.most {
		oldest := l.order[0]
		l.order[0] = nil // or the array behind the queue would keep it
		l.order = l.order[1:]
		delete(l.keys, oldest.key)
		delete(l.ids, oldest.receipt.ID)
	}
	return e.receipt
}

// capture marks a charge as taken. One that was forgotten meanwhile is taken all the same.
func (l *ledger) capture(r Receipt) Receipt {
	r.Status = Captured
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.ids[r.ID]; known {
		l.ids[r.ID] = r
	}
	return r
}

// find returns the receipt with an id.
func (l *ledger) find(id string) (Receipt, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, known := l.ids[id]
	return r, known
}
