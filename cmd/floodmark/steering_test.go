package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/runs"
)

// A rig is a run at a server of the test.
type rig struct {
	load    string // of its profile
	handler http.HandlerFunc
	alerts  string // of its only SLO
}

// run runs it, does things to it, and returns its summary, its plan, and what was shown.
func (r rig) run(t *testing.T, out *outputFlags, acts ...act) (report.Summary, *plan, string) {
	t.Helper()
	server := httptest.NewServer(r.handler)
	defer server.Close()
	alerts := r.alerts
	if alerts != "" {
		alerts = ", alerts: " + alerts
	}
	text := fmt.Sprintf("version: 1\ntarget: { base_url: %s }\nscenarios: { s: { steps: [ { get: / } ] } }\n"+
		"slos: [ { name: a, objective: success >= 95%%%s } ]\ngenerator: { lag: off, cpu: off, sent_rate: off }\nload: %s\n", server.URL, alerts, r.load)
	var shown bytes.Buffer
	env := environment{in: strings.NewReader(""), out: io.Discard, err: &shown, lookup: os.LookupEnv}
	parsed, err := parseProfile("steered.yaml", []byte(text), env, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := compile(parsed, "steered.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out.ui, out.progress, out.quiet = "plain", time.Second, false
	if out.runs == "" {
		out.runs = t.TempDir()
	}
	summary, err := perform(t.Context(), p, out, env, acts)
	if err != nil {
		t.Fatal(err)
	}
	return summary, p, shown.String()
}

// steerable runs a load at a server of the test, does things to it, and returns its
// summary and what was shown.
func steerable(t *testing.T, load string, out *outputFlags, acts ...act) (report.Summary, string) {
	t.Helper()
	s, _, shown := rig{load: load, handler: func(http.ResponseWriter, *http.Request) {}}.run(t, out, acts...)
	return s, shown
}

// by returns acts of a hand.
func by(hand string) []act {
	return []act{
		{time.Second, "pause", func(c *loadgen.Control) error { return c.Pause(hand) }},
		{2 * time.Second, "slower", func(c *loadgen.Control) error { return c.Hold(hand, 50) }},
		{2 * time.Second, "go on", func(c *loadgen.Control) error { return c.Resume(hand) }},
		{3 * time.Second, "skip", func(c *loadgen.Control) error { return c.Skip(hand, "") }},
	}
}

const twoStages = "{ executor: ramping-arrival-rate, start: 100/s, stages: [ { name: one, duration: 20s, target: 100/s }, { name: two, duration: 1s, target: 100/s } ] }"

func TestSteeredRun(t *testing.T) {
	var out outputFlags
	s, shown := steerable(t, twoStages, &out, by("test")...)
	if s.Verdict != report.Inconclusive || s.ExitCode != exitInconclusive || !strings.Contains(s.Reason, ", and 3 more changes; 1 of 1 objective met") {
		t.Errorf("%s, %d: %s", s.Verdict, s.ExitCode, s.Reason)
	}
	steers := s.Ending.Steered
	if len(steers) != 4 || steers[1].Before != 100 || steers[1].Level != 50 || steers[3].Stage != "one" || steers[3].Position != 20 {
		t.Fatalf("steered: %+v", steers)
	}
	area := steers[0].At*100 + (steers[3].At-steers[2].At+1)*50
	if got := float64(s.Measured.Planned); math.Abs(got-area) > 1 {
		t.Errorf("%v requests, want %v", got, area)
	}
	for _, want := range []string{"paused by test", "rate 100.0 → 50.0/s by test", "resumed by test", "stage one skipped by test"} {
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

// Progress is about the plan as it is now.
func TestProgressFollowsThePlan(t *testing.T) {
	p := &plan{profile: &profiles.Profile{}, run: report.Run{Stages: []report.Stage{{Name: "one", End: 10 * time.Second}, {Name: "two", Start: 10 * time.Second, End: time.Minute}}}}
	g := newProgress(p, uiPlain, time.Second, environment{err: io.Discard})
	defer g.close()
	s := newSteering(p)
	s.changed(loadgen.Change{At: 5 * time.Second, Position: 5 * time.Second, Paused: true, Factor: 1})
	for _, tt := range []struct {
		at    time.Duration
		stage string
		end   time.Duration
	}{{4 * time.Second, "one 1/2", time.Minute}, {7 * time.Second, "paused 1/2", 62 * time.Second}, {30 * time.Second, "one 1/2", 85 * time.Second}, {36 * time.Second, "two 2/2", 85 * time.Second}} {
		if tt.at == 30*time.Second {
			s.changed(loadgen.Change{At: tt.at, Position: 5 * time.Second, Factor: 1})
		}
		s.take()
		stages := s.stages(tt.at)
		g.move(stages, pausedAt(s.all, tt.at))
		if got := g.stage(tt.at); got != tt.stage || planEnd(stages) != tt.end {
			t.Errorf("at %v: %s until %v, want %s until %v", tt.at, got, planEnd(stages), tt.stage, tt.end)
		}
	}
}
