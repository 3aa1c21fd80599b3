package shop

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
)

// When the first of several requests goes away, the next one does the work; when it
// fails, all of them have failed, and a later one may try again.
func TestRepeats(t *testing.T) {
	down := errors.New("down")
	for _, test := range []struct {
		name           string
		first          error // what comes of the first attempt; the others place order 7
		waiter, later  error
		attempts       int
		waiterReplayed bool
	}{
		{"placed", nil, nil, nil, 1, true},
		{"declined", thirdparty.ErrDeclined, thirdparty.ErrDeclined, thirdparty.ErrDeclined, 1, true},
		{"failed", down, down, nil, 2, true},
		{"given up", context.Canceled, nil, nil, 2, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p repeats
				attempts := 0
				place := func(context.Context) (goods.Order, error) {
					attempts++
					if attempts > 1 {
						return goods.Order{ID: 7}, nil
					}
					time.Sleep(time.Second)
					return goods.Order{ID: 7}, test.first
				}
				line := goods.Line{Product: 7, Quantity: 1}
				go func() {
					if _, replayed, err := p.do(t.Context(), "k", line, place); !errors.Is(err, test.first) || replayed {
						t.Errorf("first: got %v, %v", replayed, err)
					}
				}()
				synctest.Wait()
				if _, _, err := p.do(t.Context(), "k", goods.Line{}, place); !errors.Is(err, thirdparty.ErrKeyReused) {
					t.Errorf("another order: got %v, want %v", err, thirdparty.ErrKeyReused)
				}
				impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				if _, _, err := p.do(impatient, "k", line, place); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("impatient: got %v, want %v", err, context.DeadlineExceeded)
				}
				if _, replayed, err := p.do(t.Context(), "k", line, place); !errors.Is(err, test.waiter) || replayed != test.waiterReplayed {
					t.Errorf("waiter: got %v, %v, want %v, %v", replayed, err, test.waiterReplayed, test.waiter)
				}
				if placed, _, err := p.do(t.Context(), "k", line, place); !errors.Is(err, test.later) || err == nil && placed.ID != 7 {
					t.Errorf("later: got %v, %v, want %v", placed, err, test.later)
				}
				if attempts != test.attempts {
					t.Errorf("got %d attempts, want %d", attempts, test.attempts)
				}
			})
		})
	}
}
