package demoserver_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	demoserver "github.com/floodmark/floodmark/demo-server"
	"github.com/floodmark/floodmark/demo-server/faults"
)

// lockedLines is a log that several write to at once.
type lockedLines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// read makes a request and returns the body of its answer.
func read(t *testing.T, request *http.Request) string {
	t.Helper()
	response, err := client(t).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// balanced is a small backend whose load balancer asks nobody how he is.
const balanced = `
version: 1
name: balanced
machines:
  web: {cores: 4}
web: {machine: web, replicas: 3, cpu: 100us}
load_balancer: {algorithm: weighted_round_robin}
third_parties: {payment: {latency: 1ms}}
orchestrator: {restart: {backoff: 20ms}}
`

// inflict switches a fault on.
func inflict(t *testing.T, server *demoserver.Server, line string) faults.Active {
	t.Helper()
	spec, err := faults.ParseLine(line)
	if err != nil {
		t.Fatal(err)
	}
	active, err := server.Faults().Add(spec)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return active
}

// state returns what a host is doing, and its address.
func state(server *demoserver.Server, host string) (state string, restarts int, addr string) {
	for _, h := range server.Stats().Hosts {
		if h.Host.Name == host {
			for _, a := range h.Addrs {
				addr = a
			}
			return string(h.State), h.Restarts, addr
		}
	}
	return "none", 0, ""
}

// answers reports whether an address answers a request at all within a time.
func answers(t *testing.T, addr string, within time.Duration) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	c := client(t)
	defer c.CloseIdleConnections()
	return send(ctx, c, http.MethodGet, "http://"+addr+"/healthz", "") != 0
}

// A fault belongs to the backend: whoever is started while it is on suffers it, too.
func TestFaultOfWhoeverStartsLater(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, balanced)})
	inflict(t, server, "errors=100% part=web")
	inflict(t, server, "kill part=web-1")
	if _, err := server.Scale(t.Context(), "web", 4); err != nil {
		t.Fatal(err)
	}
	until(t, "web-1 is up again", func() bool { s, restarts, _ := state(server, "web-1"); return s == "up" && restarts == 1 })
	c := client(t)
	for _, host := range []string{"web-1", "web-2", "web-4"} {
		_, _, addr := state(server, host)
		if got := send(t.Context(), c, http.MethodGet, "http://"+addr+"/api/products/1", ""); got != http.StatusInternalServerError {
			t.Errorf("%s: got %d, want 500", host, got)
		}
	}
	if got := server.Faults().List(); len(got) != 1 || got[0].Hits != 3 {
		t.Errorf("got %+v, want one with 3 hits", got)
	}
}

// A hang holds those that are started meanwhile as well, and lets all of them go.
func TestHangOfWhoeverStartsLater(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, balanced)})
	hang := inflict(t, server, "hang part=web")
	inflict(t, server, "kill part=web-1")
	if _, err := server.Scale(t.Context(), "web", 4); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"web-1", "web-4"} {
		until(t, host+" hangs", func() bool { s, _, _ := state(server, host); return s == "frozen" })
		_, _, addr := state(server, host)
		if answers(t, addr, 50*time.Millisecond) {
			t.Errorf("%s answers while it hangs", host)
		}
	}
	if !server.Faults().Remove(hang.ID) {
		t.Error("it was not on")
	}
	for _, host := range []string{"web-1", "web-2", "web-4"} {
		_, _, addr := state(server, host)
		if !answers(t, addr, 30*time.Second) {
			t.Errorf("%s still hangs", host)
		}
	}
}

// Two cuts, and two hangs, of one node overlap: it is back after the last.
func TestOverlappingFaults(t *testing.T) {
	for _, what := range []string{"cut", "hang"} {
		server := start(t, demoserver.Config{Plan: parse(t, balanced)})
		first, second := inflict(t, server, what+" part=web-2"), inflict(t, server, what+" part=web")
		_, _, addr := state(server, "web-2")
		server.Faults().Remove(first.ID)
		if answers(t, addr, 50*time.Millisecond) {
			t.Errorf("%s: after the first of two it answers", what)
		}
		server.Faults().Remove(second.ID)
		if !answers(t, addr, 30*time.Second) {
			t.Errorf("%s: after both it does not answer", what)
		}
	}
}

// A fault with a lifetime ends by itself, its start and its end are told in order, and
// nothing of it is left.
func TestFaultExpires(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, balanced)})
	began := time.Now()
	active := inflict(t, server, "errors=100% for=100ms part=web-1")
	if active.Until == nil || active.Until.Sub(active.Since) != 100*time.Millisecond {
		t.Errorf("got %+v, want 100ms", active)
	}
	until(t, "the fault is over", func() bool { return len(server.Faults().List()) == 0 })
	if took := time.Since(began); took < 100*time.Millisecond {
		t.Errorf("it was over after %v, want 100ms or more", took)
	}
	_, _, addr := state(server, "web-1")
	if got := send(t.Context(), client(t), http.MethodGet, "http://"+addr+"/api/products/1", ""); got != http.StatusOK {
		t.Errorf("after it: got %d, want 200", got)
	}
	if got, want := told(t, server), []string{"fault_started web-1", "fault_ended web-1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if server.Faults().Remove(active.ID) {
		t.Error("it could be removed once more")
	}
}

// Killing while faults are cleared is what it is without: nothing hangs, and who died is
// there again.
func TestClearWhileKilling(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, balanced)})
	for range 10 {
		inflict(t, server, "hang part=web-1")
		var both sync.WaitGroup
		both.Go(func() { server.Faults().Clear() })
		both.Go(func() { _, _ = server.Faults().Add(faults.Spec{Kill: true, Part: "web-1"}) }) // which may be down already
		both.Wait()
	}
	until(t, "web-1 is up", func() bool { s, _, _ := state(server, "web-1"); return s == "up" })
	_, restarts, addr := state(server, "web-1")
	if !answers(t, addr, 30*time.Second) || restarts == 0 {
		t.Errorf("after %d restarts it does not answer", restarts)
	}
}

// What a replica has done is not forgotten when it dies, at no moment.
func TestCountsOutliveKills(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, balanced)})
	c := client(t)
	var sent uint64
	for range 5 {
		for range 6 {
			if got := send(t.Context(), c, http.MethodGet, "http://"+server.Addr()+"/api/products/1", ""); got != http.StatusOK {
				t.Fatalf("got %d, want 200", got)
			}
			sent++
		}
		inflict(t, server, "kill part=web")
		if got, _ := counted(server.Stats(), "web"); got != sent {
			t.Errorf("after a kill: got %d requests, want %d", got, sent)
		}
		for _, host := range []string{"web-1", "web-2", "web-3"} {
			until(t, host+" is up", func() bool { s, _, _ := state(server, host); return s == "up" })
		}
	}
	killed := 0
	for _, e := range told(t, server) {
		if strings.HasPrefix(e, "killed web-") {
			killed++
		}
		if strings.HasPrefix(e, "died") {
			t.Errorf("got %q, though it was killed on request", e)
		}
	}
	if killed != 15 {
		t.Errorf("got %d kills, want 15", killed)
	}
	inflict(t, server, "kill part=web-2")
	inflict(t, server, "kill part=web") // of which web-2 may be down
}

// Weights hold for replicas and not for lives of the load balancer.
func TestWeights(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, balanced)})
	c := client(t)
	shares := func() map[string]uint64 {
		before := replicas(server)
		for range 60 {
			if got := send(t.Context(), c, http.MethodGet, "http://"+server.Addr()+"/api/products/1", ""); got != http.StatusOK {
				t.Fatalf("got %d, want 200", got)
			}
		}
		after := replicas(server)
		for name := range after {
			after[name] -= before[name]
		}
		return after
	}
	if status, body := ask(t, server, http.MethodPost, "/weights", `{"web-1":4}`); status != http.StatusOK {
		t.Fatalf("got %d %s", status, body)
	}
	want := map[string]uint64{"web-1": 40, "web-2": 10, "web-3": 10}
	if got := shares(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	inflict(t, server, "kill part=balancer")
	until(t, "the balancer is up", func() bool { s, _, _ := state(server, "balancer"); return s == "up" })
	if got := shares(); !maps.Equal(got, want) {
		t.Errorf("after its death: got %v, want %v", got, want)
	}
	if status, body := ask(t, server, http.MethodPost, "/weights", `{"web-9":4}`); status != http.StatusBadRequest {
		t.Errorf("a replica that is not there: got %d %s, want 400", status, body)
	}
}

// replicas returns how many requests each replica that is up has counted.
func replicas(server *demoserver.Server) map[string]uint64 {
	counts := map[string]uint64{}
	for _, h := range server.Stats().Hosts {
		if h.Stats != nil && strings.HasPrefix(h.Host.Name, "web-") {
			for _, n := range h.Nodes {
				counts[n.Name] = n.Requests.Total
			}
		}
	}
	return counts
}

// Clients of a region reach the edge of their region.
func TestEachToItsEdge(t *testing.T) {
	text := strings.Replace(distributed, "edges: {us: {round_trip: 0s, origin_round_trip: 0s}, eu: {round_trip: 0s, origin_round_trip: 0s}}",
		"edges: {us: {clients: 127.0.110.0/24, round_trip: 0s, origin_round_trip: 0s}, eu: {clients: 127.0.120.0/24, round_trip: 0s, origin_round_trip: 0s}, apac: {clients: 127.0.130.0/24, round_trip: 0s, origin_round_trip: 0s}}", 1)
	server := start(t, demoserver.Config{Plan: parse(t, text)})
	want := map[string]uint64{"edge-us": 1, "edge-eu": 2, "edge-apac": 3}
	for i, region := range []string{"110", "120", "130"} {
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(fmt.Sprintf("127.0.%s.1", region))}}
		c := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
		for range i + 1 {
			if got := send(t.Context(), c, http.MethodGet, "http://"+server.Addr()+"/api/products/1", ""); got != http.StatusOK {
				t.Fatalf("got %d, want 200", got)
			}
		}
	}
	got := map[string]uint64{}
	for _, h := range server.Stats().Hosts {
		for _, n := range h.Nodes {
			if n.Part == "edge" {
				got[n.Name] = n.Requests.Total
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Whoever scales while a backend starts, or asks what it is, does no harm.
func TestAskedWhileItStarts(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, distributed)})
	var asking sync.WaitGroup
	for _, path := range []string{"/topology", "/traces/none", "/stats", "/metrics"} {
		asking.Go(func() { ask(t, server, http.MethodGet, path, "") })
	}
	asking.Go(func() {
		if _, err := server.Scale(t.Context(), "web", 5); err != nil {
			t.Error(err)
		}
	})
	asking.Wait()
	if _, err := server.Scale(t.Context(), "web", 2); err != nil {
		t.Error(err)
	}
	if got, want := len(replicas(server)), 2; got != want {
		t.Errorf("got %d replicas, want %d", got, want)
	}
}
