package delivery

import (
	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

const (
	maxListed = 10  // alerts that people read in one message
	maxWhole  = 100 // alerts that a program gets in one message
)

// A style is how a receiver's messages are composed.
type style struct {
	single bool
	most   int // alerts that one message stands for; the others wait for the next; 0 all
	list   int // alerts that are listed; the others are only counted
}

// compose makes a letter of groups, at least one, in the order of their first notices:
// the latest notice of each, what is firing first. It has no ID yet, and no receiver.
//
// Whoever has not been told that an alert fired, because it resolved before that, or
// because the message was refused or listed others, is told both at once.
func compose(groups []outbox.Group, s style) *outbox.Letter {
	if s.single {
		groups = groups[:1]
	}
	l := &outbox.Letter{}
	var firing, over []outbox.Group
	for _, g := range groups {
		l.Notices = append(l.Notices, g.Notices...)
		if latest(g).Ended() {
			over = append(over, g)
		} else {
			firing = append(firing, g)
		}
	}
	listed := append(firing, over...)
	if more := len(listed) - s.list; more > 0 {
		listed, l.More = listed[:s.list], more
	}
	for _, g := range listed {
		n := latest(g)
		l.Alerts = append(l.Alerts, alert.Told{Notice: *n, Changes: len(g.Notices), Coalesced: n.Ended() && !g.Known})
	}
	return l
}

// latest returns the latest notice of a group.
func latest(g outbox.Group) *alert.Notice { return g.Notices[len(g.Notices)-1] }
