package shop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/guard"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/sleeper"
)

const (
	maxQuantity = 100 // of one product in a line
	maxKey      = 255 // of an idempotency key, in bytes

	// bookTimeout bounds the keeping of an order whose money is taken already, which does
	// not end with its client.
	bookTimeout = 5 * time.Second
)

// replayedHeader marks the answer to an order that was placed before.
const replayedHeader = "Idempotency-Replayed"

// A basket is the body of an answer about a cart.
type basket struct {
	Items []goods.Line `json:"items"`
}

// A history is the body of an answer about orders.
type history struct {
	Items []goods.Order `json:"items"`
}

// showCart answers GET /api/cart.
func (s *Shop) showCart(w http.ResponseWriter, r *http.Request, c customer) error {
	if c.session != nil {
		return answer(w, http.StatusOK, basket{c.session.lines()})
	}
	cart, err := s.Store.Cart(r.Context(), c.user)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, basket{cart})
}

// addToCart answers POST /api/cart.
func (s *Shop) addToCart(w http.ResponseWriter, r *http.Request, c customer) error {
	line, err := readLine(w, r)
	if err != nil {
		return err
	}
	if _, err := s.Store.Product(r.Context(), line.Product); err != nil {
		return err
	}
	if c.session != nil {
		return answer(w, http.StatusOK, basket{c.session.put(line)})
	}
	cart, err := s.Store.AddToCart(r.Context(), c.user, line)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, basket{cart})
}

// listOrders answers GET /api/orders.
func (s *Shop) listOrders(w http.ResponseWriter, r *http.Request, c customer) error {
	orders, err := s.Store.Orders(r.Context(), c.user)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, history{orders})
}

// order answers POST /api/orders. Only what is paid for is kept, or what is sure to be
// asked for. With an idempotency key it is done once, however often it is asked for.
func (s *Shop) order(w http.ResponseWriter, r *http.Request, c customer) error {
	key := r.Header.Get(thirdparty.KeyHeader)
	if len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return invalid(fmt.Sprintf("%s: want up to %d printable ASCII characters", thirdparty.KeyHeader, maxKey))
	}
	line, err := readLine(w, r)
	if err != nil {
		return err
	}
	p := purchase{user: c.user, line: line, key: key, charge: rand.Text()}
	if key == "" {
		placed, err := s.place(r.Context(), p)
		return s.confirm(w, placed, err)
	}
	// The provider knows the order by the same key from every replica.
	sum := sha256.Sum256([]byte(c.user + "\x00" + key))
	p.charge = "order-" + hex.EncodeToString(sum[:16])
	placed, replayed, err := s.repeats.do(r.Context(), p.charge, line, func(ctx context.Context) (goods.Order, error) { return s.place(ctx, p) })
	switch {
	case replayed:
		s.orders.count(&s.orders.stats.Replayed)
		w.Header().Set(replayedHeader, "true")
	case errors.Is(err, thirdparty.ErrKeyReused):
		s.orders.count(&s.orders.stats.Conflicts)
	}
	return s.confirm(w, placed, err)
}

// confirm answers with an order, or why there is none.
func (s *Shop) confirm(w http.ResponseWriter, placed goods.Order, err error) error {
	switch {
	case err != nil:
		return err
	case placed.Payment == goods.Queued:
		return answer(w, http.StatusAccepted, placed)
	}
	return answer(w, http.StatusCreated, placed)
}

// A purchase is what a customer wants.
type purchase struct {
	user   string
	line   goods.Line
	key    string // the client's; empty: none
	charge string // the provider's key
	total  int    // cents
}

// place has an order paid for and keeps it, and counts how that ended. A key that was
// used for another order is left to the caller to count.
func (s *Shop) place(ctx context.Context, p purchase) (goods.Order, error) {
	product, err := s.Store.Product(ctx, p.line.Product)
	if err != nil {
		s.orders.count(&s.orders.stats.Failed)
		return goods.Order{}, err
	}
	p.total = p.line.Quantity * product.PriceCents
	queued, err := s.pay(ctx, p)
	switch {
	case errors.Is(err, thirdparty.ErrKeyReused):
		return goods.Order{}, err
	case errors.Is(err, thirdparty.ErrDeclined):
		s.orders.count(&s.orders.stats.Declined)
		return goods.Order{}, err
	case err != nil:
		s.orders.count(&s.orders.stats.Failed)
		return goods.Order{}, err
	case queued != nil:
		s.orders.count(&s.orders.stats.Queued)
		return *queued, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bookTimeout)
	defer cancel()
	placed, err := s.keep(ctx, p, "")
	if err != nil && !errors.Is(err, thirdparty.ErrKeyReused) {
		s.orders.count(&s.orders.stats.Unkept)
	}
	if err != nil {
		return goods.Order{}, err
	}
	s.orders.count(&s.orders.stats.Placed)
	return placed, nil
}

// keep puts an order into the book. Another replica may have one under its key already,
// which then is the order.
func (s *Shop) keep(ctx context.Context, p purchase, payment string) (goods.Order, error) {
	kept, err := s.Store.AddOrder(ctx, p.user, goods.Order{Line: p.line, TotalCents: p.total, Payment: payment}, p.key)
	if err == nil && kept.Line != p.line {
		return goods.Order{}, errRepeatsOther
	}
	return kept, err
}

// pay has an order paid for. It returns an order that was accepted without that, if the
// provider is out of order and the shop bears with it.
func (s *Shop) pay(ctx context.Context, p purchase) (queued *goods.Order, err error) {
	if s.Payment == nil {
		return nil, nil
	}
	call := func(ctx context.Context) error {
		_, err := s.Payment.Charge(ctx, p.charge, p.asked())
		return err
	}
	var fallback guard.Fallback
	if s.QueuePayments {
		fallback = func(ctx context.Context, cause error) error {
			if !PaymentFailure(cause) {
				return cause
			}
			queued, err = s.postpone(ctx, p, cause)
			return err
		}
	}
	if s.PaymentGuard != nil {
		err = s.PaymentGuard.DoOr(ctx, call, fallback)
	} else if err = call(ctx); err != nil && fallback != nil && ctx.Err() == nil {
		err = fallback(ctx, err)
	}
	return queued, explain(err, s.PaymentGuard)
}

// asked is the charge of a purchase.
func (p purchase) asked() thirdparty.Charge {
	return thirdparty.Charge{AmountCents: p.total, Reference: fmt.Sprintf("%d of product %d for %s", p.line.Quantity, p.line.Product, p.user)}
}

// explain says what a third party's error means for who asked the shop: when to come
// again, and nothing of where the third party is.
func explain(err error, g *guard.Guard) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, guard.ErrOpen) && g != nil:
		return &laterError{err, g.Stats().ProbesIn}
	case errors.Is(err, guard.ErrFull), errors.Is(err, guard.ErrOpen), errors.Is(err, guard.ErrTimeout),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, sleeper.ErrClosed),
		errors.Is(err, goods.ErrUnavailable):
		return err
	}
	for _, sentinel := range []error{
		thirdparty.ErrDeclined, thirdparty.ErrOutage, thirdparty.ErrKeyReused, thirdparty.ErrNoForecast, thirdparty.ErrQuota,
	} {
		if errors.Is(err, sentinel) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", errProvider, err)
}

// readLine reads the product and quantity of a request; no quantity is one.
func readLine(w http.ResponseWriter, r *http.Request) (goods.Line, error) {
	line := goods.Line{Quantity: 1}
	if err := read(w, r, &line); err != nil {
		return goods.Line{}, err
	}
	if line.Quantity < 1 || line.Quantity > maxQuantity {
		return goods.Line{}, invalid(fmt.Sprintf("quantity: want 1 to %d, got %d", maxQuantity, line.Quantity))
	}
	return line, nil
}
