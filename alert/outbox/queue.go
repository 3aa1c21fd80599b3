package outbox

import (
	"slices"

	"github.com/floodmark/floodmark/alert"
)

// A queue is what one receiver is still to be told. It is not safe for concurrent use.
type queue struct {
	letters []*Letter // that have begun
	groups  []*Group  // of what is in no letter, by the first notice of each; some may be empty
	byKey   map[string]*Group
	loose   int             // notices in groups
	empty   int             // groups without notices
	known   map[string]bool // keys of the alerts that the receiver knows to be firing
}

func newQueue() *queue {
	return &queue{byKey: map[string]*Group{}, known: map[string]bool{}}
}

// add puts a notice at the end of its group.
func (q *queue) add(n *alert.Notice) {
	g := q.byKey[n.Key]
	if g == nil {
		g = &Group{Key: n.Key}
		q.byKey[n.Key] = g
		q.groups = append(q.groups, g)
	}
	g.Notices = append(g.Notices, n)
	q.loose++
}

// first returns up to most groups, all if most is 0. They do not change later.
func (q *queue) first(most int) []Group {
	if most <= 0 {
		most = len(q.byKey)
	}
	out := make([]Group, 0, min(most, len(q.byKey)))
	for _, g := range q.groups {
		if len(out) == most {
			break
		}
		if len(g.Notices) > 0 {
			out = append(out, Group{g.Key, q.known[g.Key], slices.Clip(g.Notices)})
		}
	}
	return out
}

// take removes notices from their groups and returns how many there were.
func (q *queue) take(all []*alert.Notice) int {
	before := q.loose
	gone := make(map[*alert.Notice]bool, len(all))
	for _, n := range all {
		gone[n] = true
	}
	for _, n := range all {
		if g := q.byKey[n.Key]; g != nil && gone[n] {
			q.shrink(g, gone)
		}
	}
	q.sweep()
	return before - q.loose
}

// shrink removes what is gone from a group, and forgets that it is.
func (q *queue) shrink(g *Group, gone map[*alert.Notice]bool) {
	var left []*alert.Notice // not in place: others may hold what first returned
	for _, n := range g.Notices {
		if !gone[n] {
			left = append(left, n)
		}
		delete(gone, n)
	}
	q.loose -= len(g.Notices) - len(left)
	g.Notices = left
	if len(left) == 0 {
		delete(q.byKey, g.Key)
		q.empty++
	}
}

// sweep removes empty groups: those in front always, and those in between once they
// are the most, so that no step takes longer the more there were before it.
func (q *queue) sweep() {
	for len(q.groups) > 0 && len(q.groups[0].Notices) == 0 {
		q.groups = q.groups[1:]
		q.empty--
	}
	if 2*q.empty > len(q.groups) {
		q.groups = slices.DeleteFunc(q.groups, func(g *Group) bool { return len(g.Notices) == 0 })
		q.empty = 0
	}
}

// begin moves the letter's notices out of their groups.
func (q *queue) begin(l *Letter) {
	q.take(l.Notices)
	q.letters = append(q.letters, l)
}

// end removes a letter and reports whether it was there.
func (q *queue) end(l *Letter) bool {
	before := len(q.letters)
	q.letters = slices.DeleteFunc(slices.Clone(q.letters), func(other *Letter) bool { return other.ID == l.ID })
	return len(q.letters) < before
}

// recall takes a letter apart: its notices are the first to wait again.
func (q *queue) recall(l *Letter) bool {
	if !q.end(l) {
		return false
	}
	old := q.first(0)
	q.groups, q.byKey, q.loose, q.empty = nil, map[string]*Group{}, 0, 0
	for _, n := range l.Notices {
		q.add(n)
	}
	for _, g := range old {
		for _, n := range g.Notices {
			q.add(n)
		}
	}
	return true
}

// overtaken reports whether there is newer news of an alert that is in the letter.
func (q *queue) overtaken(l *Letter) bool {
	return slices.ContainsFunc(l.Notices, func(n *alert.Notice) bool { return q.byKey[n.Key] != nil })
}

// learn remembers what the receiver now knows.
func (q *queue) learn(l *Letter) {
	for i := range l.Alerts {
		if a := &l.Alerts[i]; a.Ended() {
			delete(q.known, a.Key)
		} else {
			q.known[a.Key] = true
		}
	}
}

// pending returns how many notices there are, in letters too.
func (q *queue) pending() int {
	n := q.loose
	for _, l := range q.letters {
		n += len(l.Notices)
	}
	return n
}

// all returns every notice in order: those in letters first.
func (q *queue) all() []*alert.Notice {
	var out []*alert.Notice
	for _, l := range q.letters {
		out = append(out, l.Notices...)
	}
	for _, g := range q.groups {
		out = append(out, g.Notices...)
	}
	return out
}
