package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// run begins to serve a directory, and ends with the test.
func run(t *testing.T, dir string) *Server {
	t.Helper()
	return runWith(t, dir, stuckTime)
}

// runWith has a patience of its own with those who do not read.
func runWith(t *testing.T, dir string, patience time.Duration) *Server {
	t.Helper()
	s, err := serve(dir, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// dial connects to a directory's server until the test ends.
func dial(t *testing.T, dir string, mode Mode) *Client {
	t.Helper()
	c, err := Dial(t.Context(), dir, mode)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// answerAll answers commands by what was asked until the server ends.
func answerAll(t *testing.T, s *Server) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case r := <-s.Commands():
				r.Answer(Reply{OK: true, Text: fmt.Sprint(r.Name, r.Args)})
			case <-s.done:
				return
			}
		}
	}()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
}

// watching watches in the background: what it sees comes out of the channels, the end
// of Watch last.
type watching struct {
	client          *Client
	snapshots, news chan string
	ended           chan error
	leave           context.CancelFunc
}

// watch returns when the server knows of the watcher.
func watch(t *testing.T, dir string) *watching {
	t.Helper()
	w := &watching{
		client: dial(t, dir, ReadOnly), snapshots: make(chan string, 1000), news: make(chan string, 1000), ended: make(chan error, 1),
	}
	// Watching twice is watching once, and the reply to the first is here at once.
	if a, err := w.client.Do(t.Context(), Command{Name: watchCommand}); err != nil || !a.OK {
		t.Fatalf("got %+v, %v", a, err)
	}
	var ctx context.Context
	ctx, w.leave = context.WithCancel(t.Context())
	t.Cleanup(w.leave)
	go func() {
		w.ended <- w.client.Watch(ctx, Show{
			Snapshot: func(b []byte) { w.snapshots <- string(b) },
			Event:    func(b []byte) { w.news <- string(b) },
			Missed:   func(n int) { w.news <- fmt.Sprint("missed ", n) },
		})
	}()
	return w
}

// A wire is a client of few words: the test's own.
type wire struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// open connects and reads the server's first line.
func open(t *testing.T, dir string) *wire {
	t.Helper()
	path, err := locate(dir)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	w := &wire{t, conn, bufio.NewReader(conn)}
	if got := w.read(); !strings.HasPrefix(got, `{"type":"hello","protocol":"floodmark.control/v1","pid":`) {
		t.Fatalf("got %q", got)
	}
	return w
}

// write writes lines. The other end may have closed by then.
func (w *wire) write(lines ...string) {
	w.t.Helper()
	_, _ = io.WriteString(w.conn, strings.Join(lines, "\n")+"\n")
}

// read reads a line, "" at the end.
func (w *wire) read() string {
	w.t.Helper()
	line, err := w.in.ReadString('\n')
	if err != nil {
		return ""
	}
	var any map[string]any
	if err := json.Unmarshal([]byte(line), &any); err != nil {
		w.t.Fatalf("%q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

const greetingSteer = `{"protocol":"floodmark.control/v1","mode":"steer"}`
