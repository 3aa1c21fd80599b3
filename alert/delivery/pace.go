package delivery

import "time"

const (
	groupWait     = 2 * time.Second  // after the first message of a burst
	groupInterval = 15 * time.Second // after the others; a burst is over when that passes without news

	stormMessages = 20 // in stormWindow make a storm
	stormWindow   = 10 * time.Minute
	stormDigest   = 2 * time.Minute // between messages in a storm
)

// A pace says when a receiver's next message may begin. It has no clock. The zero
// value is that of a receiver that was never sent anything.
type pace struct {
	eager  bool // no waiting for others to come along, but in a storm
	last   time.Time
	burst  int         // how many messages of the burst have been sent
	leads  bool        // the one under way is the first of a burst
	round  int         // notices that waited when a message became due, and have their turn before others wait again
	recent []time.Time // of the last messages, up to stormMessages
}

// due returns when the next message may begin, for so many notices of which the oldest
// came at since.
func (p *pace) due(now, since time.Time, waiting int) time.Time {
	p.round = min(p.round, waiting)
	if p.round == 0 {
		if at := p.start(now, since); at.After(now) {
			return at
		}
		p.round = waiting
	}
	return now
}

// start returns when the next round may begin.
func (p *pace) start(now, since time.Time) time.Time {
	if p.last.After(now) {
		p.last = now // the clock went back: no longer than usual from here
	}
	at := now
	switch {
	case p.eager, p.quiet(since):
	case p.burst <= 1:
		at = p.last.Add(groupWait)
	default:
		at = p.last.Add(groupInterval)
	}
	if calm := p.calm(); calm.After(now) {
		at = later(at, earlier(calm, p.last.Add(stormDigest)))
	}
	return at
}

// quiet reports whether what came at since is the first of a burst.
func (p *pace) quiet(since time.Time) bool {
	return p.last.IsZero() || since.Sub(p.last) >= groupInterval
}

// calm returns until when it storms, zero if it does not.
func (p *pace) calm() time.Time {
	if len(p.recent) < stormMessages {
		return time.Time{}
	}
	return p.recent[0].Add(stormWindow)
}

// begin notes that a message was composed of so many notices, the oldest of which came
// at since.
func (p *pace) begin(since time.Time, notices int) {
	p.round = max(0, p.round-notices)
	p.leads = p.quiet(since)
}

// sent notes that the message's last attempt was made, at an instant.
func (p *pace) sent(at time.Time) {
	if p.leads {
		p.burst = 0
	}
	p.burst++
	p.last, p.leads = at, false
	if len(p.recent) == stormMessages {
		p.recent = append(p.recent[:0], p.recent[1:]...)
	}
	p.recent = append(p.recent, at)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
