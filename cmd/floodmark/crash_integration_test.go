//go:build integration

package main

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"
)

// sometimesSlow answers at once, but every fiftieth request after more than a
// second, so that something is in flight at any moment. It counts.
type sometimesSlow struct{ requests atomic.Int64 }

// ServeHTTP implements http.Handler.
func (s *sometimesSlow) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	if s.requests.Add(1)%50 != 0 {
		return
	}
	timer := time.NewTimer(1300 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// After kill -9 the report tells the truth about the seconds that were recorded.
func TestKilledRunIsReported(t *testing.T) {
	t.Parallel()
	hlog := newHlogReader(t)
	for _, moment := range []struct {
		intervals int // recorded
		after     time.Duration
	}{
		{0, 0}, {1, 0}, {2, 350 * time.Millisecond}, {3, 990 * time.Millisecond}, // the last is just before a beat
	} {
		t.Run(fmt.Sprintf("%v after %d intervals", moment.after, moment.intervals), func(t *testing.T) {
			t.Parallel()
			target := httptest.NewServer(&sometimesSlow{})
			defer target.Close()
			dir := t.TempDir()
			run := begin(t, dir, binary, "run", target.URL, "-r", "200/s", "-d", "60s")
			eventually(t, "the intervals are recorded", func() bool {
				saved := savedRun(t, dir)
				return saved != "" && readKept(t, saved).intervals >= moment.intervals
			})
			pause(t, moment.after)
			run.send(os.Kill)
			if f := run.finish(); f.code != -1 || f.stdout != "" {
				t.Fatalf("got exit code %d and %q, want the end of a process that was killed", f.code, f.stdout)
			}
			saved := savedRun(t, dir)
			got := reported(t, dir, readKept(t, saved))
			hlog.agrees(t, saved, got, readKept(t, saved).intervals)
		})
	}
}

// reported wants a report that says what the test has read from the files, and
// nothing else.
func reported(t *testing.T, dir string, want kept) measured {
	t.Helper()
	text := floodmark(t, dir, "report", "@latest")
	if text.code != exitMet || !strings.Contains(text.stdout, "INCOMPLETE") {
		t.Errorf("got exit code %d, want %d and INCOMPLETE in:\n%s%s", text.code, exitMet, text.stdout, text.stderr)
	}
	narrow(t, text.stdout)
	got := floodmark(t, dir, "report", "@latest", "--json").summary(t)
	if got.Verdict != "incomplete" || got.ExitCode != exitInconclusive || got.Counts != want.counts {
		t.Errorf("got %s, exit code %d, %+v, want incomplete, %d, %+v",
			got.Verdict, got.ExitCode, got.Counts, exitInconclusive, want.counts)
	}
	// 200 a second became due, give or take what a late beat or a late pacer moves
	// from one second to the next.
	if due := 200 * want.end; math.Abs(float64(want.counts.Planned)-due) > 50 {
		t.Errorf("planned: got %d in %.3f s, want about %.0f", want.counts.Planned, want.end, due)
	}
	if finished := want.counts.Succeeded + want.counts.Failed; got.Response.Count != finished {
		t.Errorf("response times: got %d, want %d", got.Response.Count, finished)
	}
	return got
}

// narrow wants lines that fit a terminal of 80 columns.
func narrow(t *testing.T, text string) {
	t.Helper()
	for row := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(row, "\n")); n > 80 {
			t.Errorf("got a line of %d columns, want at most 80: %s", n, row)
		}
	}
}

// What a run prints, what it saves and what is reported from its files later is
// the same result, and the histograms hold it too.
func TestSavedRunIsTheResult(t *testing.T) {
	t.Parallel()
	hlog := newHlogReader(t)
	target := httptest.NewServer(&sometimesSlow{})
	defer target.Close()
	dir := t.TempDir()
	run := floodmark(t, dir, "run", target.URL, "-r", "300/s", "-d", "4s", "--json", "--slo", "success >= 90%", "--slo", "p50 < 1s")
	got := run.result(t)
	if want := (accounted{Planned: 1200, Succeeded: 1200}); got.Counts != want {
		t.Errorf("counts: got %+v, want %+v", got.Counts, want)
	}
	saved := savedRun(t, dir)
	onDisk, err := os.ReadFile(filepath.Join(saved, "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(onDisk) != run.stdout {
		t.Errorf("result.json: got\n%s\nwant what was printed\n%s", onDisk, run.stdout)
	}
	if again := floodmark(t, dir, "report", "@latest", "--json"); again.stdout != run.stdout {
		t.Errorf("report: got\n%s\nwant what was printed\n%s", again.stdout, run.stdout)
	}
	hlog.agrees(t, saved, got, readKept(t, saved).intervals)
}
