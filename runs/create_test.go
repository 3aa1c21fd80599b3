package runs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/report"
)

func TestCreateWritesAllHeads(t *testing.T) {
	root := filepath.Join(t.TempDir(), "deep", "runs")
	j := mustCreate(t, root, testRun(t, "checkout"))
	if got, want := j.Dir(), filepath.Join(root, "20261122-051044-checkout"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for file, beginning := range map[string]string{
		profileFile: "version: 1\n",
		eventsFile:  `{"type":"run","floodmark_version":"0.1.0","name":"checkout",`,
		hlogFile:    "#[floodmark: nanoseconds",
	} {
		data, err := os.ReadFile(filepath.Join(j.Dir(), file))
		if err != nil || !strings.HasPrefix(string(data), beginning) {
			t.Errorf("%s: got %.60q, %v; want %q", file, data, err, beginning)
		}
	}
	got := reopened(t, j.Dir())
	if got.Verdict != report.Incomplete || got.Ending.Warnings != nil || got.Run.Seed != 1<<63 {
		t.Errorf("got %s with %q", got.Verdict, got.Ending.Warnings)
	}
}

func TestCreateNumbersRunsOfOneSecond(t *testing.T) {
	root := t.TempDir()
	var got []string
	for range 12 {
		j := mustCreate(t, root, testRun(t, "same"))
		got = append(got, strings.TrimPrefix(filepath.Base(j.Dir()), "20261122-051044-same"))
	}
	want := []string{"", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9", "-10", "-11", "-12"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	all, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(want)
	for i, s := range all {
		if got := strings.TrimPrefix(s.Name, "20261122-051044-same"); got != want[i] {
			t.Errorf("place %d: got %q, want %q", i, got, want[i])
		}
	}
}

func TestCreateSaysWhyItCannot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Create(filepath.Join(file, "runs"), testRun(t, "x"), nil)
	if err == nil {
		t.Fatal("no error")
	}
	if got := err.Error(); !strings.HasPrefix(got, "the run cannot be saved: mkdir "+file) {
		t.Errorf("got %q", got)
	}
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || hinted.Hint() != "save it elsewhere with --runs DIR, or not at all with --no-save" {
		t.Errorf("no hint in %v", err)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"checkout":                "checkout",
		"My Shop / Checkout (v2)": "my-shop-checkout-v2",
		"":                        "run",
		"größe":                   "gr-e",
		"../../etc/passwd":        "etc-passwd",
		"...":                     "run",
		"a_b.c-d":                 "a_b.c-d",
		strings.Repeat("x", 39) + "-" + strings.Repeat("y", 9): strings.Repeat("x", 39),
		"con\x00\x1b[2J\n": "con-2j",
	} {
		if got := slug(name); got != want {
			t.Errorf("slug(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestEventKeepsItsOwnKinds(t *testing.T) {
	j := mustCreate(t, t.TempDir(), testRun(t, "x"))
	before, _ := files(t, j.Dir())
	for _, kind := range []string{"run", "interval", "ended", "alert", "notice", "delivery", "control", "mark", ""} {
		if err := j.Event(kind, 0, nil); err == nil {
			t.Errorf("kind %q: no error", kind)
		}
	}
	if err := j.Event("note", 0, map[string]any{"f": func() {}}); err == nil {
		t.Error("no error for what JSON cannot hold")
	}
	fields := map[string]any{"type": "run", "text": "hello"}
	if err := j.Event("note", 1500*time.Millisecond, fields); err != nil {
		t.Fatal(err)
	}
	after, _ := files(t, j.Dir())
	if got, want := string(after[len(before):]), `{"type":"note","at_seconds":1.5,"text":"hello"}`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if fields["type"] != "run" || len(fields) != 2 {
		t.Errorf("the caller's fields became %v", fields)
	}
}

func TestFinishReplacesTheResultWhole(t *testing.T) {
	run := testRun(t, "x")
	j := mustCreate(t, t.TempDir(), run)
	path := filepath.Join(j.Dir(), resultFile)
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := follow(t, run).summary(report.Ending{Elapsed: time.Second})
	if err := j.Finish(s); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	if err := report.JSON(&want, s); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want.String() {
		t.Errorf("got %s, %v", got, err)
	}
	entries, err := os.ReadDir(j.Dir())
	if err != nil || len(entries) != 4 {
		t.Errorf("got %v, %v; want the four files alone", entries, err)
	}
}
