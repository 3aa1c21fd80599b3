//go:build integration

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// judged is what a result says of the generator.
type judged struct {
	Verdict   string    `json:"verdict"`
	Counts    accounted `json:"counts"`
	Generator struct {
		Valid     bool     `json:"valid"`
		Reasons   []string `json:"reasons"`
		Notes     []string `json:"notes"`
		CPU       *float64 `json:"cpu_ratio"`
		CPUMax    *float64 `json:"cpu_max_ratio"`
		PacingP99 float64  `json:"pacing_p99_seconds"`
		Asked     int64    `json:"asked"`
		Unsent    int64    `json:"unsent"`
		SentRatio float64  `json:"sent_ratio"`
	} `json:"generator"`
}

// judgement reads the result that a command wrote to stdout.
func (f finished) judgement(t *testing.T) judged {
	t.Helper()
	var out judged
	if err := json.Unmarshal([]byte(f.stdout), &out); err != nil {
		t.Fatalf("stdout is no result: %v\nexit code %d\nstdout: %s\nstderr: %s", err, f.code, f.stdout, f.stderr)
	}
	return out
}

// sluggish answers each request after so long, and counts them.
type sluggish struct {
	delay    time.Duration
	requests atomic.Int64
}

// ServeHTTP implements http.Handler.
func (s *sluggish) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	ctx, cancel := context.WithTimeout(r.Context(), s.delay)
	defer cancel()
	<-ctx.Done()
}

// A target that answers after 2 s has 400 requests in flight at 200/s. With room for
// 100 most arrivals are unsent: that is the target's doing, and the run is valid. The
// rule for the lag allows for a machine that is busy with other tests; a generator
// that broke it would have to be late by half a second.
func TestSlowTargetIsNoFaultOfTheGenerator(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(&sluggish{delay: 2 * time.Second})
	defer target.Close()
	dir := t.TempDir()
	profile := file(t, dir, "slow.yaml",
		"version: 1",
		"target: { base_url: "+target.URL+", timeout: 20s }",
		"scenarios: { slow: { steps: [ { get: / } ] } }",
		"load: { executor: constant-arrival-rate, rate: 200/s, duration: 4s, max_in_flight: 100, drain: 20s }",
		"slos: [ { objective: success >= 95% } ]",
		`generator: { lag: p99 < 500ms, cpu: "< 85%", sent_rate: ">= 99%" }`)
	// Without the variable that the other tests have for their rule.
	got := begin(t, dir, "env", "-u", "FLOODMARK_GENERATOR", binary, "run", profile, "--no-preflight", "--json").finish()
	result := got.judgement(t)
	g := result.Generator
	if !g.Valid || len(g.Reasons) > 0 || got.code == 5 {
		t.Fatalf("got exit code %d, valid %t because %q, want a valid run", got.code, g.Valid, g.Reasons)
	}
	if g.Asked != 800 || result.Counts.Planned != 800 {
		t.Errorf("got %d asked, %d planned, want 800", g.Asked, result.Counts.Planned)
	}
	// 100 in the first half second, and 100 each time these are answered: at 2.0 and
	// 4.0 s, or a little later.
	if g.Unsent < 400 || g.Unsent != result.Counts.Unsent || g.SentRatio > 0.5 {
		t.Errorf("got %d unsent of %d, ratio %v, want most of them", g.Unsent, g.Asked, g.SentRatio)
	}
	if g.PacingP99 >= 0.5 {
		t.Errorf("got a pacing p99 of %v s, want less than the rule", g.PacingP99)
	}
	if notes := strings.Join(g.Notes, "\n"); !strings.Contains(notes, "max_in_flight 100 was reached") || !strings.Contains(notes, "the target is too slow") {
		t.Errorf("got notes %q, want one that names max_in_flight and the target", g.Notes)
	}
}

// A generator that does not run for half of the time is late, however quick its
// target is: the run is invalid, and says what to do. Each stop of at least 150 ms
// makes 4 % of the arrivals of four seconds late by up to that.
func TestSlowGeneratorIsNotBelieved(t *testing.T) {
	t.Parallel()
	var handler sluggish
	target := httptest.NewServer(&handler)
	defer target.Close()
	dir := t.TempDir()
	run := begin(t, dir, binary, "run", target.URL, "-r", "500/s", "-d", "4s", "--no-preflight", "--json",
		"--slo", "success >= 90%", "--generator", "lag p99 < 5ms")
	eventually(t, "the load begins", func() bool { return handler.requests.Load() > 0 })
	for range 8 {
		run.send(syscall.SIGSTOP)
		pause(t, 150*time.Millisecond)
		run.send(syscall.SIGCONT)
		pause(t, 150*time.Millisecond)
	}
	got := run.finish()
	result := got.judgement(t)
	g := result.Generator
	if got.code != 5 || result.Verdict != "invalid" || g.Valid {
		t.Fatalf("got exit code %d, %s, valid %t, want 5, invalid, false; pacing p99 %v s", got.code, result.Verdict, g.Valid, g.PacingP99)
	}
	if len(g.Reasons) == 0 || !strings.HasPrefix(g.Reasons[0], "lag p99 ") || !strings.Contains(g.Reasons[0], "(rule: < 5ms): ") {
		t.Errorf("got reasons %q, want the lag with its rule", g.Reasons)
	}
	// Which cause it sees depends on what else this machine does; each has its advice.
	_, advice, _ := strings.Cut(g.Reasons[0], "(rule: < 5ms): ")
	if _, advice, ok := strings.Cut(advice, ": "); !ok || advice == "" {
		t.Errorf("got %q, want what to do after the cause", g.Reasons[0])
	}
	if result.Counts.Succeeded != 2000 {
		t.Errorf("got %+v, want all to succeed: the target was quick", result.Counts)
	}
	if again := floodmark(t, dir, "report", "--json"); again.stdout != got.stdout {
		t.Errorf("report: got\n%s\nwant what was printed\n%s", again.stdout, got.stdout)
	}
}

// The record of each second goes to disk: a run that was killed still says how busy
// its generator was.
func TestKilledRunHasAHealth(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(&sluggish{})
	defer target.Close()
	dir := t.TempDir()
	run := begin(t, dir, binary, "run", target.URL, "-r", "200/s", "-d", "60s", "--no-preflight")
	eventually(t, "two seconds are recorded", func() bool {
		saved := savedRun(t, dir)
		return saved != "" && readKept(t, saved).intervals >= 2
	})
	run.send(os.Kill)
	run.finish()
	g := floodmark(t, dir, "report", "--json").judgement(t).Generator
	if g.CPU == nil || *g.CPU <= 0 || g.CPUMax == nil || *g.CPUMax < *g.CPU {
		t.Errorf("got cpu %v, at most %v, want both", g.CPU, g.CPUMax)
	}
}
