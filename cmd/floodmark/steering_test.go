package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/runs"
)

// steerable runs a profile of two stages at a server of the test, does things to it, and
// returns its summary and what was shown.
func steerable(t *testing.T, load string, out *outputFlags, acts ...act) (report.Summary, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	text := fmt.Sprintf("version: 1\ntarget: { base_url: %s }\nscenarios: { s: { steps: [ { get: / } ] } }\n"+
		"slos: [ { name: a, objective: success >= 95%% } ]\ngenerator: { lag: off, cpu: off, sent_rate: '>= 99%%' }\nload: %s\n", server.URL, load)
	var shown bytes.Buffer
	env := environment{in: strings.NewReader(""), out: io.Discard, err: &shown, lookup: func(string) (string, bool) { return "", false }}
	parsed, err := parseProfile("steered.yaml", []byte(text), env, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := compile(parsed, "steered.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out.ui, out.progress, out.runs, out.quiet = "plain", time.Second, t.TempDir(), false
	summary, err := perform(t.Context(), p, out, env, acts)
	if err != nil {
		t.Fatal(err)
	}
	return summary, shown.String()
}

// by returns acts of a hand.
func by(hand string) []act {
	return []act{
		{time.Second, "pause", func(c *loadgen.Control) error { return c.Pause(hand) }},
		{2 * time.Second, "slower", func(c *loadgen.Control) error { return c.Hold(hand, 50) }},
		{2 * time.Second, "go on", func(c *loadgen.Control) error { return c.Resume(hand) }},
		{3 * time.Second, "skip", func(c *loadgen.Control) error { return c.Skip(hand) }},
	}
}

const twoStages = "{ executor: ramping-arrival-rate, start: 100/s, stages: [ { name: one, duration: 20s, target: 100/s }, { name: two, duration: 1s, target: 100/s } ] }"

func TestSteeredRun(t *testing.T) {
	var out outputFlags
	s, shown := steerable(t, twoStages, &out, by("test")...)
	if s.Verdict != report.Inconclusive || s.ExitCode != exitInconclusive || !strings.Contains(s.Reason, "changed by hand: paused by test at 00:01, and 3 more changes; 1 of 1 objective met") {
		t.Errorf("%s, %d: %s", s.Verdict, s.ExitCode, s.Reason)
	}
	if !s.Generator.Valid {
		t.Errorf("the generator was at fault: %v", s.Generator.Reasons)
	}
	steers := s.Ending.Steered
	if len(steers) != 4 || steers[1].Before != 100 || steers[1].Level != 50 || steers[3].Stage != "one" || steers[3].Position != 20 {
		t.Fatalf("steered: %+v", steers)
	}
	area := steers[0].At*100 + (steers[3].At-steers[2].At+1)*50
	if got := float64(s.Measured.Planned); math.Abs(got-area) > 1 {
		t.Errorf("%v requests, want %v", got, area)
	}
	for _, want := range []string{"paused by test", "rate 100.0 → 50.0/s by test", "resumed by test", "stage one skipped by test", "paused 1/2", "two 2/2"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is missing in:\n%s", want, shown)
		}
	}
	again := reopen(t, &out)
	if again.Reason != s.Reason || again.ExitCode != s.ExitCode || again.Loaded != s.Loaded {
		t.Errorf("from the files: %s, %d, loaded %v; want %s, %d, %v", again.Reason, again.ExitCode, again.Loaded, s.Reason, s.ExitCode, s.Loaded)
	}
}

func TestSteeredRunIsAllowed(t *testing.T) {
	out := outputFlags{interactive: true}
	s, _ := steerable(t, "{ executor: constant-vus, vus: 2, duration: 2s }", &out, act{time.Second, "more", func(c *loadgen.Control) error {
		return c.Scale("test", 1.5)
	}})
	if s.Verdict != report.Pass || s.ExitCode != exitMet || len(s.Ending.Steered) != 1 || s.Ending.Steered[0].Level != 3 {
		t.Errorf("%s, %d: %s; %+v", s.Verdict, s.ExitCode, s.Reason, s.Ending.Steered)
	}
	if again := reopen(t, &out); again.ExitCode != exitMet || len(again.Ending.Steered) != 1 {
		t.Errorf("from the files: %d, %+v", again.ExitCode, again.Ending.Steered)
	}
}

// reopen summarises the saved run anew.
func reopen(t *testing.T, out *outputFlags) report.Summary {
	t.Helper()
	saved, err := runs.Open(out.runs, "@latest")
	if err != nil {
		t.Fatal(err)
	}
	s, err := runs.Summarise(saved)
	if err != nil {
		t.Fatal(err)
	}
	return afterwards(s, saved)
}
