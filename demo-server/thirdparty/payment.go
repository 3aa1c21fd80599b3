// Package thirdparty stands for the services of other companies that the shop depends
// on and cannot repair.
//
// It does not know the shop, and it opens no connection: a call is a short wait and an
// outcome. Its main type is [Payment]. A charge waits for the provider's latency, then
// asks the faults whether there is an outage, and is refused, declined or approved.
package thirdparty

import (
	"context"
	"errors"
	"time"

	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/sleeper"
)

// PaymentPart is the name of the payment provider in a fault's part=.
const PaymentPart = "payment"

var (
	// ErrDeclined says that the provider refuses this payment, as it does on a good day.
	ErrDeclined = errors.New("the payment was declined")
	// ErrOutage says that the provider is out of order.
	ErrOutage = errors.New("the payment provider is out of order")
)

// A Payment provider takes money, mostly. Any number of goroutines may charge at once;
// the exported fields are set before the first use.
type Payment struct {
	Latency  time.Duration    // of every answer
	Declines faults.Share     // of all charges, with no outage
	Faults   *faults.Set      // asked about PaymentPart; nil: never an outage
	Sleeper  *sleeper.Sleeper // needed when there is something to wait for

	failing, declined faults.Spread
}

// Charge asks for a payment. It returns nil when it was approved, ErrDeclined, ErrOutage
// or the error that ended the wait.
//
// An outage takes the place of declines: at 55% errors and 12.5% declines 55% of the
// charges fail altogether, all of them by the outage. Only when the outage is smaller
// than the declines do both occur, and together they are as many as the declines alone.
func (p *Payment) Charge(ctx context.Context) error {
	var outage faults.Share
	var delay time.Duration
	if p.Faults != nil {
		outage, delay = p.Faults.Part(PaymentPart)
	}
	if wait := p.Latency + delay; wait > 0 {
		if err := p.Sleeper.Until(ctx, time.Now().Add(wait)); err != nil {
			return err
		}
	}
	switch {
	case p.failing.Hit(outage):
		return ErrOutage
	case p.declined.Hit(remaining(p.Declines, outage)):
		return ErrDeclined
	}
	return nil
}

// remaining returns the share of declines among the charges that an outage leaves, so
// that both together are as many as the larger of the two.
func remaining(declines, outage faults.Share) faults.Share {
	if outage >= declines {
		return 0
	}
	const all = uint64(faults.All)
	return faults.Share(uint64(declines-outage) * all / (all - uint64(outage)))
}
