package capacity

import (
	"container/list"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// ErrNoWorker is returned for a request that found all workers busy and every waiting
// place taken.
var ErrNoWorker = errors.New("all workers are busy and the line for them is full")

// Workers bound how many requests a server has in hand, as its threads would: one is
// held for the whole of a request, also while that waits for a database. They have no
// clock in them, unlike a Machine's slots, so that too few workers and too few cores are
// two different sights. Who waits is served in order. Their methods may be called by any
// number of goroutines at once. They are made by NewWorkers.
type Workers struct {
	limit, places int

	mu    sync.Mutex
	line  list.List // of chan struct{}, closed when its owner has got a worker
	stats WorkerStats
}

// NewWorkers returns so many idle workers; 0 is any number. Beyond them so many requests
// may wait. Values below 0 count as 0.
func NewWorkers(limit, places int) *Workers {
	return &Workers{limit: max(limit, 0), places: max(places, 0)}
}

// Take waits for a worker, who is the caller's until Release. It returns ErrNoWorker at
// once where the line is full, or else the context's error, and then there is no worker
// to release.
func (w *Workers) Take(ctx context.Context) error {
	turn, place, err := w.join()
	if turn == nil {
		return err
	}
	began := time.Now()
	select {
	case <-turn:
	case <-ctx.Done():
		if w.leave(turn, place) {
			return ctx.Err()
		}
		// A worker came in the same moment, and is taken after all.
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.LongestWait = max(w.stats.LongestWait, time.Since(began))
	return nil
}

// join takes a worker at once, or a place in the line, with the channel that is closed
// when it is the caller's turn.
func (w *Workers) join() (chan struct{}, *list.Element, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.limit == 0 || w.stats.Busy < w.limit:
		w.stats.Busy++
		w.stats.Taken++
		return nil, nil, nil
	case w.line.Len() >= w.places:
		w.stats.Refused++
		return nil, nil, ErrNoWorker
	}
	turn := make(chan struct{})
	place := w.line.PushBack(turn)
	w.stats.LongestLine = max(w.stats.LongestLine, w.line.Len())
	return turn, place, nil
}

// leave gives up a place, and reports false if its turn has come.
func (w *Workers) leave(turn <-chan struct{}, place *list.Element) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-turn:
		return false
	default:
	}
	w.line.Remove(place)
	w.stats.Cancelled++
	return true
}

// Release gives a worker back, to whoever has waited for longest. It is called once for
// each Take that returned nil.
func (w *Workers) Release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := w.line.Front()
	if first == nil {
		w.stats.Busy--
		return
	}
	w.stats.Taken++
	close(w.line.Remove(first).(chan struct{})) // the list holds nothing else
}

// Stats returns the workers' state and their counts since the start.
func (w *Workers) Stats() WorkerStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.stats
	s.Limit, s.Places, s.Waiting = w.limit, w.places, w.line.Len()
	return s
}

// WorkerStats is what workers say about themselves. Each request is in one of Taken,
// Refused, Cancelled and Waiting.
type WorkerStats struct {
	Limit, Places int // 0 of Limit: any number
	Busy, Waiting int // now

	Taken       uint64 // requests that got a worker, at once or after waiting
	Refused     uint64 // requests turned away with ErrNoWorker
	Cancelled   uint64 // requests that gave up waiting
	LongestLine int    // the most that waited at once
	LongestWait time.Duration
}

// MarshalJSON writes the times in seconds.
func (s WorkerStats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Limit       int     `json:"limit"`
		Places      int     `json:"places"`
		Busy        int     `json:"busy"`
		Waiting     int     `json:"waiting"`
		Taken       uint64  `json:"taken"`
		Refused     uint64  `json:"refused"`
		Cancelled   uint64  `json:"cancelled"`
		LongestLine int     `json:"longest_line"`
		LongestWait float64 `json:"longest_wait_seconds"`
	}{
		s.Limit, s.Places, s.Busy, s.Waiting, s.Taken, s.Refused, s.Cancelled, s.LongestLine,
		s.LongestWait.Seconds(),
	})
}
