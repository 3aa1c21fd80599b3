package dashboard_test

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/dashboard"
)

// A sluice is a wall that can be opened, and that looks like a terminal.
type sluice struct {
	*wall
	writes atomic.Int64
}

func (s *sluice) Write(text []byte) (int, error) {
	s.writes.Add(1)
	return s.wall.Write(text)
}

func (s *sluice) Read([]byte) (int, error) { return 0, io.EOF }
func (s *sluice) Close() error             { return nil }
func (s *sluice) Fd() uintptr              { return ^uintptr(0) }

// What was left behind at a terminal that was stuck writes nothing more to it: others do.
func TestNothingIsDrawnAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &sluice{wall: &wall{reached: make(chan struct{}), gone: make(chan struct{})}}
		ctx, cancel := context.WithCancel(t.Context())
		in, keys := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			ended <- dashboard.Run(ctx, dashboard.Options{Feed: dashboard.NewFeed(), In: in, Out: out, Width: 80, Height: 24})
		}()
		<-out.reached
		cancel()
		if err := <-ended; !errors.Is(err, dashboard.ErrStuck) {
			t.Errorf("got %v", err)
		}
		before := out.writes.Load()
		close(out.gone)
		_ = keys.Close()
		time.Sleep(time.Minute) // of the bubble: until all of it has ended
		if got := out.writes.Load(); got != before {
			t.Errorf("%d writes more", got-before)
		}
	})
}

func TestLeave(t *testing.T) {
	out := newPaper(leaveScreen)
	if err := dashboard.Leave(out); err != nil || out.String() != "\x1b[?2004l"+leaveScreen+"\x1b[?25h" {
		t.Errorf("got %v, %q", err, out.String())
	}
}
