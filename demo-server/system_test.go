package demoserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	demoserver "github.com/floodmark/floodmark/demo-server"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/shop"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// distributed is a backend with everything that there is.
const distributed = `
version: 1
name: all of it
seed: 7
machines:
  web: {cores: 4, queue: 100}
  db: {cores: 4, queue: 100}
web:
  machine: web
  replicas: 3
  cpu: 200us
  workers: 64
load_balancer:
  algorithm: least_connections
  health_check: {path: /healthz, interval: 50ms, timeout: 50ms, unhealthy_after: 2, healthy_after: 1, passive: true}
  retries: 1
gateway:
  replicas: 2
  auth: {jwt: {algorithm: HS256}, api_keys: [demo-key-1]}
  public: ["GET /healthz"]
rate_limit: {algorithm: sliding_counter, per: user, rate: 100000/s, store: redis}
circuit_breakers:
  payment: {failure_threshold: 3, success_threshold: 1, timeout: 100ms, call_timeout: 200ms, fallback: queue}
  weather: {failure_threshold: 3, success_threshold: 1, timeout: 100ms, fallback: stale}
database: {machine: db, read: 200us, write: 200us, pool: {max: 50, max_wait: 500ms}}
cache: {nodes: 2, strategy: cache_aside, eviction: lru, capacity: 100, ttl: 200ms, stampede_protection: lock}
cdn: {edges: {us: {round_trip: 0s, origin_round_trip: 0s}, eu: {round_trip: 0s, origin_round_trip: 0s}}, ttl: 1s}
third_parties:
  payment: {latency: 1ms, declines: 12.5%}
  weather: {latency: 1ms, quota: 1000000/m}
orchestrator: {restart: {backoff: 50ms}}
`

// parse reads a topology.
func parse(t *testing.T, text string, set ...string) *topology.Plan {
	t.Helper()
	plan, err := topology.Parse("test.yaml", []byte(text), topology.Options{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// send makes a request of whoever has the key, and returns its status; 0: no answer.
func send(ctx context.Context, client *http.Client, method, url, body string) int {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("X-API-Key", "demo-key-1")
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// counted returns how many requests a part has seen, of all its lives.
func counted(stats demoserver.Stats, part string) (total, inFlight uint64) {
	for _, h := range stats.Hosts {
		if h.Stats == nil {
			continue
		}
		for _, n := range h.Nodes {
			if n.Part == part {
				total += n.Requests.Total
				inFlight += n.Requests.InFlight
			}
		}
	}
	for _, p := range stats.Past {
		if p.Part == part {
			total += p.Requests.Total
		}
	}
	return total, inFlight
}

// Every request goes through every hop, and each hop has counted it.
func TestEveryHopCounts(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, distributed)})
	c := client(t)
	const n = 200
	for i := range n {
		method, path, body, want := http.MethodGet, fmt.Sprintf("/api/products/%d", i%7+1), "", http.StatusOK
		if i%4 == 0 {
			method, path, body, want = http.MethodPost, "/api/orders", `{"product":7}`, http.StatusCreated
		}
		got := send(t.Context(), c, method, "http://"+server.Addr()+path, body)
		if got != want && (method != http.MethodPost || got != http.StatusPaymentRequired) {
			t.Fatalf("%s %s: got %d, want %d", method, path, got, want)
		}
	}
	stats := server.Stats()
	for _, part := range []string{"router", "web", "payment"} {
		total, inFlight := counted(stats, part)
		want := uint64(n)
		switch part {
		case "payment":
			want = n / 4
		case "web":
			edges, _ := counted(stats, "gateway")
			want = edges // what the caches of edges answered went no further
		}
		if total != want || inFlight != 0 {
			t.Errorf("%s: got %d requests and %d in flight, want %d and 0", part, total, inFlight, want)
		}
	}
	if got := stats.Requests; got != n {
		t.Errorf("the door: got %d requests, want %d", got, n)
	}
	text, err := json.Marshal(stats)
	if err != nil || !json.Valid(text) {
		t.Errorf("the statistics are no JSON: %v", err)
	}
}

// Whatever happens to the hosts under load, the backend lives, nothing is left behind
// (goleak sees to that), and what the door has counted is what clients have sent.
func TestFiveHundredChanges(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, distributed)})
	c := client(t)
	c.Timeout = 5 * time.Second
	var sent, answered atomic.Uint64
	ctx, stop := context.WithCancel(t.Context())
	var users sync.WaitGroup
	for user := range 8 {
		users.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				method, path, body := http.MethodGet, fmt.Sprintf("/api/products/%d", (i*8+user)%50+1), ""
				if i%5 == 0 {
					method, path, body = http.MethodPost, "/api/orders", `{"product":7}`
				}
				sent.Add(1)
				if send(t.Context(), c, method, "http://"+server.Addr()+path, body) > 0 { //nolint:contextcheck // the last request is answered, too
					answered.Add(1)
				}
			}
		})
	}
	const changes = 500
	rng := rand.New(rand.NewPCG(1, 2))
	nodes := []string{"web-1", "web-2", "web", "database", "gateway-1", "balancer", "cache-1", "edge-us", "payment", "weather"}
	random := func(of []string) string { return of[rng.IntN(len(of))] }
	for range changes {
		var fault string
		switch rng.IntN(6) {
		case 0:
			if _, err := server.Scale(t.Context(), "web", rng.IntN(4)+1); err != nil {
				t.Fatal(err)
			}
			continue
		case 1:
			fault = "kill part=" + random(nodes)
		case 2:
			fault = "errors=50% for=20ms part=" + random(nodes[:6])
		case 3:
			fault = "latency=5ms jitter=2ms loss=1% reset=5% for=20ms link=" + random([]string{"web-database", "balancer-web", "web-cache", "web-payment", "gateway-limits"})
		case 4:
			fault = random([]string{"hang", "cut", "brownout=50%"}) + " for=20ms part=" + random([]string{"web-1", "web", "database", "payment"})
		case 5:
			server.Faults().Clear()
			continue
		}
		spec, err := faults.ParseLine(fault)
		if err != nil {
			t.Fatal(err)
		}
		// A replica that was scaled away, or is just starting, cannot suffer anything.
		if _, err := server.Faults().Add(spec); err != nil && !strings.Contains(err.Error(), "unknown part") && !strings.Contains(err.Error(), "not up") {
			t.Fatalf("%s: %v", fault, err)
		}
	}
	server.Faults().Clear()
	recovered := false
	for until := time.Now().Add(30 * time.Second); !recovered && time.Now().Before(until); {
		sent.Add(1)
		status := send(t.Context(), c, http.MethodGet, "http://"+server.Addr()+"/api/products/499", "")
		if status > 0 {
			answered.Add(1)
		}
		recovered = status == http.StatusOK
	}
	stop()
	users.Wait()
	if !recovered {
		t.Error("after all changes the backend does not answer")
	}
	stats := server.Stats()
	total, inFlight := counted(stats, "router")
	if got, want := total, sent.Load(); got != want || inFlight != 0 {
		t.Errorf("the door has counted %d requests and has %d in flight; clients have sent %d, of which %d were answered", got, inFlight, want, answered.Load())
	}
}

// The page of metrics has what each room counts, by node, beside requests and machines.
func TestMetricsOfEveryRoom(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, distributed)})
	c := client(t)
	for range 5 {
		if got := send(t.Context(), c, http.MethodPost, "http://"+server.Addr()+"/api/orders", `{"product":7}`); got != http.StatusCreated && got != http.StatusPaymentRequired {
			t.Fatalf("got %d", got)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.AdminAddr()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`http_requests_total{node="payment",endpoint="POST /charge",class="2xx"}`,
		`backend_healthy{node="balancer",backend="web-1"} 1`,
		`rate_limit_requests_total{node="gateway-1",outcome="refused"} 0`,
		`cache_entries{node="web-1"}`,
		`breaker_state{node="web-2",part="payment"} 0`,
		`edge_requests_total{node="edge-us",outcome="passed"} 5`,
		`machine_model_lag_seconds_count{host="web-1"}`,
		`host_up{host="db-1"} 1`,
	} {
		if !strings.Contains(string(page), "\nfloodmark_demo_"+want) {
			t.Errorf("there is no %s", want)
		}
	}
}

// What the shop has itself cannot be given calls; both lists of that agree.
func TestOwnEndpointsOfTopologies(t *testing.T) {
	for _, pattern := range shop.Patterns() {
		text := fmt.Sprintf("version: 1\nname: x\nweb: {endpoints: {%q: {cpu: 1ms}}}\n", pattern)
		server := start(t, demoserver.Config{Plan: parse(t, text)})
		if server.Addr() == "" {
			t.Errorf("%s: the backend has no address", pattern)
		}
		text = fmt.Sprintf("version: 1\nname: x\nweb: {endpoints: {%q: {cpu: 1ms, calls: [payment]}}}\nthird_parties: {payment: {}}\n", pattern)
		if _, err := topology.Parse("x.yaml", []byte(text), topology.Options{}); err == nil {
			t.Errorf("%s may make calls", pattern)
		}
	}
}
