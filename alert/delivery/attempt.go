package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

const (
	maxAge  = 24 * time.Hour // after that it is not news
	delayed = time.Minute    // after that a message says that it is late
	tooOld  = "too old: it happened more than 24 hours ago"
)

// deliver makes one attempt with the letter under way, or with a new one.
func (c *courier) deliver(ctx context.Context) {
	if !c.token(ctx) {
		return
	}
	now := time.Now()
	if l := c.take(now); l != nil {
		c.attempt(ctx, l, now)
	}
}

// take returns the letter that is to be sent now, nil if all that waited is too old.
func (c *courier) take(now time.Time) *outbox.Letter {
	for _, l := range c.box.Letters(c.Name) {
		if c.letter == nil || c.letter.ID != l.ID {
			// Another process has begun it, and how far it came nobody knows.
			c.letter, c.attempts, c.unsure, c.disk = l, 0, true, nil
			c.pace.begin(now, 0)
		}
		if old(l.Notices, now) {
			c.letter = nil
			c.abandon(l, alert.Refused, tooOld)
			continue
		}
		if c.unsure || c.attempts == 0 || !c.box.Overtaken(l) {
			return l
		}
		c.box.Recall(l) // it has certainly not arrived, and there is newer news
		c.letter = nil
		break
	}
	return c.begin(now)
}

// begin composes a letter of what waits. Notices that are too old are buried as they
// are come upon.
func (c *courier) begin(now time.Time) *outbox.Letter {
	for {
		groups := c.box.Loose(c.Name, c.style.most)
		if len(groups) == 0 {
			return nil
		}
		fresh, stale := split(groups, now)
		c.bury(stale, alert.Refused, tooOld)
		if len(fresh) == 0 {
			continue
		}
		l := compose(fresh, c.style)
		l.ID, l.Receiver = outbox.NewID(), c.Name
		c.pace.begin(c.since, len(l.Notices))
		c.letter, c.attempts, c.unsure, c.disk = l, 0, false, c.box.Begin(l)
		return l
	}
}

// attempt sends a letter once and deals with the answer.
func (c *courier) attempt(ctx context.Context, l *outbox.Letter, now time.Time) {
	m := l.Message(c.run)
	m.Delayed = c.box.Reopened() || now.Sub(happened(l.Notices[0])) > delayed
	c.attempts++
	a := c.Receiver.Send(ctx, m)
	end := time.Now()
	d := Delivery{
		Receiver: c.Name, Message: l.ID, Notices: l.NoticeIDs(), Alerts: len(l.Alerts), Attempt: c.attempts,
		At: now, Took: end.Sub(now), Outcome: a.Outcome, Status: a.Status, Detail: a.Detail,
	}
	var err error
	switch a.Outcome {
	case alert.Delivered, alert.Accepted:
		err = c.box.Done(l, a)
		if c.Refresh > 0 {
			c.roll.note(l.Alerts, now)
		}
		c.settled(now)
	case alert.Refused, alert.Gone:
		err = c.box.Dead(l, a.Detail)
		c.gone = a.Outcome == alert.Gone
		c.settled(now)
	default:
		d.Outcome = alert.Later
		d.Next = c.retry.fail(end, a.After)
		c.unsure = c.unsure || a.Unsure
	}
	d.Disk, c.disk = errors.Join(c.disk, err), nil
	c.told(d)
}

// settled notes that the letter under way needs nothing more.
func (c *courier) settled(now time.Time) {
	c.letter = nil
	c.retry.clear()
	c.pace.sent(now)
}

// refresh repeats what the receiver knows. Nothing waits for that: when it fails, the
// next one says the same.
func (c *courier) refresh(ctx context.Context) {
	now := time.Now()
	for _, alerts := range c.roll.list(now) {
		if !c.token(ctx) {
			return
		}
		m := alert.Message{ID: outbox.NewID(), Receiver: c.Name, Run: c.run, Alerts: alerts, Refresh: true}
		start := time.Now()
		a := c.Receiver.Send(ctx, m)
		end := time.Now()
		c.retry.park(end, a.After)
		c.gone = a.Outcome == alert.Gone
		c.told(Delivery{
			Receiver: c.Name, Message: m.ID, Alerts: len(alerts), Refresh: true, Attempt: 1,
			At: start, Took: end.Sub(start), Outcome: a.Outcome, Status: a.Status, Detail: a.Detail,
		})
		if !a.Outcome.OK() {
			return
		}
	}
}

// happened returns when what a notice says was decided, on the wall clock.
func happened(n *alert.Notice) time.Time { return n.StartsAt.Add(n.Duration()) }

// stale reports whether a notice is no news any more.
func stale(n *alert.Notice, now time.Time) bool { return now.Sub(happened(n)) > maxAge }

// old reports whether all notices are stale.
func old(notices []*alert.Notice, now time.Time) bool {
	for _, n := range notices {
		if !stale(n, now) {
			return false
		}
	}
	return true
}

// split takes stale notices out of groups.
func split(groups []outbox.Group, now time.Time) (fresh []outbox.Group, gone []*alert.Notice) {
	for _, g := range groups {
		var left []*alert.Notice
		for _, n := range g.Notices {
			if stale(n, now) {
				gone = append(gone, n)
			} else {
				left = append(left, n)
			}
		}
		if len(left) > 0 {
			g.Notices = left
			fresh = append(fresh, g)
		}
	}
	return fresh, gone
}
