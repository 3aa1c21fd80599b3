package outbox

import (
	"errors"
	"fmt"
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
