//go:build integration

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// A demoBackend is floodmark demo serve in a process of its own.
type demoBackend struct {
	*command
	door, admin string // URLs
}

// serveTopology starts a backend that is what a topology's text or name says.
func serveTopology(t *testing.T, dir, topology string, args ...string) demoBackend {
	t.Helper()
	if strings.Contains(topology, "\n") {
		topology = file(t, dir, "topology.yaml", topology)
	}
	args = append([]string{"demo", "serve", "--topology", topology, "--addr", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--ready-json"}, args...)
	b := demoBackend{command: begin(t, dir, binary, args...)}
	var ready struct{ Door, Admin string }
	eventually(t, "the backend is ready", func() bool {
		return json.Unmarshal([]byte(b.stdout.String()), &ready) == nil
	})
	b.door, b.admin = ready.Door, ready.Admin
	return b
}

// A demoHost is what a backend says of a host.
type demoHost struct {
	Name, State string
	PID         int
	Restarts    int
	Addrs       map[string]string
	Nodes       []struct {
		Name, Part string
		Requests   struct {
			Total    uint64
			InFlight uint64 `json:"in_flight"`
			Classes  map[string]uint64
		}
	}
}

// hosts asks a backend for its hosts, by name.
func (b demoBackend) hosts(t *testing.T) map[string]demoHost {
	t.Helper()
	var stats struct{ Hosts []demoHost }
	if err := json.Unmarshal([]byte(get(t, b.admin+"/stats")), &stats); err != nil {
		t.Fatal(err)
	}
	hosts := map[string]demoHost{}
	for _, h := range stats.Hosts {
		hosts[h.Name] = h
	}
	return hosts
}

// counts returns what the nodes of a part have counted together: all requests, and those
// of each class.
func (b demoBackend) counts(t *testing.T, part string) (total uint64, classes map[string]uint64) {
	t.Helper()
	classes = map[string]uint64{}
	for _, h := range b.hosts(t) {
		for _, n := range h.Nodes {
			if n.Part != part {
				continue
			}
			total += n.Requests.Total
			for class, count := range n.Requests.Classes {
				classes[class] += count
			}
		}
	}
	return total, classes
}

// told returns what has happened, as "kind subject".
func (b demoBackend) told(t *testing.T) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(get(t, b.admin+"/events")) {
		var e struct{ Kind, Subject string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Kind+" "+e.Subject)
	}
	return all
}

// control runs a command that changes the backend.
func (b demoBackend) control(t *testing.T, args ...string) {
	t.Helper()
	args = append(append([]string{"demo"}, args...), "--admin", strings.TrimPrefix(b.admin, "http://"))
	if done := floodmark(t, b.Dir, args...); done.code != 0 {
		t.Fatalf("%v: exit code %d: %s", args, done.code, done.stderr)
	}
}

// get returns the body of an answer of 200.
func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", url, response.Status, err, body)
	}
	return string(body)
}

// A loadResult is what floodmark says of a run.
type loadResult struct {
	Counts   struct{ Planned, Succeeded, Failed, Unsent uint64 }
	Outcomes map[string]uint64 // by class
	Statuses map[string]uint64
	Marks    []struct{ Text string }
}

// loaded runs floodmark and returns what it says; objectives may be missed.
func loaded(t *testing.T, dir string, args ...string) loadResult {
	t.Helper()
	done := floodmark(t, dir, append([]string{"run", "--json", "--ui", "none", "--no-preflight", "--runs", filepath.Join(dir, "runs")}, args...)...)
	var result loadResult
	if err := json.Unmarshal([]byte(done.stdout), &result); err != nil {
		t.Fatalf("exit code %d: %v: %s%s", done.code, err, done.stdout, done.stderr)
	}
	return result
}
