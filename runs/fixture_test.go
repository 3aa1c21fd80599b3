package runs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// testRun returns a run of two endpoints and a warm-up with two objectives.
func testRun(tb testing.TB, name string) report.Run {
	tb.Helper()
	run := report.Run{
		Version: "0.1.0", Name: name, Source: name + ".yaml", Target: "http://127.0.0.1:8080",
		Started: time.Date(2026, 11, 22, 5, 10, 44, 123456789, time.UTC),
		Planned: 10 * time.Second, Load: "10/s for 10s", Executor: "constant-arrival-rate", Seed: 1 << 63, Open: true, AskedRate: 10.1,
		Stages: []report.Stage{{Name: "warm", End: time.Second, Warmup: true}, {Name: "steady", Start: time.Second, End: 10 * time.Second}},
		Under:  []time.Duration{300 * time.Millisecond}, Deadlines: []time.Duration{300 * time.Millisecond, time.Second}, Failing: time.Second,
		Rules: report.Rules{LagQuantile: 0.5, Lag: 10 * time.Millisecond, CPU: 0.5, SentRate: 0.5},
	}
	for _, stage := range run.Stages {
		for _, endpoint := range []string{"list products", "show, product"} {
			run.Series = append(run.Series, measure.Series{
				Endpoint: endpoint, Scenario: "browse", Method: "GET", Stage: stage.Name, Warmup: stage.Warmup,
			})
		}
	}
	for _, text := range []string{"success >= 95%", "under(300ms) >= 90%", "p99 < 250ms", "rps > 1/s"} {
		e, err := slo.Parse(text)
		if err != nil {
			tb.Fatal(err)
		}
		o := slo.Objective{Name: "availability", Expression: e, Target: 0.95}
		if text == "p99 < 250ms" {
			o.Select = []slo.Matcher{{Label: "endpoint", Op: "=~", Value: "list.*"}}
		}
		run.Objectives = append(run.Objectives, report.Describe(o))
	}
	return run
}

// A follower is what a command keeps while a run goes on.
type follower struct {
	run      report.Run
	totals   *measure.Totals
	trackers []*slo.Tracker
}

func follow(tb testing.TB, run report.Run) *follower {
	tb.Helper()
	f := &follower{run: run, totals: measure.NewTotals(run.Series, run.Under)}
	for _, text := range run.Objectives {
		o, err := text.Objective()
		if err != nil {
			tb.Fatal(err)
		}
		f.trackers = append(f.trackers, slo.NewTracker(o, f.totals))
	}
	return f
}

func (f *follower) add(in *measure.Interval) {
	f.totals.Add(in)
	for _, t := range f.trackers {
		t.Add(in)
	}
}

func (f *follower) summary(ending report.Ending) report.Summary {
	var statuses []slo.Status
	for _, t := range f.trackers {
		statuses = append(statuses, t.Status())
	}
	return report.Summarise(f.run, ending, f.totals, statuses)
}

// intervals returns n seconds of made-up requests: some good, some bad, some
// unsent, some in flight for a while.
func intervals(t *rapid.T, run report.Run, n int) []*measure.Interval {
	recorder := measure.NewRecorder(run.Series, run.Under, 2)
	recorder.Deadlines(run.Deadlines...)
	var open []*measure.Sample // of earlier seconds
	var out []*measure.Interval
	for i := range n {
		start := time.Duration(i) * time.Second
		for user := range rapid.IntRange(0, 8).Draw(t, "requests") {
			if sample := request(t, recorder.Lane(user), run, start); sample != nil {
				open = append(open, sample)
			}
		}
		open = slices.DeleteFunc(open, func(s *measure.Sample) bool {
			ends := s.Done < start+time.Second
			if ends {
				recorder.Lane(1).Record(s)
			}
			return ends
		})
		in := recorder.Cut(start + time.Second + time.Duration(rapid.Int64Range(0, 999).Draw(t, "jitter")))
		in.Health = health(t)
		in.Paused = time.Duration(rapid.SampledFrom([]int64{0, 0, 333_333_333, 1e9}).Draw(t, "paused"))
		out = append(out, &in)
	}
	return out
}

// health returns what a monitor may have seen, nil where there was none.
func health(t *rapid.T) *measure.Health {
	if rapid.IntRange(0, 3).Draw(t, "monitor") == 0 {
		return nil
	}
	amount := func(name string) time.Duration { return time.Duration(rapid.Int64Range(0, 1e9).Draw(t, name)) }
	return &measure.Health{
		CPU:       &measure.CPU{Used: amount("cpu"), Allowed: time.Second, Limit: measure.LimitQuota},
		Throttled: new(amount("throttled")), Stolen: new(amount("stolen")),
		GC:        measure.Pauses{Count: 2, Total: amount("pauses"), Longest: 3 * time.Millisecond},
		Resident:  new(int64(amount("resident"))),
		Files:     &measure.Files{Open: int64(amount("open")), Limit: 1e9},
		ClockStep: time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, "step")),
	}
}

// request records the fate of one request, and returns its sample if it is to be
// recorded when it is done.
func request(t *rapid.T, lane *measure.Lane, run report.Run, start time.Duration) *measure.Sample {
	series := rapid.IntRange(0, len(run.Series)-1).Draw(t, "series")
	lane.Plan(series, start)
	lane.Pace(time.Duration(rapid.Int64Range(0, 1e8).Draw(t, "pacing")))
	switch rapid.IntRange(0, 9).Draw(t, "fate") {
	case 0: // stays in flight
		return nil
	case 1:
		lane.Unsend(series, start)
		return nil
	}
	sample := measure.Sample{
		Series: series, Intended: start, Sent: start + time.Duration(rapid.Int64Range(0, 1e8).Draw(t, "lag")),
		Outcome: measure.Status2xx, Status: 200, Succeeded: true,
		BytesIn: rapid.Int64Range(0, 1e6).Draw(t, "in"), BytesOut: 180,
	}
	sample.Done = sample.Sent + time.Duration(rapid.Int64Range(-1, 4e9).Draw(t, "service"))
	if rapid.Bool().Draw(t, "new connection") {
		sample.Connect, sample.TLS = 300*time.Microsecond, time.Millisecond
	}
	if rapid.IntRange(0, 4).Draw(t, "luck") == 0 {
		sample.Succeeded = false
		sample.Outcome = measure.Outcome(rapid.IntRange(1, int(measure.OutcomeCount)-1).Draw(t, "outcome"))
		sample.Status = rapid.SampledFrom([]int{0, 404, 500, 503}).Draw(t, "status")
		sample.Detail = rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "detail")
	}
	if rapid.Bool().Draw(t, "at once") {
		lane.Record(&sample)
		return nil
	}
	return &sample
}

// render returns both forms of a summary.
func render(tb testing.TB, s report.Summary) string {
	tb.Helper()
	var out strings.Builder
	if err := errors.Join(report.Text(&out, s), report.JSON(&out, s)); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// mustCreate begins a journal that is closed when the test ends.
func mustCreate(tb testing.TB, root string, run report.Run) *Journal {
	tb.Helper()
	j, err := Create(root, run, []byte("version: 1\n"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := j.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
			tb.Error(err)
		}
	})
	return j
}

// reopened draws the summary from the files.
func reopened(tb testing.TB, dir string) report.Summary {
	tb.Helper()
	saved, err := Open("", dir)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := Summarise(saved)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// files returns a run's two growing files.
func files(tb testing.TB, dir string) (events, hlog []byte) {
	tb.Helper()
	events, err := os.ReadFile(filepath.Join(dir, eventsFile))
	if err != nil {
		tb.Fatal(err)
	}
	hlog, err = os.ReadFile(filepath.Join(dir, hlogFile))
	if err != nil {
		tb.Fatal(err)
	}
	return events, hlog
}

// difference returns the first lines that differ, "" if none do.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return fmt.Sprintf("line %d is missing: %s", i+1, b[i])
		case i >= len(b):
			return fmt.Sprintf("line %d is too much: %s", i+1, a[i])
		case a[i] != b[i]:
			return fmt.Sprintf("line %d: got %s, want %s", i+1, a[i], b[i])
		}
	}
	return ""
}
