//go:build integration

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A slow target answers after a while, or never when that is 0. It counts the
// requests that have come and those it has answered.
type slow struct {
	answers       time.Duration
	got, answered atomic.Int64
}

// ServeHTTP implements http.Handler.
func (s *slow) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	s.got.Add(1)
	var done <-chan time.Time
	if s.answers > 0 {
		timer := time.NewTimer(s.answers)
		defer timer.Stop()
		done = timer.C
	}
	select {
	case <-done:
		s.answered.Add(1)
	case <-r.Context().Done():
	}
}

// The first signal begins nothing more, waits for what is under way and prints the
// summary; the exit code tells which signal it was.
func TestSignalDrains(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		signal os.Signal
		want   int
	}{
		{"interrupt", os.Interrupt, exitInterrupted},
		{"terminate", syscall.SIGTERM, exitTerminated},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler := &slow{answers: 700 * time.Millisecond}
			target := httptest.NewServer(handler)
			defer target.Close()
			dir := t.TempDir()
			run := begin(t, dir, binary, "run", target.URL, "-r", "100/s", "-d", "60s", "--no-preflight")
			eventually(t, "answers have come", func() bool { return handler.answered.Load() > 50 })
			run.send(test.signal)
			got := run.finish()
			if got.code != test.want || !strings.Contains(got.stdout, "INCOMPLETE") {
				t.Errorf("got exit code %d, want %d and INCOMPLETE in:\n%s%s", got.code, test.want, got.stdout, got.stderr)
			}
			narrow(t, got.stdout)
			saved := floodmark(t, dir, "report", "@latest", "--json").summary(t)
			n := handler.got.Load()
			if want := (accounted{Planned: n, Succeeded: n}); saved.Counts != want || n == 6000 {
				t.Errorf("counts: got %+v, want %+v as the target saw, and not the whole load", saved.Counts, want)
			}
			if saved.ExitCode != test.want {
				t.Errorf("saved exit code: got %d, want %d", saved.ExitCode, test.want)
			}
		})
	}
}

// The second signal ends everything at once, whatever hangs. What was under way is
// counted as in flight, and the summary is printed all the same.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	handler := &slow{}
	target := httptest.NewServer(handler)
	defer target.Close()
	run := begin(t, t.TempDir(), binary, "run", target.URL, "-r", "100/s", "-d", "60s",
		"--timeout", "10m", "--drain", "10m", "--no-preflight", "--json")
	eventually(t, "requests hang", func() bool { return handler.got.Load() > 50 })
	run.send(os.Interrupt)
	ended := make(chan finished, 1)
	go func() { ended <- run.finish() }()
	select {
	case <-ended:
		t.Fatal("the first signal ended the run while requests were under way")
	case <-time.NewTimer(time.Second).C:
	}
	run.send(os.Interrupt)
	got := <-ended // or the test's own limit ends it
	result := got.result(t)
	if got.code != exitInterrupted || result.Verdict != "incomplete" {
		t.Errorf("got exit code %d, %s, want %d, incomplete", got.code, result.Verdict, exitInterrupted)
	}
	n := result.Counts.Planned
	if want := (accounted{Planned: n, InFlight: n}); result.Counts != want || n < 50 {
		t.Errorf("counts: got %+v, want all of at least 50 in flight", result.Counts)
	}
	if result.Seconds > 60 {
		t.Errorf("the run took %.1f s, want the end at the second signal", result.Seconds)
	}
}
