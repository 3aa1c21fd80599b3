//go:build integration

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A comparison in small, with nginx and wrk for real. How fast anybody is depends on
// the machine; that both did something and nobody failed does not.
func TestComparison(t *testing.T) {
	file := filepath.Join(t.TempDir(), "peers.json")
	var out, errs bytes.Buffer
	code := run([]string{"--only", "closed-50", "--peers", "wrk", "--rounds", "1", "--duration", "1s", "--json", file}, &out, &errs)
	if code != 0 {
		t.Fatalf("got exit code %d, want 0: %s", code, errs.String())
	}
	for _, start := range []string{"\n| floodmark | **", "\n| wrk | **"} {
		if !strings.Contains(out.String(), start) {
			t.Errorf("no row begins with %q:\n%s%s", start, out.String(), errs.String())
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Measurements []measurement `json:"measurements"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range in.Measurements {
		seen[m.Peer] = true
		checkMeasurement(t, m)
	}
	if len(in.Measurements) != 2 || !seen["floodmark"] || !seen["wrk"] {
		t.Errorf("got %s, want one measurement of floodmark and one of wrk", text)
	}
}

// checkMeasurement checks what holds for a second of either on any machine.
func checkMeasurement(t *testing.T, m measurement) {
	t.Helper()
	if m.Error != "" || m.Cell != "closed-50" || m.Round != 1 {
		t.Errorf("got %+v, want the first round of closed-50 without an error", m)
	}
	if m.Requests <= 0 || m.Rate <= 0 || m.Rate > m.Requests*1.5 {
		t.Errorf("%s: got %v requests and %v/s, want some, in about a second", m.Peer, m.Requests, m.Rate)
	}
	if m.User <= 0 || m.System <= 0 || m.Memory <= 0 {
		t.Errorf("%s: got %v µs and %v µs of CPU, %v MiB, want some of each", m.Peer, m.User, m.System, m.Memory)
	}
	if m.P50 <= 0 || m.P99 < m.P50 || m.P99 > 10 {
		t.Errorf("%s: got a p50 of %v s and a p99 of %v s", m.Peer, m.P50, m.P99)
	}
	if m.Server <= 0 {
		t.Errorf("%s: got %v of nginx's CPU, want some", m.Peer, m.Server)
	}
}
