package outbox

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// A Box is an outbox that this process alone may write. [Create] and [Open] make one.
// Its methods may be called by several goroutines at once, though each receiver's
// letters are one goroutine's. A method that returns an error has still taken effect
// in memory: only a crash would forget it, until a later entry is written.
type Box struct {
	run      alert.Run
	reopened bool
	problems []string

	mu     sync.Mutex // guards what follows
	tape   *tape
	unlock func() error
	queues map[string]*queue // by receiver
	count  Count
}

// A Count says how it stands. A notice for two receivers counts twice.
type Count struct {
	Pending int // neither of the others yet
	Sent    int
	Dead    int // given up
	Dropped int // by the user
}

// Run returns the run that the notices are about. It is empty if that cannot be read.
func (b *Box) Run() alert.Run { return b.run }

// Reopened reports whether another process has made the box.
func (b *Box) Reopened() bool { return b.reopened }

// Problems returns what could not be read, in words. The rest counts all the same.
func (b *Box) Problems() []string { return b.problems }

// Count returns how it stands now.
func (b *Box) Count() Count {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count
}

// Receivers returns the names of those for whom something is pending, in order.
func (b *Box) Receivers() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for name, q := range b.queues {
		if q.pending() > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Add takes notices, in order, for the receivers that they name. What happens at once
// is added at once: the disk is waited for once a call.
func (b *Box) Add(all ...alert.Notice) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var entries []entry
	for i := range all {
		n := new(all[i]) // the box's own
		entries = append(entries, entry{Type: noticeEntry, Notice: n})
		for _, name := range receivers(n) {
			b.queue(name).add(n)
			b.count.Pending++
		}
	}
	return b.write(entries...)
}

// receivers returns those that a notice is for, each once.
func receivers(n *alert.Notice) []string {
	var names []string
	for _, name := range n.Receivers {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// queue returns a receiver's queue. The caller holds the lock.
func (b *Box) queue(receiver string) *queue {
	q := b.queues[receiver]
	if q == nil {
		q = newQueue()
		b.queues[receiver] = q
	}
	return q
}

// write appends entries and gives them their time. The caller holds the lock.
func (b *Box) write(entries ...entry) error {
	var lines []byte
	var faults []error
	now := time.Now().UTC()
	for _, e := range entries {
		e.At = now
		text, err := encode(e)
		if err != nil { // a number that JSON does not have
			faults = append(faults, fmt.Errorf("outbox: %s: %w", e.Type, err))
		}
		lines = append(lines, text...)
	}
	return errors.Join(append(faults, b.tape.append(lines))...)
}

// Waiting returns how many letters of a receiver have begun, and how many notices
// there are besides.
func (b *Box) Waiting(receiver string) (letters, loose int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue(receiver)
	return len(q.letters), q.loose
}

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

// Drop gives up all that is pending for a receiver, or for all of them if it is "",
// as the user wishes, and returns how much that was. Nobody may be sending meanwhile.
func (b *Box) Drop(receiver string) (int, error) {
	names := []string{receiver}
	if receiver == "" {
		names = b.Receivers()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var entries []entry
	total := 0
	for _, name := range names {
		q := b.queue(name)
		all := q.all()
		if len(all) == 0 {
			continue
		}
		known := q.known
		b.queues[name] = newQueue()
		b.queues[name].known = known
		b.settle(&b.count.Dropped, len(all))
		total += len(all)
		entries = append(entries, entry{Type: dropEntry, Receiver: name, Notices: noticeIDs(all), Detail: "dropped"})
	}
	return total, b.write(entries...)
}

// settle counts notices that are no longer pending. The caller holds the lock.
func (b *Box) settle(as *int, n int) {
	b.count.Pending -= n
	*as += n
}

// Close tries once more to write what is owed, and gives the file to others.
func (b *Box) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return errors.Join(b.tape.settle(), b.unlock(), b.tape.file.Close())
}

// A hintError is an error with a way out.
type hintError struct {
	error
	hint string
}

// Unwrap returns the cause.
func (e *hintError) Unwrap() error { return e.error }

// Hint returns what to do about it.
func (e *hintError) Hint() string { return e.hint }

// errInUse says that another process has the box.
var errInUse = errors.New("in use by another floodmark")

// openLocked opens a file and takes it for this process.
func openLocked(path string, how int) (file *os.File, unlock func() error, err error) {
	file, err = os.OpenFile(path, os.O_RDWR|os.O_APPEND|how, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if unlock, err = lock(file); err != nil {
		err = fmt.Errorf("outbox %s: %w", path, err)
		if errors.Is(err, errInUse) {
			err = &hintError{err, "wait until that run has ended; floodmark outbox list works meanwhile"}
		}
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, unlock, nil
}
