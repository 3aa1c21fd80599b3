package runs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// A summary from the files is that of the run itself, byte for byte.
func TestSummaryFromFilesIsTheSame(t *testing.T) {
	run := testRun(t, "checkout")
	rapid.Check(t, func(rt *rapid.T) {
		j := mustCreate(t, t.TempDir(), run)
		live := follow(t, run)
		all := intervals(rt, run, rapid.IntRange(0, 3).Draw(rt, "seconds"))
		for _, in := range all {
			if err := j.Append(in); err != nil {
				rt.Fatal(err)
			}
			if err := j.Event("note", in.End, map[string]any{"text": "a \"b\""}); err != nil {
				rt.Fatal(err)
			}
			live.add(in)
		}
		alerts, steers, marks := someAlerts(rt, j), someSteers(rt, j), someMarks(rt, j)
		want := live.summary(report.Ending{
			Alerts:      alerts,
			Steered:     steers,
			Marks:       marks,
			Interactive: rapid.Bool().Draw(rt, "interactive"),
			Elapsed:     time.Duration(rapid.Int64Range(1, 1e12).Draw(rt, "elapsed")),
			Paced:       time.Duration(rapid.Int64Range(0, 2e10).Draw(rt, "paced")),
			Interrupted: rapid.Bool().Draw(rt, "interrupted"), Signal: 15, StoppedBy: rapid.SampledFrom([]string{"", "floodmark ctl"}).Draw(rt, "stopped by"),
			Warnings:      rapid.SliceOf(rapid.StringMatching(`[ -~é]*`)).Draw(rt, "warnings"),
			LostIntervals: rapid.IntRange(0, 3).Draw(rt, "lost"), SavedAs: j.Dir(),
		})
		if err := j.Finish(want); err != nil {
			rt.Fatal(err)
		}
		if diff := difference(render(t, reopened(t, j.Dir())), render(t, want)); diff != "" {
			rt.Error(diff)
		}
		checkLog(t, j.Dir(), live.totals)
	})
}

// someAlerts writes what alerts do to a journal, and returns it.
func someAlerts(rt *rapid.T, j *Journal) report.Alerts {
	a := report.Alerts{Undelivered: rapid.IntRange(0, 3).Draw(rt, "undelivered"), Required: rapid.Bool().Draw(rt, "required")}
	for i := range rapid.IntRange(0, 3).Draw(rt, "alerts") {
		c := report.Change{SLO: "s", Rule: "r", From: alert.Pending, State: alert.Firing, Reason: alert.Breached, At: float64(i), Value: 0.7, Notice: fmt.Sprint(i)}
		n := alert.Notice{
			ID: fmt.Sprint(i), Kind: alert.Fired, Receivers: []string{"chat"}, Labels: []alert.Label{{Name: "endpoint", Value: "a"}}, Why: alert.Breached,
			Began: time.Duration(rapid.Int64Range(0, 1e12).Draw(rt, "began")), Bad: rapid.Int64Range(-1, 5).Draw(rt, "bad"), Budget: -1,
			StartsAt: time.Unix(1e9, 0).UTC(), EndsAt: time.Unix(2e9, 5).UTC(),
		}
		d := report.Delivery{Receiver: "chat", Message: "m", Notices: []string{n.ID}, Attempt: 1, Outcome: alert.Delivered, Took: 0.5}
		a.AddChange(c)
		a.AddNotice(n)
		a.AddDelivery(d)
		if err := errors.Join(j.Change(c), j.Notice(n), j.Delivery(d)); err != nil {
			rt.Fatal(err)
		}
	}
	return a
}

// someSteers writes what is done to the load by hand to a journal, and returns it.
func someSteers(rt *rapid.T, j *Journal) (steers []report.Steer) {
	for i := range rapid.IntRange(0, 3).Draw(rt, "steers") {
		s := report.Steer{
			At: float64(i) / 3, By: "hand", What: report.SteerLevel, Stage: "s", Position: float64(i) / 7,
			Paused: i == 1, Factor: 1.1, Before: 100. / 3, Level: 110. / 3,
		}
		steers = append(steers, s)
		if err := j.Control(s); err != nil {
			rt.Fatal(err)
		}
	}
	return steers
}

// someMarks writes marks down.
func someMarks(rt *rapid.T, j *Journal) (all report.Marks) {
	for i := range rapid.IntRange(0, 3).Draw(rt, "marks") {
		m := report.Mark{At: float64(i) / 3, Text: rapid.StringMatching(`[ -~é]*`).Draw(rt, "mark")}
		all.Add(m)
		if err := j.Mark(m); err != nil {
			rt.Fatal(err)
		}
	}
	return all
}

// checkLog reads run.hlog with the library's own reader and compares counts.
func checkLog(t *testing.T, dir string, totals *measure.Totals) {
	t.Helper()
	_, hlog := files(t, dir)
	reader := hdr.NewHistogramLogReader(bytes.NewReader(hlog))
	got := make(map[string]int64)
	for {
		h, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		clock, _, _ := strings.Cut(h.Tag(), "/")
		got[clock] += h.TotalCount()
	}
	sum := totals.Select(nil)
	want := map[string]int64{"": sum.Response.Count(), "pacing": totals.Pacing.Count()}
	for c := range measure.ClockCount {
		want[c.String()] = sum.Clock(c).Count()
	}
	for clock, n := range want {
		if got[clock] != n {
			t.Errorf("run.hlog has %d values of clock %q, want %d", got[clock], clock, n)
		}
	}
}

// A run that was killed, and whose files lost their ends at that, gives the
// summary of what came before: whatever the place of the cut.
func TestTruncationAnywhere(t *testing.T) {
	run := testRun(t, "checkout")
	all := rapid.Custom(func(rt *rapid.T) []*measure.Interval { return intervals(rt, run, 2) }).Example(3)
	j := mustCreate(t, t.TempDir(), run)
	live := follow(t, run)
	prefixes := []string{render(t, cutSummary(live, j.Dir()))}
	for _, in := range all {
		if err := j.Append(in); err != nil {
			t.Fatal(err)
		}
		live.add(in)
		prefixes = append(prefixes, render(t, cutSummary(live, j.Dir())))
	}
	if err := j.Finish(live.summary(report.Ending{Elapsed: 2 * time.Second, SavedAs: j.Dir()})); err != nil {
		t.Fatal(err)
	}
	events, hlog := files(t, j.Dir())
	head := bytes.IndexByte(events, '\n') + 1
	seen := make(map[int]bool)
	check := func(file string, data []byte, from int) {
		path := filepath.Join(j.Dir(), file)
		for n := len(data) - 1; n >= from; n-- {
			if err := os.Truncate(path, int64(n)); err != nil {
				t.Fatal(err)
			}
			got := reopened(t, j.Dir())
			which := got.Totals.Intervals()
			seen[which] = true
			if got.Verdict != report.Incomplete || got.ExitCode != 3 {
				t.Fatalf("%s cut at %d: got %s, exit code %d", file, n, got.Verdict, got.ExitCode)
			}
			got.Ending.Warnings = nil
			if diff := difference(render(t, got), prefixes[which]); diff != "" {
				t.Fatalf("%s cut at %d: %s", file, n, diff)
			}
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	check(eventsFile, events, head)
	check(hlogFile, hlog, 0)
	for i := range len(all) + 1 {
		if !seen[i] {
			t.Errorf("no cut left %d intervals", i)
		}
	}
	for n := range head {
		if err := os.Truncate(filepath.Join(j.Dir(), eventsFile), int64(head-1-n)); err != nil {
			t.Fatal(err)
		}
		got := reopened(t, j.Dir())
		if got.Totals.Intervals() != 0 || got.ExitCode != 3 || len(got.Ending.Warnings) != 1 {
			t.Fatalf("head cut at %d: got %s with %q", head-1-n, got.Verdict, got.Ending.Warnings)
		}
	}
}

// cutSummary is the summary of a run that never ended.
func cutSummary(f *follower, dir string) report.Summary {
	return f.summary(report.Ending{Incomplete: true, SavedAs: dir})
}

// Damage in the middle is told with its place, and what came before is used.
func TestDamageInTheMiddle(t *testing.T) {
	run := testRun(t, "checkout")
	all := rapid.Custom(func(rt *rapid.T) []*measure.Interval { return intervals(rt, run, 3) }).Example(5)
	for _, c := range []struct {
		name    string
		damage  func(events, hlog []byte) ([]byte, []byte)
		warning string
	}{
		{"no JSON", func(e, h []byte) ([]byte, []byte) {
			return bytes.Replace(e, []byte(`{"type":"interval","index":1`), []byte(`{"type":"inter`), 1), h
		}, "events.ndjson:3: "},
		{"torn line", func(e, h []byte) ([]byte, []byte) {
			return bytes.Replace(e, []byte(`{"type":"interval","index":1`), []byte("\x00\x00\x00"), 1), h
		}, "events.ndjson:3: invalid character"},
		{"other run's series", func(e, h []byte) ([]byte, []byte) {
			return bytes.Replace(e, []byte(`"index":1,`), []byte(`"index":1,"series":[{"series":99}],"x":[],"y":`), 1), h
		}, "events.ndjson:3: "},
		{"a group missing", func(e, h []byte) ([]byte, []byte) {
			groups := bytes.Split(h, []byte("\n0.")) // untagged lines begin with their time
			if len(groups) < 2 {
				groups = bytes.SplitN(h, []byte("\n1."), 3)
			}
			return e, append(bytes.Clone(groups[0]), '\n')
		}, "run.hlog: "},
		{"a broken histogram", func(e, h []byte) ([]byte, []byte) {
			at := bytes.LastIndex(h, []byte("Tag=response/"))
			line := bytes.IndexByte(h[at:], '\n')
			return e, append(append(bytes.Clone(h[:at+line-12]), "AAAAAAAAAAAA"...), h[at+line:]...)
		}, "run.hlog: interval "},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := mustCreate(t, t.TempDir(), run)
			live := follow(t, run)
			for _, in := range all {
				if err := j.Append(in); err != nil {
					t.Fatal(err)
				}
				live.add(in)
			}
			if err := j.Finish(live.summary(report.Ending{SavedAs: j.Dir()})); err != nil {
				t.Fatal(err)
			}
			events, hlog := files(t, j.Dir())
			events, hlog = c.damage(events, hlog)
			for name, data := range map[string][]byte{eventsFile: events, hlogFile: hlog} {
				if err := os.WriteFile(filepath.Join(j.Dir(), name), data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got := reopened(t, j.Dir())
			want := follow(t, run)
			for _, in := range all[:got.Totals.Intervals()] {
				want.add(in)
			}
			if len(got.Ending.Warnings) != 1 || !strings.HasPrefix(got.Ending.Warnings[0], c.warning) {
				t.Fatalf("got warnings %q, want one beginning %q", got.Ending.Warnings, c.warning)
			}
			ending := report.Ending{Incomplete: true, SavedAs: j.Dir(), Warnings: got.Ending.Warnings}
			if diff := difference(render(t, got), render(t, want.summary(ending))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzReplay reads damaged files.
func FuzzReplay(f *testing.F) {
	run := testRun(f, "checkout")
	j := mustCreate(f, f.TempDir(), run)
	for _, in := range rapid.Custom(func(rt *rapid.T) []*measure.Interval { return intervals(rt, run, 2) }).Example(7) {
		if err := j.Append(in); err != nil {
			f.Fatal(err)
		}
	}
	events, hlog := files(f, j.Dir())
	f.Add(events, hlog)
	f.Add(events, []byte{})
	f.Add([]byte("{\"type\":\"run\"}\n{\"type\":\"interval\",\"series\":[{\"series\":-1}]}\n"), hlog)
	f.Add([]byte("{\"type\":\"run\",\"series\":[{}],\"objectives\":[{\"expression\":\"p99\"}]}\n{\"type\":\"ended\"}\n"), hlog)
	f.Add([]byte("{\"type\":\"run\",\"series\":[{}]}\n{\"type\":\"interval\",\"series\":[{\"failed\":5}]}\n"), hlog)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, events, hlog []byte) {
		for name, data := range map[string][]byte{eventsFile: events, hlogFile: hlog} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		render(t, reopened(t, dir))
	})
}
