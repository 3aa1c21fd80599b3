package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A gate lets nothing through until it is opened.
type gate struct {
	reached chan struct{} // holds a word for each write that began
	open    chan struct{}
	through bytes.Buffer
}

func newGate() *gate { return &gate{reached: make(chan struct{}, 1000), open: make(chan struct{})} }

func (g *gate) Write(line []byte) (int, error) {
	g.reached <- struct{}{}
	<-g.open
	return g.through.Write(line)
}

// Lines come in order; those for which there is no room are counted, and told when there is.
func TestSpoolTellsWhatItDrops(t *testing.T) {
	g := newGate()
	s := newSpool(g)
	line := func(n int) string { return fmt.Sprintf("line %d\n", n) }
	put := func(n int) { _, _ = s.Write([]byte(line(n))) }
	put(0)
	<-g.reached // it is not among those that wait
	var want strings.Builder
	want.WriteString(line(0))
	for n := 1; n <= maxSpooled+7; n++ {
		put(n)
		if n <= maxSpooled {
			want.WriteString(line(n))
		}
	}
	want.WriteString("… 7 lines were not written\n")
	close(g.open)
	s.close()
	if got := g.through.String(); got != want.String() {
		t.Errorf("got\n%s\nwant\n%s", got, want.String())
	}
}

// A spool keeps lines, not the memory of whoever writes them.
func TestSpoolCopies(t *testing.T) {
	var out bytes.Buffer
	s := newSpool(&out)
	line := []byte("one\n")
	for _, text := range []string{"one\n", "two\n"} {
		copy(line, text)
		_, _ = s.Write(line)
	}
	s.close()
	if got := out.String(); got != "one\ntwo\n" {
		t.Errorf("got %q", got)
	}
}

// At the end a writer that is stuck is waited for, but not for long.
func TestSpoolDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		s := newSpool(g)
		_, _ = s.Write([]byte("stuck\n"))
		began := time.Now()
		s.close()
		if got := time.Since(began); got != spoolPatience {
			t.Errorf("closed after %v, want %v", got, spoolPatience)
		}
		if n, err := s.Write([]byte("late\n")); n != 5 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
		began = time.Now()
		s.close()
		if got := time.Since(began); got != 0 {
			t.Errorf("closed again after %v", got)
		}
		close(g.open)
		synctest.Wait()
		if got := g.through.String(); got != "stuck\n" {
			t.Errorf("got %q", got)
		}
	})
}

// Anybody may write at any time, also when it is closed.
func TestSpoolOfMany(t *testing.T) {
	var out bytes.Buffer
	s := newSpool(&out)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				_, _ = s.Write([]byte("x\n"))
			}
		})
	}
	all.Go(s.close)
	all.Wait()
	<-s.done
	for line := range strings.Lines(out.String()) {
		if line != "x\n" && !strings.HasSuffix(line, " not written\n") {
			t.Fatalf("got %q", line)
		}
	}
}
