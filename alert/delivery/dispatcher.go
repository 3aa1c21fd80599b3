package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// A Dispatcher delivers what is in an outbox. Make it with [New]. Its methods may be
// called by several goroutines at once, Run once.
type Dispatcher struct {
	box      *outbox.Box
	couriers []*courier
	close    sync.Once
	deadline time.Time     // of the drain, zero if it has none; set before draining is closed
	draining chan struct{} // closed when nothing more is to be waited for
	halt     chan struct{} // closed when the drain's time is over
	ended    chan struct{} // closed when Run has returned
}

// New returns a dispatcher for a box whose notices are about run. told is called after
// each attempt, once the box knows of it, from the receiver's goroutine: it may be
// called by several at once, and must not wait for the dispatcher.
func New(box *outbox.Box, run alert.Run, lanes []Lane, told func(Delivery)) *Dispatcher {
	d := &Dispatcher{box: box, draining: make(chan struct{}), halt: make(chan struct{}), ended: make(chan struct{})}
	for _, l := range lanes {
		d.couriers = append(d.couriers, newCourier(l, box, run, told))
	}
	return d
}

// Notify adds notices, in order, and never waits for a receiver. What happens at once
// is told at once: a call with many waits for the disk once. On an error they are
// delivered all the same, though a crash before that would lose them. After Drain they
// only stay in the box.
func (d *Dispatcher) Notify(notices ...alert.Notice) error {
	err := d.box.Add(notices...)
	for _, c := range d.couriers {
		c.rouse()
	}
	return err
}

// Run delivers until ctx ends, or all is done after Drain was called.
func (d *Dispatcher) Run(ctx context.Context) {
	defer close(d.ended)
	ctx, cancel := context.WithCancel(ctx)
	var watch, couriers sync.WaitGroup
	watch.Go(func() {
		select {
		case <-d.halt:
			cancel()
		case <-ctx.Done():
		}
	})
	for _, c := range d.couriers {
		couriers.Go(func() { c.work(ctx, d) })
	}
	couriers.Wait()
	cancel()
	watch.Wait()
}

// Drain delivers what is left, without waiting for more of it, until ctx ends or
// nothing can be done before it does. It returns how many notices are pending then, a
// notice for two receivers counting twice: they stay in the box. Run must have been
// called, or be about to be; both return.
func (d *Dispatcher) Drain(ctx context.Context) (undelivered int) {
	d.close.Do(func() {
		d.deadline, _ = ctx.Deadline()
		close(d.draining)
		select {
		case <-d.ended:
		case <-ctx.Done():
			close(d.halt)
		}
	})
	<-d.ended
	return d.box.Count().Pending
}
