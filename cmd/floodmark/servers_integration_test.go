//go:build integration

package main

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"
)

// countsProfile loads every path of a backend. Names of steps are method and path,
// so that results and logs have the same keys.
const countsProfile = `version: 1
name: counts
target: { base_url: "http://%s", timeout: 10s }
scenarios:
  browse:
    weight: 5
    steps:
      - { get: /ok, name: GET /ok }
      - { think: 10ms..30ms }
      - { get: /missing, name: GET /missing }
      - { get: /broken, name: GET /broken }
  move:
    weight: 3
    steps:
      - { think: 5ms..25ms }
      - { get: /moved, name: GET /moved }
      - { head: /ok, name: HEAD /ok }
  send:
    weight: 2
    steps:
      - { think: 10ms }
      - { post: /submit, name: POST /submit, json: { product: 7, quantity: 1 } }
load: %s
`

const (
	openLoad   = "{ executor: constant-arrival-rate, rate: 200/s, duration: 3s, arrivals: poisson }"
	closedLoad = "{ executor: constant-vus, vus: 12, duration: 3s }"
)

// What was counted equals the server's own log, request for request.
func TestCountsEqualTheServersLog(t *testing.T) {
	t.Parallel()
	for _, server := range []struct {
		name  string
		start func(*testing.T) backend
		bytes bool // are in the log
	}{
		{"nginx", startNginx, true},
		{"apache", startApache, true},
		{"node", startNode, false},
		{"go", startGo, false},
	} {
		t.Run(server.name+" open", func(t *testing.T) {
			t.Parallel()
			b := server.start(t)
			got := load(t, b, openLoad).finish().result(t)
			log := b.stop(t)
			equalCounts(t, got, log, 0)
			if server.bytes {
				equalBytes(t, got, log)
			}
		})
		t.Run(server.name+" closed", func(t *testing.T) {
			t.Parallel()
			b := server.start(t)
			got := load(t, b, closedLoad).finish().result(t)
			log := b.stop(t)
			equalCounts(t, got, log, 0)
			if server.bytes {
				equalBytes(t, got, log)
			}
		})
		t.Run(server.name+" that closes connections meanwhile", func(t *testing.T) {
			t.Parallel()
			b := server.start(t)
			run := load(t, b, openLoad)
			for range 3 {
				pause(t, 700*time.Millisecond) // to the middle of the run, and again
				b.disturb()
			}
			got := run.finish().result(t)
			// A request that crossed the server's closing on the wire was not answered.
			// It may have been logged, but hardly ever is. How many there are depends on
			// how long the server is away (Apache leaves its users waiting for up to half
			// a second); but a closed connection takes one request with it at most.
			unanswered := got.Outcomes["reset"]
			var opened int64
			for _, address := range got.Backends {
				opened += address.Connections
			}
			if unanswered >= opened {
				t.Errorf("got %d resets on %d connections, want fewer", unanswered, opened)
			}
			equalCounts(t, got, b.stop(t), unanswered)
		})
	}
}

// load starts a run at the backend.
func load(t *testing.T, b backend, how string) *command {
	t.Helper()
	dir := t.TempDir()
	profile := file(t, dir, "counts.yaml", fmt.Sprintf(countsProfile, b.addr, how))
	return begin(t, dir, binary, "run", profile, "--no-preflight", "--json", "--ui", "none")
}

// equalCounts compares a result with an access log, which may hold so many lines of
// requests that were not answered. Nothing else may differ.
func equalCounts(t *testing.T, got measured, log []line, unanswered int64) {
	t.Helper()
	if got.Counts.Planned < 500 || got.Counts.Unsent+got.Counts.InFlight > 0 {
		t.Errorf("counts: got %+v, want at least 500 requests and an end of each", got.Counts)
	}
	answered := got.Outcomes["2xx"] + got.Outcomes["3xx"] + got.Outcomes["4xx"] + got.Outcomes["5xx"]
	if answered+unanswered != got.Counts.Planned {
		t.Errorf("got %d answered and %d reset, want %d; outcomes %v", answered, unanswered, got.Counts.Planned, got.Outcomes)
	}
	classes, statuses := make(map[string]int64), make(map[string]int64)
	for _, l := range log {
		classes[fmt.Sprintf("%s %s %dxx", l.method, l.path, l.status/100)]++
		statuses[strconv.Itoa(l.status)]++
	}
	surplus := int64(len(log)) - answered
	if surplus < 0 || surplus > unanswered {
		t.Errorf("got %d lines in the log, want %d and at most %d more", len(log), answered, unanswered)
	}
	if surplus == 0 && !maps.Equal(got.Statuses, statuses) {
		t.Errorf("statuses: got %v, want %v as in the log", got.Statuses, statuses)
	}
	if counted := classesOf(got); surplus == 0 && !maps.Equal(counted, classes) {
		t.Errorf("endpoints: got %v, want %v as in the log", counted, classes)
	}
}

// classesOf returns how often each endpoint answered with each class of status.
func classesOf(m measured) map[string]int64 {
	classes := make(map[string]int64)
	for _, e := range m.Endpoints {
		for _, class := range []string{"2xx", "3xx", "4xx", "5xx"} {
			if n := e.Outcomes[class]; n > 0 {
				classes[e.Name+" "+class] = n
			}
		}
	}
	return classes
}

// equalBytes compares the bytes of each endpoint with those in the log, heads
// included: all that were sent by the server, and what it says that it received.
func equalBytes(t *testing.T, got measured, log []line) {
	t.Helper()
	in, out := make(map[string]int64), make(map[string]int64)
	for _, l := range log {
		in[l.method+" "+l.path] += l.sent
		out[l.method+" "+l.path] += l.received
	}
	for _, e := range got.Endpoints {
		if want := in[e.Name]; e.Bytes.In != want {
			t.Errorf("%s: got %d bytes in, want %d as in the log", e.Name, e.Bytes.In, want)
		}
		if want := out[e.Name]; want > 0 && !strings.HasPrefix(e.Name, "POST ") && e.Bytes.Out != want {
			t.Errorf("%s: got %d bytes out, want %d as in the log", e.Name, e.Bytes.Out, want)
		}
	}
}

// pause waits to let a run come to a certain moment.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}
