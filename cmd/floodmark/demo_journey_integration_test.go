//go:build integration

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/demo-server/journey"
)

// A stage that needs no server, and one of two backends: the JSON is whole, the page is
// written, and no process is left.
func TestJourney(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		args   []string
		stages []string
		codes  []int
	}{
		{"in this process", []string{"09b"}, []string{"09b"}, []int{0}},
		// On a busy machine numbers do not count, which is no fault.
		{"with processes", []string{"5", "--quick"}, []string{"05"}, []int{0, exitInvalid}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			walk := begin(t, dir, binary, append([]string{"demo", "journey", "--html", "x.html", "--markdown", "x.md", "--json"}, test.args...)...)
			got := walk.finish()
			if !slices.Contains(test.codes, got.code) {
				t.Fatalf("got exit code %d, want one of %v:\n%s%s", got.code, test.codes, got.stdout, got.stderr)
			}
			var doc journey.Document
			if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil {
				t.Fatalf("%v in:\n%s", err, got.stdout)
			}
			wholeJourney(t, doc, test.stages)
			for _, name := range []string{"x.html", "x.md"} {
				text, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil || !strings.Contains(string(text), doc.Stages[0].Title) {
					t.Errorf("%s: %v, %d bytes: want the stage in it", name, err, len(text))
				}
			}
			if left := childrenIn(t, dir); len(left) > 0 {
				t.Errorf("processes %v are left", left)
			}
		})
	}
}

// wholeJourney checks that a document says all that it should.
func wholeJourney(t *testing.T, doc journey.Document, stages []string) {
	t.Helper()
	if doc.Schema != journey.Schema || !doc.Complete || doc.Started.IsZero() || doc.Machine == "" || doc.Seconds <= 0 {
		t.Errorf("schema %q, complete %v, started %v, on %q, took %v s", doc.Schema, doc.Complete, doc.Started, doc.Machine, doc.Seconds)
	}
	var names []string
	for _, stage := range doc.Stages {
		names = append(names, stage.Name)
		if !stage.Complete || stage.Error != "" || stage.Attempts != 1 || stage.Sentence == "" || len(stage.Rows) < 2 || len(stage.Expectations) < 3 {
			t.Errorf("%s is not whole: %+v", stage.Name, stage)
		}
		for _, row := range stage.Rows {
			if row.Case == "" || len(row.Figures) == 0 || row.Counts != (len(row.Why) == 0) {
				t.Errorf("%s is not whole: %+v", stage.Name, row)
			}
		}
	}
	if !slices.Equal(names, stages) {
		t.Errorf("got stages %v, want %v", names, stages)
	}
}

// Whoever kills a journey leaves it no time to end what it has started. That ends by
// itself: backends, and loads.
func TestKilledJourneyLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	walk := begin(t, dir, binary, "demo", "journey", "05", "--html", "none")
	eventually(t, "backends and loads are there", func() bool { return len(childrenIn(t, dir)) >= 4 })
	if err := walk.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	walk.finish()
	eventually(t, "all have ended", func() bool { return len(childrenIn(t, dir)) == 0 })
}

// childrenIn returns the processes that a journey in a directory has started: they were
// started in it, too, and nothing else is.
func childrenIn(t *testing.T, dir string) []int {
	t.Helper()
	whole, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, link := range all {
		where, err := os.Readlink(link) // one that has ended has none
		number := regexp.MustCompile(`\d+`).FindString(link)
		words, _ := os.ReadFile("/proc/" + number + "/cmdline") // one that has ended has none
		if err == nil && where == whole && strings.Contains(string(words), "\x00journey\x00child\x00") {
			pid, err := strconv.Atoi(number)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, pid)
		}
	}
	return found
}
