package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// The bounds of a spool.
const (
	maxSpooled    = 256         // lines
	spoolPatience = time.Second // at the end, with a terminal that takes nothing
)

// A spool writes lines in the background, so that a terminal that is not read, or a pipe
// that nobody empties, holds up nothing. What there is no room for is dropped, and told.
// Any number of goroutines may write to it.
type spool struct {
	w     io.Writer
	lines chan []byte
	done  chan struct{}

	mu      sync.Mutex
	closed  bool
	dropped int
}

func newSpool(w io.Writer) *spool {
	s := &spool{w: w, lines: make(chan []byte, maxSpooled), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for line := range s.lines {
			_, _ = s.w.Write(line) // what cannot be written is dropped
			if n := s.takeDropped(); n > 0 {
				_, _ = fmt.Fprintf(s.w, "… %s were not written\n", plural(n, "line"))
			}
		}
	}()
	return s
}

// Write takes a line, and never fails.
func (s *spool) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return len(line), nil
	}
	select {
	case s.lines <- append([]byte(nil), line...):
	default:
		s.dropped++
	}
	return len(line), nil
}

// takeDropped returns how many lines were dropped since it was called last, once those
// before them were written.
func (s *spool) takeDropped() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) > 0 {
		return 0
	}
	n, s.dropped = s.dropped, 0
	return n
}

// close waits until all is written, for a moment. A second call does nothing.
func (s *spool) close() {
	s.mu.Lock()
	again := s.closed
	if !again {
		s.closed = true
		close(s.lines)
	}
	s.mu.Unlock()
	if again {
		return
	}
	timer := time.NewTimer(spoolPatience)
	defer timer.Stop()
	select {
	case <-s.done:
	case <-timer.C:
	}
}
