// Package thirdparty stands for the services of other companies that the shop depends
// on and cannot repair.
//
// It does not know the shop, and it opens no port: who wants the services as nodes of
// their own serves their handlers.
//
// Its main type is [Payment]. A charge waits for the provider's latency, then asks the
// faults whether there is an outage, and is refused, declined or approved. That is all
// there is within a process. A [PaymentNode] puts HTTP in front of it: an idempotency
// key makes sure that a charge is made once however often it is asked for, the money may
// be taken later, and a webhook tells of that; a [PaymentClient] asks it. [Weather] is
// the other service, free of charge and so with a quota; its [WeatherClient] makes do
// with an old answer when it gets no new one.
package thirdparty

import (
	"context"
	"errors"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
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
	Source   *capacity.Source // drawn on top of Latency; nil: nothing is
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
	if err := pause(ctx, p.Sleeper, p.Latency+delay, p.Source); err != nil {
		return err
	}
	switch {
	case p.failing.Hit(outage):
		return ErrOutage
	case p.declined.Hit(remaining(p.Declines, outage)):
		return ErrDeclined
	}
	return nil
}

// pause waits for a fixed time and one that is drawn.
func pause(ctx context.Context, s *sleeper.Sleeper, wait time.Duration, source *capacity.Source) error {
	if source != nil {
		wait += source.Draw()
	}
	if wait <= 0 {
		return nil
	}
	return s.Until(ctx, time.Now().Add(wait))
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
