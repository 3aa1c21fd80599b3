package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// eventually waits until a condition holds. The limit only ends a test that hangs.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	const limit = time.Minute
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for began := time.Now(); !holds(); <-ticker.C {
		if time.Since(began) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

// accounted is how a result counts requests.
type accounted struct {
	Planned   int64 `json:"planned"`
	Succeeded int64 `json:"succeeded"`
	Failed    int64 `json:"failed"`
	Unsent    int64 `json:"unsent"`
	InFlight  int64 `json:"in_flight"`
}

// kept is what the test itself reads from events.ndjson, line by line.
type kept struct {
	intervals int
	end       float64 // seconds
	counts    accounted
}

// readKept adds up the whole lines of a run's events.
func readKept(t *testing.T, dir string) kept {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var sum kept
	for row := range bytes.Lines(data) {
		var event struct {
			Type   string      `json:"type"`
			End    float64     `json:"end_seconds"`
			Series []accounted `json:"series"`
		}
		if !bytes.HasSuffix(row, []byte("\n")) {
			break // it was being written
		}
		if err := json.Unmarshal(row, &event); err != nil {
			t.Fatalf("%s: %v", row, err)
		}
		if event.Type != "interval" {
			continue
		}
		sum.intervals++
		sum.end = event.End
		sum.counts.InFlight = 0 // a level, the others are what was new
		for _, s := range event.Series {
			sum.counts.Planned += s.Planned
			sum.counts.Succeeded += s.Succeeded
			sum.counts.Failed += s.Failed
			sum.counts.Unsent += s.Unsent
			sum.counts.InFlight += s.InFlight
		}
	}
	return sum
}

// savedRun returns the directory of the only run below dir, "" while there is none.
func savedRun(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".floodmark/runs/*/events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[0])
}
