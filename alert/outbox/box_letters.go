package outbox

import (
	"slices"

	"github.com/floodmark/floodmark/alert"
)

// Letters returns a receiver's letters that have begun, in order. They go before
// everything else.
func (b *Box) Letters(receiver string) []*Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.queue(receiver).letters)
}

// Loose returns what waits for a receiver in no letter: the groups that have waited
// longest, most of them or, if that is 0, all.
func (b *Box) Loose(receiver string, most int) []Group {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.queue(receiver).first(most)
}

// Overtaken reports whether there is newer news of an alert that is in the letter.
func (b *Box) Overtaken(l *Letter) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.queue(l.Receiver).overtaken(l)
}

// Begin takes a letter that has been composed of loose notices. It may be sent when
// this returns.
func (b *Box) Begin(l *Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue(l.Receiver).begin(l)
	return b.write(l.entry())
}

// Recall takes a letter apart that has certainly not arrived, so that another can be
// composed of its notices and of newer ones. Nothing is written: until that other
// letter begins, a crash would bring this one back.
func (b *Box) Recall(l *Letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue(l.Receiver).recall(l)
}

// Done ends a letter that the receiver has taken.
func (b *Box) Done(l *Letter, a alert.Answer) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue(l.Receiver)
	if !q.end(l) {
		return nil
	}
	q.learn(l)
	b.settle(&b.count.Sent, len(l.Notices))
	return b.write(entry{Type: doneEntry, Receiver: l.Receiver, Message: l.ID, Outcome: a.Outcome, Status: a.Status, Detail: a.Detail})
}

// Dead ends a letter that is given up.
func (b *Box) Dead(l *Letter, reason string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.queue(l.Receiver).end(l) {
		return nil
	}
	b.settle(&b.count.Dead, len(l.Notices))
	return b.write(entry{Type: deadEntry, Receiver: l.Receiver, Message: l.ID, Detail: reason})
}

// Bury gives loose notices up.
func (b *Box) Bury(receiver string, notices []*alert.Notice, reason string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(&b.count.Dead, b.queue(receiver).take(notices))
	return b.write(entry{Type: deadEntry, Receiver: receiver, Notices: noticeIDs(notices), Detail: reason})
}
