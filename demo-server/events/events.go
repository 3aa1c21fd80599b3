// Package events tells what happened to a backend, for whoever measures it: an outage in a
// chart explains itself when the fault that was switched on stands beside it.
//
// It does not know what a backend is made of, and opens no port. Whoever does something to
// the backend writes it down.
//
// The main type is [Log]. An event goes this way: [Log.Add] numbers it and keeps it in a
// ring; [Log.Handler] sends it as a line of JSON to all who follow; at the other end
// [Follow] hands it on.
package events

import (
	"sync"
	"time"
	"unicode/utf8"
)

// The kinds of events that backends here tell of. A reader lets others pass.
const (
	FaultStarted = "fault_started"
	FaultEnded   = "fault_ended"
	FaultFailed  = "fault_failed" // it could not be switched on when it was due
	Killed       = "killed"
	Died         = "died" // and nobody had killed it
	Restarted    = "restarted"
	Frozen       = "frozen"
	Thawed       = "thawed"
	Scaled       = "scaled"
)

const (
	room    = 1000 // events in a log
	maxText = 200  // characters of a text, as many as a mark of a run may have
	maxName = 128  // characters of a kind or a subject
)

// An Event is something that happened to a backend. It is JSON as it stands, with its time
// in RFC 3339.
type Event struct {
	ID      uint64    `json:"id"` // from 1, rising by 1, for as long as the backend runs
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Subject string    `json:"subject"` // part, node or link; empty: the backend
	Text    string    `json:"text"`    // all of it in one line, such as "web-2 was killed"

	// Missed is for who follows: so many events before this one are lost, since the log had
	// no more room for them.
	Missed uint64 `json:"-"`
}

// A Log keeps the latest 1000 events. The zero value is ready, and any number of goroutines
// may use it at once.
type Log struct {
	mu        sync.Mutex
	ring      []Event // in order from the oldest, which is at first
	first     int
	last      uint64        // ID of the newest
	changed   chan struct{} // closed at the next event; nil while nobody waits
	closed    bool
	followers int
}

// Add writes an event down, as of now. Texts that are too long are cut.
func (l *Log) Add(kind, subject, text string) {
	e := Event{Kind: short(kind, maxName), Subject: short(subject, maxName), Text: short(text, maxText)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	e.ID, e.At = l.last, time.Now().UTC()
	if len(l.ring) < room {
		l.ring = append(l.ring, e)
	} else {
		l.ring[l.first] = e
		l.first = (l.first + 1) % room
	}
	l.wake()
}

// Since returns the events after an ID that are still there, the oldest first. An ID that
// no event has had yet is of a backend before this one: it returns all.
func (l *Log) Since(id uint64) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.since(id)
}

// known returns an ID if an event has had it, else 0.
func (l *Log) known(id uint64) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id > l.last {
		return 0
	}
	return id
}

// since is Since for who has the lock.
func (l *Log) since(id uint64) []Event {
	if id > l.last {
		id = 0
	}
	n := int(min(l.last-id, uint64(len(l.ring))))
	news := make([]Event, 0, n)
	for i := len(l.ring) - n; i < len(l.ring); i++ {
		news = append(news, l.ring[(l.first+i)%len(l.ring)])
	}
	return news
}

// Close ends the streams of all who follow, as must be before the server that serves them
// is shut down; who comes later gets what there is. The log goes on.
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.wake()
}

// wake lets all who wait look again. Its caller has the lock.
func (l *Log) wake() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// next returns the events after an ID, and a channel that is closed when there are more;
// nil once there will be none.
func (l *Log) next(id uint64) (news []Event, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	news = l.since(id)
	if l.closed {
		return news, nil
	}
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return news, l.changed
}

// short cuts a text to so many characters.
func short(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
