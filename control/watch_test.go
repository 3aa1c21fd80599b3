package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func publish(t *testing.T, s *Server, text string) {
	t.Helper()
	if err := s.Publish(fmt.Appendf(nil, `{"n":%q}`, text)); err != nil {
		t.Fatal(err)
	}
}

func TestWatchersSeeSnapshotsAndEvents(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	if s.Watched() {
		t.Error("watched by nobody")
	}
	first, second := watch(t, dir), watch(t, dir)
	if !s.Watched() {
		t.Error("not watched")
	}
	for i := range 3 {
		publish(t, s, fmt.Sprint(i))
		for _, w := range []*watching{first, second} {
			if got, want := <-w.snapshots, fmt.Sprintf(`{"n":"%d"}`, i); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
	if err := s.Tell([]byte(`{ "note": "x" }`)); err != nil {
		t.Fatal(err)
	}
	if got, want := <-first.news, `{"note":"x"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	publish(t, s, "last")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, w := range []*watching{first, second} {
		if err := <-w.ended; err != nil {
			t.Errorf("the run's end: got %v, want no error", err)
		}
		if got := <-w.snapshots; got != `{"n":"last"}` {
			t.Errorf("got %s, want the last snapshot", got)
		}
	}
}

// Who comes between two snapshots sees the one before, unless there is none.
func TestNewcomers(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	publish(t, s, "before")
	if got := <-watch(t, dir).snapshots; got != `{"n":"before"}` {
		t.Errorf("got %s", got)
	}
	if err := s.Publish(nil); err != nil {
		t.Fatal(err)
	}
	late := watch(t, dir)
	publish(t, s, "next")
	if got := <-late.snapshots; got != `{"n":"next"}` {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsNoObjectIsNotShown(t *testing.T) {
	s := run(t, t.TempDir())
	for _, text := range []string{"", "{", "{}\n{}", `{"x":"` + strings.Repeat("x", maxLine) + `"}`} {
		if err := s.Publish([]byte(text)); err == nil {
			t.Errorf("snapshot %.10q: no error", text)
		}
		if err := s.Tell([]byte(text)); err == nil {
			t.Errorf("event %.10q: no error", text)
		}
	}
}

// Sixteen may watch. They come and go, and nobody else notices.
func TestWatchersComeAndGo(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	staying := watch(t, dir)
	for round := range 3 {
		var others []*watching
		for range maxWatchers - 1 {
			others = append(others, watch(t, dir))
		}
		err := dial(t, dir, ReadOnly).Watch(t.Context(), Show{})
		if err == nil || err.Error() != "16 others watch already" {
			t.Errorf("one more: got %v", err)
		}
		publish(t, s, fmt.Sprint(round))
		for _, w := range append(others, staying) {
			if got, want := <-w.snapshots, fmt.Sprintf(`{"n":"%d"}`, round); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		for i, w := range others {
			if i%2 == 0 { // a closed terminal; the others leave in good order
				_ = w.client.conn.Close()
				if err := <-w.ended; !errors.Is(err, ErrLost) {
					t.Errorf("got %v, want %v", err, ErrLost)
				}
				continue
			}
			w.leave()
			if err := <-w.ended; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want %v", err, context.Canceled)
			}
			_ = w.client.Close()
		}
		if err := s.Publish(nil); err != nil {
			t.Fatal(err)
		}
		awaitWatchers(s, 1)
	}
}

// awaitWatchers waits until no more watch than so many.
func awaitWatchers(s *Server, want int) {
	for {
		s.mu.Lock()
		got := s.watchers()
		s.mu.Unlock()
		if got <= want {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// A watcher that never reads holds nobody up: neither who publishes nor who watches. After
// a while it is let go.
func TestAWatcherThatNeverReads(t *testing.T) {
	dir := t.TempDir()
	s := runWith(t, dir, time.Second)
	stuck := open(t, dir)
	stuck.write(greetingSteer, `{"id":1,"command":"watch"}`)
	if got := stuck.read(); got != `{"type":"reply","id":1,"ok":true}` {
		t.Fatalf("got %s", got)
	}
	large := strings.Repeat("x", 500_000) // more than a socket holds
	for i := range 10 {
		publish(t, s, fmt.Sprint(large, i))
		if err := s.Tell(fmt.Appendf(nil, `{"event":%d}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	s.sessions.Wait() // it is gone
	if err := s.Publish(nil); err != nil {
		t.Fatal(err)
	}
	well := watch(t, dir)
	publish(t, s, "well")
	for got := ""; got != `{"n":"well"}`; got = <-well.snapshots {
	}
	if s.mu.Lock(); len(s.open) != 1 {
		t.Errorf("got %d sessions, want 1", len(s.open))
	}
	s.mu.Unlock()
}

// The end of a run waits but a moment for a watcher that never reads.
func TestTheEndDoesNotWaitForTheStuck(t *testing.T) {
	dir := t.TempDir()
	s := runWith(t, dir, time.Hour)
	stuck := open(t, dir)
	stuck.write(greetingSteer, `{"id":1,"command":"watch"}`)
	stuck.read()
	for range 10 {
		publish(t, s, strings.Repeat("x", 500_000)) // more than a socket holds
	}
	if err := s.Close(); err != nil { // or this test never ends
		t.Error(err)
	}
}

// Of a watcher that is slow, the latest is kept, and it hears what it missed.
func TestASlowWatcherMissesTheOldest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue()
		events := rapid.IntRange(0, 3*maxEvents).Draw(t, "events")
		snapshots := rapid.IntRange(0, 3).Draw(t, "snapshots")
		for i := range events {
			q.tell(fmt.Append(nil, i))
		}
		for i := range snapshots {
			q.show(fmt.Append(nil, i))
		}
		q.close([]byte("end"))
		q.tell([]byte("too late"))
		all, more := q.take(nil)
		if !more || string(all.last) != "end" {
			t.Fatalf("got %v, %q", more, all.last)
		}
		if got := all.missed + len(all.events); got != events || len(all.events) > maxEvents {
			t.Errorf("got %d missed and %d told of %d", all.missed, len(all.events), events)
		}
		for i, e := range all.events {
			if got, want := string(e), fmt.Sprint(events-len(all.events)+i); got != want {
				t.Errorf("event %d: got %s, want %s", i, got, want)
			}
		}
		if snapshots > 0 && string(all.snapshot) != fmt.Sprint(snapshots-1) {
			t.Errorf("got snapshot %q of %d", all.snapshot, snapshots)
		}
		if _, more := q.take(nil); more {
			t.Error("more after the end")
		}
	})
}

// awaitRead waits until a client has read a snapshot, whether or not it was shown.
func awaitRead(t *testing.T, c *Client, want string) {
	t.Helper()
	for got := ""; got != want; {
		select {
		case <-c.ended:
			t.Fatal(c.why())
		case <-time.NewTimer(time.Millisecond).C:
		}
		c.news.mu.Lock()
		got = string(c.news.snapshot)
		c.news.mu.Unlock()
	}
}

// A client whose display is slow reads on all the same, so that the server keeps it.
func TestASlowDisplayIsNotLetGo(t *testing.T) {
	dir := t.TempDir()
	s := runWith(t, dir, time.Hour)
	c := dial(t, dir, ReadOnly)
	shown, goOn := make(chan string), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- c.Watch(t.Context(), Show{Snapshot: func(b []byte) { shown <- string(b[:8]); <-goOn }})
	}()
	for !s.Watched() {
		time.Sleep(time.Millisecond)
	}
	publish(t, s, "a")
	<-shown
	for i := range 5 {
		large := fmt.Sprint("b", i, strings.Repeat("x", 300_000)) // more than a socket holds
		publish(t, s, large)
		awaitRead(t, c, `{"n":"`+large+`"}`)
	}
	publish(t, s, "c")
	awaitRead(t, c, `{"n":"c"}`)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	close(goOn)
	last := ""
	for {
		select {
		case last = <-shown:
			continue
		case err := <-ended:
			if err != nil || last != `{"n":"c"}`[:8] {
				t.Errorf("got %v and %s last", err, last)
			}
			return
		}
	}
}
