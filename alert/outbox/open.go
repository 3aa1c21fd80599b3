package outbox

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// File is the outbox's name in a run's directory.
const File = "outbox.ndjson"

// Create makes the outbox of a run, at a path where nothing is. Only the user may read
// the file: it holds samples of what the target answered.
func Create(path string, run alert.Run) (*Box, error) {
	file, unlock, err := openLocked(path, os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, err
	}
	b := &Box{run: run, tape: newTape(file, 0, false), unlock: unlock, queues: map[string]*queue{}}
	if err := b.write(entry{Type: headEntry, Schema: schema, Run: &run}); err != nil {
		_ = unlock() // the error that led here matters more
		_ = file.Close()
		_ = os.Remove(path)
		return nil, err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every system can; the file itself is safe
		_ = dir.Close()
	}
	return b, nil
}

// Open takes over the outbox of a run that has ended, however it ended. What was being
// written then is cut off. The error says so if the run has not ended, and its method
// Hint() string what to do.
func Open(path string) (*Box, error) {
	file, unlock, err := openLocked(path, 0)
	if err != nil {
		return nil, err
	}
	b, err := take(file)
	if err != nil {
		_ = unlock() // the error that led here matters more
		_ = file.Close()
		return nil, err
	}
	b.unlock = unlock
	return b, nil
}

// take makes a box of a file that is locked.
func take(file *os.File) (*Box, error) {
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	h, err := replay(file.Name(), data)
	if err != nil {
		return nil, err
	}
	size := whole(data)
	b := &Box{
		run: h.run, reopened: true, problems: h.problems, queues: h.queues(), count: h.count(),
		tape: newTape(file, int64(size), size < len(data)),
	}
	return b, b.tape.settle()
}

// A Listing is what an outbox holds.
type Listing struct {
	Run      alert.Run
	Items    []Item   // in order
	Problems []string // what could not be read, in words
}

// An Item is one notice for one receiver.
type Item struct {
	Receiver string
	Notice   *alert.Notice
	State    State
	Message  string    // ID of the one that it is part of, if that has begun
	At       time.Time // of the state
	Detail   string    // what the receiver answered, or why it is given up
}

// A State says what has become of an item.
type State string

// The states.
const (
	Pending State = "pending"
	Sent    State = "sent"
	Dead    State = "dead"
	Dropped State = "dropped"
)

// Read looks into an outbox, which may be in use.
func Read(path string) (*Listing, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	h, err := replay(path, data)
	if err != nil {
		return nil, err
	}
	h.queues() // settles which messages stand
	l := &Listing{Run: h.run, Problems: h.problems}
	for _, it := range h.items {
		l.Items = append(l.Items, *it)
	}
	return l, nil
}
