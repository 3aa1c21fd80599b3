package delivery

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// A courier delivers one receiver's messages, one after the other. All but rouse
// belongs to its goroutine.
type courier struct {
	Lane
	box   *outbox.Box
	run   alert.Run
	told  func(Delivery)
	wake  chan struct{} // of size 1: something has been added
	limit *rate.Limiter

	style style
	pace  pace
	retry backoff
	roll  roll
	since time.Time // when the oldest of the loose notices was noticed; zero if there are none
	gone  bool      // the receiver wants nothing more

	letter   *outbox.Letter // the one under way, nil if none is
	attempts int            // of it, by this process
	unsure   bool           // it may have arrived
	disk     error          // of its beginning
}

func newCourier(l Lane, box *outbox.Box, run alert.Run, told func(Delivery)) *courier {
	c := &courier{
		Lane: l, box: box, run: run, told: told, wake: make(chan struct{}, 1),
		limit: rate.NewLimiter(rate.Inf, 1),
		style: style{single: l.Single, list: maxListed},
		pace:  pace{eager: l.Single},
	}
	if l.PerSecond > 0 {
		c.limit = rate.NewLimiter(rate.Limit(l.PerSecond), max(l.Burst, 1))
	}
	if l.Refresh > 0 {
		c.style = style{single: l.Single, most: maxWhole, list: maxWhole}
	}
	if l.Single {
		c.style.most = 1
	}
	return c
}

// rouse makes the courier look for what there is to do.
func (c *courier) rouse() {
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// work delivers until ctx ends, or there is nothing more that can be done in a drain.
func (c *courier) work(ctx context.Context, d *Dispatcher) {
	draining := d.draining
	for ctx.Err() == nil {
		select {
		case <-draining:
			draining = nil
		default:
		}
		now := time.Now()
		at, act := c.next(now, draining == nil)
		switch {
		case draining == nil && (act == nil || !d.deadline.IsZero() && at.After(d.deadline)):
			return
		case act != nil && !at.After(now):
			act(ctx)
		default:
			c.wait(ctx, at.Sub(now), act != nil, draining)
		}
	}
}

// wait waits for the next thing to do, or for news.
func (c *courier) wait(ctx context.Context, long time.Duration, timed bool, draining <-chan struct{}) {
	var due <-chan time.Time
	if timed {
		timer := time.NewTimer(long)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-c.wake:
	case <-draining:
	case <-ctx.Done():
	}
}

// next returns what is to be done next, and when; nil if there is nothing.
func (c *courier) next(now time.Time, draining bool) (at time.Time, act func(context.Context)) {
	letters, loose := c.box.Waiting(c.Name)
	if loose == 0 {
		c.since = time.Time{}
	} else if c.since.IsZero() {
		c.since = now
	}
	switch {
	case c.gone && letters+loose > 0:
		return now, func(context.Context) { c.giveUp() }
	case letters > 0, loose > 0 && draining:
		return c.retry.notBefore(now), c.deliver
	case loose > 0:
		at, act = c.retry.notBefore(c.pace.due(now, c.since, loose)), c.deliver
	}
	if again, due := c.roll.due(c.Refresh); due && !draining && !c.gone {
		again = c.retry.notBefore(again)
		if act == nil || again.Before(at) {
			return again, c.refresh
		}
	}
	return at, act
}

// token waits until the receiver's rate allows a message, and reports whether it does.
func (c *courier) token(ctx context.Context) bool {
	r := c.limit.Reserve()
	if long := r.Delay(); long > 0 {
		timer := time.NewTimer(long)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			r.Cancel()
			return false
		}
	}
	return ctx.Err() == nil
}

// giveUp buries everything, for a receiver that wants nothing more.
func (c *courier) giveUp() {
	const reason = "the receiver said that it is gone"
	for _, l := range c.box.Letters(c.Name) {
		c.abandon(l, alert.Gone, reason)
	}
	var all []*alert.Notice
	for _, g := range c.box.Loose(c.Name, 0) {
		all = append(all, g.Notices...)
	}
	c.bury(all, alert.Gone, reason)
}

// abandon ends a letter without a further attempt.
func (c *courier) abandon(l *outbox.Letter, why alert.Outcome, reason string) {
	err := c.box.Dead(l, reason)
	c.told(Delivery{Receiver: c.Name, Message: l.ID, Notices: l.NoticeIDs(), At: time.Now(), Outcome: why, Detail: reason, Disk: err})
}

// bury gives up loose notices.
func (c *courier) bury(notices []*alert.Notice, why alert.Outcome, reason string) {
	if len(notices) == 0 {
		return
	}
	err := c.box.Bury(c.Name, notices, reason)
	l := outbox.Letter{Notices: notices}
	c.told(Delivery{Receiver: c.Name, Notices: l.NoticeIDs(), At: time.Now(), Outcome: why, Detail: reason, Disk: err})
}
