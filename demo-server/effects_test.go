package demoserver_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	demoserver "github.com/floodmark/floodmark/demo-server"
)

// apart is a shop whose data is in a database.
const apart = `
version: 1
name: apart
machines: {web: {cores: 2}, db: {cores: 2}}
web: {machine: web, cpu: 10ms}
database: {machine: db, read: 1ms, write: 1ms}
`

// took returns how long an answer takes, which must be 200.
func took(t *testing.T, url string) time.Duration {
	t.Helper()
	began := time.Now()
	if status, body := call(t, client(t), http.MethodGet, url, ""); status != http.StatusOK {
		t.Fatalf("got %d %s, want 200", status, body)
	}
	return time.Since(began)
}

// What is slowed down is slower by at least as much; how late this computer is besides,
// nobody can know.
func TestSlowedDown(t *testing.T) {
	for _, test := range []struct {
		fault string
		least time.Duration
	}{
		{"latency=100ms link=web-database", 110 * time.Millisecond}, // and the work
		{"delay=100ms part=database", 110 * time.Millisecond},
		{"brownout=90% part=web", 100 * time.Millisecond}, // ten times the work
	} {
		server := start(t, demoserver.Config{Plan: parse(t, apart)})
		url := "http://" + server.Addr() + "/api/products/1"
		if got := took(t, url); got < 10*time.Millisecond {
			t.Errorf("nothing is wrong: got %v, want 10ms or more", got)
		}
		fault := inflict(t, server, test.fault)
		if got := took(t, url); got < test.least {
			t.Errorf("%s: got %v, want %v or more", test.fault, got, test.least)
		}
		server.Faults().Remove(fault.ID)
		until(t, "after "+test.fault+" it is as fast as before", func() bool { return took(t, url) < 100*time.Millisecond })
	}
}

// A replica that hangs keeps its share of the requests, unless somebody asks it how it is.
func TestHangWithAndWithoutHealthCheck(t *testing.T) {
	const patience = 200 * time.Millisecond
	for _, checked := range []bool{false, true} {
		set := []string{"web.replicas=2", "load_balancer.algorithm=round_robin"}
		if checked {
			set = append(set, "load_balancer.health_check={interval: 20ms, timeout: 20ms, unhealthy_after: 2, healthy_after: 1}")
		}
		server := start(t, demoserver.Config{Plan: parse(t, balanced, set...)})
		failures := func() (failed int) {
			for range 4 {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				if send(ctx, client(t), http.MethodGet, "http://"+server.Addr()+"/api/products/1", "") != http.StatusOK {
					failed++
				}
				cancel()
			}
			return failed
		}
		inflict(t, server, "hang part=web-1")
		if checked {
			until(t, "nobody waits for the one that hangs", func() bool { return failures() == 0 })
		} else if got := failures(); got != 2 {
			t.Errorf("without health checks: got %d failures of 4, want 2", got)
		}
		server.Faults().Clear()
		until(t, "both answer again", func() bool {
			before := replicas(server)
			return failures() == 0 && replicas(server)["web-1"] > before["web-1"]
		})
	}
}

// The faults of a topology begin and end when it says, in order.
func TestSchedule(t *testing.T) {
	text := strings.TrimSpace(apart) + `
faults:
  - {at: 200ms, link: web-database, latency: 1ms, for: 150ms}
  - {at: 50ms, part: web, errors: 100%, for: 100ms}
  - {at: 450ms, part: database, kill: true}
`
	began := time.Now()
	server := start(t, demoserver.Config{Plan: parse(t, text)})
	want := []string{
		"fault_started web", "fault_ended web", "fault_started web-database", "fault_ended web-database",
		"killed db-1", "restarted db-1",
	}
	until(t, "all has happened", func() bool { return len(told(t, server)) >= len(want) })
	if got := told(t, server); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := time.Since(began); got < 450*time.Millisecond {
		t.Errorf("all had happened after %v, want 450ms or more", got)
	}
}

// A fault of the schedule that cannot be switched on is told of, and the next ones come.
func TestScheduleInVain(t *testing.T) {
	text := strings.TrimSpace(apart) + `
orchestrator: {restart: {backoff: 1m}}
faults:
  - {at: 10ms, part: database, kill: true}
  - {at: 200ms, part: database, kill: true}
  - {at: 210ms, part: web, errors: 100%}
`
	server := start(t, demoserver.Config{Plan: parse(t, text)})
	want := []string{"killed db-1", "fault_failed database", "fault_started web"}
	until(t, "all has happened", func() bool { return len(told(t, server)) >= len(want) })
	if got := told(t, server); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
