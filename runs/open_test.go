package runs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/report"
)

// library makes runs of the given names, one a minute, and a directory without
// any.
func library(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for i, name := range names {
		run := testRun(t, name)
		run.Started = run.Started.Add(time.Duration(i) * time.Minute)
		mustCreate(t, root, run)
	}
	broken := filepath.Join(root, "20261122-060000-broken")
	if err := os.Mkdir(broken, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"stray": "x", filepath.Base(broken) + "/" + eventsFile: `{"type":"ru`} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestReferences(t *testing.T) {
	root := library(t, "smoke", "checkout", "smoke")
	for _, c := range []struct{ ref, want, err, hint string }{
		{ref: "@latest", want: "20261122-051244-smoke"},
		{ref: "@1", want: "20261122-051244-smoke"},
		{ref: "@prev", want: "20261122-051144-checkout"},
		{ref: "@2", want: "20261122-051144-checkout"},
		{ref: "@3", want: "20261122-051044-smoke"},
		{ref: "@4", err: "no run @4 in ROOT: 3 saved there", hint: "there is 20261122-051244-smoke, 20261122-051144-checkout, 20261122-051044-smoke"},
		{ref: "@0", err: "unknown reference @0", hint: "references are @latest, @prev, @1, @2 and so on"},
		{ref: "@-1", err: "unknown reference @-1", hint: "references are @latest, @prev, @1, @2 and so on"},
		{ref: "@last", err: "unknown reference @last", hint: "references are @latest, @prev, @1, @2 and so on"},
		{ref: "20261122-051044-smoke", want: "20261122-051044-smoke"},
		{ref: "20261122-0511", want: "20261122-051144-checkout"},
		{ref: "checkout", want: "20261122-051144-checkout"},
		{ref: "smoke", err: `"smoke" is the beginning or the name of 2 runs`, hint: "there is 20261122-051244-smoke, 20261122-051044-smoke"},
		{ref: "20261122", err: `"20261122" is the beginning or the name of 4 runs`, hint: "there is 20261122-051244-smoke, 20261122-051144-checkout, 20261122-051044-smoke, 20261122-060000-broken"},
		{ref: "nothing", err: `no run "nothing" in ROOT`, hint: "there is 20261122-051244-smoke, 20261122-051144-checkout, 20261122-051044-smoke, 20261122-060000-broken"},
		{ref: "", err: "no run is named", hint: "name one, or write @latest"},
		{ref: "ROOT/20261122-051044-smoke", want: "20261122-051044-smoke"},
		{ref: "ROOT/20261122-051044-smoke/", want: "20261122-051044-smoke"},
		{ref: "ROOT/none", err: "no run in ROOT/none: stat ROOT/none/events.ndjson: no such file or directory", hint: "a run's directory holds events.ndjson and run.hlog"},
	} {
		got, err := Open(root, strings.ReplaceAll(c.ref, "ROOT", root))
		if c.err != "" {
			var hinted interface{ Hint() string }
			if err == nil || strings.ReplaceAll(err.Error(), root, "ROOT") != c.err {
				t.Errorf("%s: got error %v, want %s", c.ref, err, c.err)
			} else if !errors.As(err, &hinted) || hinted.Hint() != c.hint {
				t.Errorf("%s: got hint %q, want %q", c.ref, hinted.Hint(), c.hint)
			}
			continue
		}
		if err != nil || got.Name != c.want || got.Dir != filepath.Join(root, c.want) {
			t.Errorf("%s: got %+v, %v; want %s", c.ref, got, err, c.want)
		}
	}
}

func TestOpenWithoutAnyRun(t *testing.T) {
	root := filepath.Join(t.TempDir(), "none")
	if all, err := List(root); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
	_, err := Open(root, "@latest")
	if err == nil || err.Error() != "no run @latest in "+root+": 0 saved there" {
		t.Errorf("got %v", err)
	}
}

func TestListShowsBrokenRunsLast(t *testing.T) {
	root := library(t, "smoke", "checkout")
	run := testRun(t, "done")
	j := mustCreate(t, root, run)
	if err := j.Finish(follow(t, run).summary(report.Ending{Elapsed: 7 * time.Second})); err != nil {
		t.Fatal(err)
	}
	all, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		got = append(got, s.Run.Name)
	}
	if want := "checkout smoke done 20261122-060000-broken"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if s := all[2]; !s.Finished || s.Result.Verdict != report.Inconclusive || s.Result.ExitCode != 3 || s.Result.Elapsed != 7*time.Second {
		t.Errorf("got %+v", s.Result)
	}
	if s := all[3]; s.Finished || s.Problem != "events.ndjson:1: the file ends within its first line" {
		t.Errorf("got %+v", s)
	}
	if s := all[0]; s.Finished || s.Problem != "" || s.Result != (Result{}) {
		t.Errorf("got %+v", s)
	}
}

func TestListOfAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := List(file); err == nil {
		t.Error("no error")
	}
}

// An objective that a later version wrote is left out, loudly.
func TestUnreadableObjective(t *testing.T) {
	run := testRun(t, "x")
	run.Objectives = append(run.Objectives, report.ObjectiveText{Name: "new", Expression: "happiness > 9000"})
	j := mustCreate(t, t.TempDir(), run)
	if err := j.Finish(follow(t, testRun(t, "x")).summary(report.Ending{Elapsed: time.Second})); err != nil {
		t.Fatal(err)
	}
	got := reopened(t, j.Dir())
	if got.Verdict != report.Incomplete || len(got.Statuses) != 4 || len(got.Ending.Warnings) != 1 ||
		!strings.HasPrefix(got.Ending.Warnings[0], `events.ndjson:1: objective "new": column 1`) {
		t.Errorf("got %s with %q", got.Verdict, got.Ending.Warnings)
	}
}
