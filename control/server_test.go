package control

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCommandsAreAnswered(t *testing.T) {
	dir := t.TempDir()
	answerAll(t, run(t, dir))
	c := dial(t, dir, Steer)
	for i := range 20 {
		got, err := c.Do(t.Context(), Command{"mark", []string{fmt.Sprint("text ", i), "<\n\x1b>"}})
		if want := fmt.Sprintf("mark[text %d <\n\x1b>]", i); err != nil || !got.OK || got.Text != want {
			t.Errorf("got %+v, %v, want %q", got, err, want)
		}
	}
	if _, err := c.Do(t.Context(), Command{"mark", []string{strings.Repeat("x", maxRequest)}}); err == nil {
		t.Error("a request that is too long was sent")
	}
}

func TestWhoOnlyWatchesCommandsNothing(t *testing.T) {
	dir := t.TempDir()
	answerAll(t, run(t, dir))
	c := dial(t, dir, ReadOnly)
	got, err := c.Do(t.Context(), Command{Name: "stop"})
	if want := refusal("this connection only watches", ""); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// A command that the run did not take before its end is refused, not lost.
func TestTheEndRefusesCommands(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	taken := make(chan Reply)
	c := dial(t, dir, Steer)
	go func() {
		a, _ := c.Do(t.Context(), Command{Name: "stop"})
		taken <- a
	}()
	<-s.Commands() // and no answer
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got, want := <-taken, refusal("the run has ended", ""); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if _, err := c.Do(t.Context(), Command{Name: "stop"}); !errors.Is(err, errEnded) && !errors.Is(err, ErrLost) {
		t.Errorf("after the end: got %v", err)
	}
}

// What is wrong is said, and the connection ends.
func TestMalformedRequests(t *testing.T) {
	dir := t.TempDir()
	answerAll(t, run(t, dir))
	for _, tt := range []struct{ name, text, want string }{
		{"no JSON", "GET / HTTP/1.1", `not a line of floodmark.control/v1: invalid character 'G' looking for beginning of value`},
		{"no object", `[1]`, `not a line of floodmark.control/v1: `},
		{"another protocol", `{"protocol":"floodmark.control/v2","mode":"steer"}`, `protocol \"floodmark.control/v2\": this run speaks floodmark.control/v1`},
		{"another mode", `{"protocol":"floodmark.control/v1","mode":"root"}`, `mode \"root\": neither read-only nor steer`},
		{"no ID", greetingSteer + "\n" + `{"command":"stop"}`, `a request has an id other than 0, and a command`},
		{"no command", greetingSteer + "\n" + `{"id":1}`, `a request has an id other than 0, and a command`},
		{"a negative ID is one", greetingSteer + "\n" + `{"id":-1,"command":"x"}` + "\n{", `{"type":"reply","id":-1,"ok":true,"text":"x[]"}`},
		{"an ID in words", greetingSteer + "\n" + `{"id":"one","command":"stop"}`, `not a line of floodmark.control/v1: `},
		{"too long", strings.Repeat(" ", maxRequest) + greetingSteer, `a line of more than 4096 bytes`},
		{"too long later", greetingSteer + "\n" + `{"id":1,"command":"` + strings.Repeat("x", 1<<20), `a line of more than 4096 bytes`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t, dir)
			w.write(tt.text)
			if got := w.read(); !strings.Contains(got, tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			for last := "more"; last != ""; last = w.read() {
				if strings.Contains(last, `"ok":true`) {
					t.Errorf("got %s after what was wrong", last)
				}
			}
		})
	}
}

func TestALineWithoutItsEnd(t *testing.T) {
	dir := t.TempDir()
	answerAll(t, run(t, dir))
	c := dial(t, dir, Steer)
	if _, err := c.conn.Write([]byte(`{"id":7,"command":"stop"}`)); err != nil {
		t.Fatal(err)
	}
	if err := c.conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	<-c.ended
	if !errors.Is(c.err, ErrLost) || !strings.Contains(c.err.Error(), "a line without its end") {
		t.Errorf("got %v", c.err)
	}
}

// Whatever is sent, the server goes on.
func TestGarbage(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	answerAll(t, s)
	rapid.Check(t, func(rt *rapid.T) {
		w := open(t, dir)
		if rapid.Bool().Draw(rt, "greeted") {
			w.write(greetingSteer)
		}
		for _, part := range rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`\{"id":[0-9]{1,3},"command":"[a-z]{1,5}"\}`)), 0, 20).Draw(rt, "lines") {
			w.write(part)
		}
		_ = w.conn.Close()
	})
	if got, err := dial(t, dir, Steer).Do(t.Context(), Command{Name: "still"}); err != nil || got.Text != "still[]" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A client that asks and asks, and never reads an answer, is let go.
func TestAskingWithoutReading(t *testing.T) {
	dir := t.TempDir()
	s := runWith(t, dir, 50*time.Millisecond)
	answerAll(t, s)
	w := open(t, dir)
	w.write(greetingSteer)
	line := []byte(`{"id":1,"command":"` + strings.Repeat("x", 3000) + `"}` + "\n")
	for {
		if _, err := w.conn.Write(line); err != nil {
			break
		}
	}
	s.sessions.Wait()
}

func TestConnectionsAreLimited(t *testing.T) {
	dir := t.TempDir()
	run(t, dir)
	for range maxConnections {
		open(t, dir)
	}
	_, err := Dial(t.Context(), dir, ReadOnly)
	if err == nil || !strings.HasSuffix(err.Error(), "32 connections are open already") {
		t.Errorf("got %v", err)
	}
}

// Without a server nobody is there, and nothing goes wrong.
func TestNoServer(t *testing.T) {
	var s *Server
	if s.Commands() != nil || s.Watched() {
		t.Error("a server that is none has something")
	}
	if err := errors.Join(s.Publish([]byte("{}")), s.Tell([]byte("{}")), s.Close()); err != nil {
		t.Error(err)
	}
}
