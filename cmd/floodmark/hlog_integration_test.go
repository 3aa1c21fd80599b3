//go:build integration

package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// An hlogReader reads .hlog files by hdr-histogram-js, which shares no code with
// what wrote them. npm installs it as its lock file says, hashes included.
type hlogReader struct{ node, dir string }

// newHlogReader installs the reader into a temporary directory.
func newHlogReader(t *testing.T) hlogReader {
	t.Helper()
	npm := installed(t, "npm", "npm")
	r := hlogReader{installed(t, "node", "nodejs"), t.TempDir()}
	if err := os.CopyFS(r.dir, os.DirFS("testdata/integration/hlog")); err != nil {
		t.Fatal(err)
	}
	if f := begin(t, r.dir, npm, "ci", "--no-audit", "--no-fund").finish(); f.code != 0 {
		t.Fatalf("npm ci: exit code %d\n%s%s", f.code, f.stdout, f.stderr)
	}
	return r
}

// agrees wants the histograms of a run to hold what the result says. Those of one
// more interval may be in the file: the histograms are written before the line
// that makes them count.
func (r hlogReader) agrees(t *testing.T, saved string, want measured, intervals int) {
	t.Helper()
	f := begin(t, r.dir, r.node, "read.js", filepath.Join(saved, "run.hlog")).finish()
	var got struct {
		Intervals     int
		Count         int64
		P50, P99, Max float64 // nanoseconds
	}
	if err := json.Unmarshal([]byte(f.stdout), &got); err != nil || f.code != 0 {
		t.Fatalf("read.js: exit code %d, %v: %s%s", f.code, err, f.stdout, f.stderr)
	}
	if got.Intervals == intervals+1 && want.Verdict == "incomplete" {
		return
	}
	if got.Intervals != intervals || got.Count != want.Response.Count {
		t.Errorf("run.hlog: got %d intervals and %d values, want %d and %d", got.Intervals, got.Count, intervals, want.Response.Count)
	}
	for _, pair := range [][2]float64{
		{got.P50, want.Response.P50}, {got.P99, want.Response.P99}, {got.Max, want.Response.Max},
	} {
		// Buckets are 0.1 % wide, and 512 ns at least.
		if math.Abs(pair[0]-1e9*pair[1]) > 512+0.001*pair[0] {
			t.Errorf("run.hlog: got %+v, want p50 %v s, p99 %v s, max %v s", got, want.Response.P50, want.Response.P99, want.Response.Max)
			break
		}
	}
}
