package outbox

import (
	"crypto/rand"

	"github.com/floodmark/floodmark/alert"
)

// A Letter is a message as it was composed: whatever happens in between, every
// attempt sends the same. It must not be changed once it has begun.
type Letter struct {
	ID       string
	Receiver string
	Alerts   []alert.Told
	More     int
	Notices  []*alert.Notice // all that it stands for, in order
}

// NewID returns an ID for a message that no other has, here or anywhere.
func NewID() string { return "msg_" + rand.Text() }

// Message returns what is sent.
func (l *Letter) Message(run alert.Run) alert.Message {
	return alert.Message{ID: l.ID, Receiver: l.Receiver, Run: run, Alerts: l.Alerts, More: l.More}
}

// NoticeIDs returns the IDs of all notices that it stands for.
func (l *Letter) NoticeIDs() []string { return noticeIDs(l.Notices) }

func noticeIDs(all []*alert.Notice) []string {
	ids := make([]string, len(all))
	for i, n := range all {
		ids[i] = n.ID
	}
	return ids
}

// entry returns the letter as it is written down.
func (l *Letter) entry() entry {
	e := entry{Type: sendingEntry, Receiver: l.Receiver, Message: l.ID, More: l.More, Notices: l.NoticeIDs()}
	for i := range l.Alerts {
		a := &l.Alerts[i]
		e.Alerts = append(e.Alerts, listed{Notice: a.ID, Changes: a.Changes, Coalesced: a.Coalesced})
	}
	return e
}

// A Group is what waits for a receiver about one alert.
type Group struct {
	Key     string
	Known   bool            // the receiver has been told that the alert is firing, and not yet that it is over
	Notices []*alert.Notice // in order, never empty
}
