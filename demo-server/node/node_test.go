package node_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/node"
	"github.com/floodmark/floodmark/demo-server/topology"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// every is a plan with everything that there is.
const every = `
version: 1
name: every
machines: {web: {cores: 2}, db: {cores: 2}, cache: {cores: 1}}
web: {machine: web, replicas: 2, cpu: 100us, workers: 8}
load_balancer: {algorithm: weighted_round_robin, health_check: {interval: 20ms, unhealthy_after: 1000}, retries: 1}
gateway: {replicas: 2, auth: {jwt: {algorithm: HS256}, api_keys: [key-1]}, public: ["GET /api/products/{id}"], cache: {"GET /api/products": 1s}}
rate_limit: {algorithm: sliding_log, per: user, rate: 1000/s, store: redis}
circuit_breakers: {payment: {fallback: queue}, weather: {fallback: stale}}
database: {machine: db, read: 100us, write: 100us}
cache: {nodes: 2, machine: cache, capacity: 10, ttl: 1s}
cdn: {edges: {us: {round_trip: 0s, origin_round_trip: 0s}, eu: {round_trip: 0s, origin_round_trip: 0s}}}
third_parties: {payment: {latency: 100us}, weather: {latency: 100us}}
`

// parse reads a topology.
func parse(t *testing.T, text string) *topology.Plan {
	t.Helper()
	plan, err := topology.Parse("test.yaml", []byte(text), topology.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

const token = "token-of-the-hosts"

// A backend is all hosts of a plan, started one after the other, without anybody who
// looks after them.
type backend struct {
	peers map[string][]node.Peer
	hosts map[string]*node.Running
	order []string
}

// begin starts all hosts of a plan; they are killed when the test ends.
func begin(t *testing.T, plan *topology.Plan) *backend {
	t.Helper()
	b := &backend{peers: map[string][]node.Peer{}, hosts: map[string]*node.Running{}}
	t.Cleanup(func() {
		for _, host := range b.hosts {
			host.Kill()
			<-host.Done()
		}
	})
	for _, host := range plan.Hosts() {
		running, err := node.Start(b.spec(plan, host), nil)
		if err != nil {
			t.Fatalf("%s: %v", host.Name, err)
		}
		b.hosts[host.Name] = running
		b.order = append(b.order, host.Name)
		for _, n := range host.Nodes {
			b.peers[n.Part] = append(b.peers[n.Part], node.Peer{Node: n.Name, Addr: running.Addrs()[n.Name]})
		}
	}
	return b
}

func (b *backend) spec(plan *topology.Plan, host topology.Host) node.Spec {
	return node.Spec{
		Plan: plan, Host: host, Peers: maps.Clone(b.peers), Token: token,
		Keys: node.Keys{Secret: []byte("0123456789abcdef0123456789abcdef")},
	}
}

// client returns how to talk to a host; its connections end with the test.
func (b *backend) client(t *testing.T, host string) node.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return node.Client{BaseURL: b.hosts[host].Admin(), Token: token, HTTP: &http.Client{Transport: transport}}
}

// status asks a node for a path; 0: no answer within the time.
func (b *backend) status(t *testing.T, host, path string, within time.Duration) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var addr string
	for _, a := range b.hosts[host].Addrs() {
		addr = a
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

const patient, hasty = 30 * time.Second, 50 * time.Millisecond

// Every part starts, answers, and stops or dies without leaving anything behind, callers
// first or callees first.
func TestLivesOfEveryPart(t *testing.T) {
	ends := map[string]func(t *testing.T, b *backend, host string){
		"stopped": func(t *testing.T, b *backend, host string) {
			t.Helper()
			if err := b.hosts[host].Stop(t.Context()); err != nil {
				t.Errorf("%s: %v", host, err)
			}
		},
		"killed": func(_ *testing.T, b *backend, host string) { b.hosts[host].Kill() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			b := begin(t, parse(t, every))
			if got := b.status(t, "router", "/api/products/1", patient); got != http.StatusOK {
				t.Fatalf("got %d, want 200", got)
			}
			if name == "stopped" {
				slices.Reverse(b.order)
			}
			for _, host := range b.order {
				addrs := b.hosts[host].Addrs()
				end(t, b, host)
				<-b.hosts[host].Done()
				for node, addr := range addrs {
					if conn, err := net.Dial("tcp", addr); err == nil {
						_ = conn.Close()
						t.Errorf("%s is over, and still takes connections", node)
					}
				}
			}
		})
	}
}

// A host that is killed while it is being stopped does not wait for what is under way.
func TestKilledWhileStopping(t *testing.T) {
	b := begin(t, parse(t, strings.Replace(every, "cpu: 100us", "cpu: 1m", 1)))
	go func() {
		c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		if response, err := c.Get("http://" + b.peers["web"][0].Addr + "/api/products/1"); err == nil {
			_ = response.Body.Close()
		}
	}()
	for b.hosts["web-1"].Stats().Nodes[0].Requests.InFlight == 0 {
		time.Sleep(time.Millisecond)
	}
	stopped := make(chan error)
	go func() { stopped <- b.hosts["web-1"].Stop(context.Background()) }()
	for conn, err := net.Dial("tcp", b.peers["web"][0].Addr); err == nil; conn, err = net.Dial("tcp", b.peers["web"][0].Addr) {
		_ = conn.Close() // it still takes connections, so it is not stopping yet
	}
	b.hosts["web-1"].Kill()
	if err := <-stopped; err == nil {
		t.Error("it says that all that was under way has ended")
	}
	<-b.hosts["web-1"].Done()
}

// What is frozen takes connections and says nothing, and goes on where it was.
func TestFreeze(t *testing.T) {
	b := begin(t, parse(t, every))
	for _, host := range []string{"payment", "db-1", "web-1", "balancer", "gateway-1", "edge-us", "router"} {
		path := "/api/products/1"
		if err := b.hosts[host].Freeze(true); err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		if got := b.status(t, host, path, hasty); got != 0 {
			t.Errorf("%s answers %d while it is frozen", host, got)
		}
		if _, err := b.client(t, host).Stats(t.Context()); err != nil {
			t.Errorf("%s says nothing of itself while it is frozen: %v", host, err)
		}
		if err := b.hosts[host].Freeze(false); err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		if got := b.status(t, host, path, patient); got == 0 {
			t.Errorf("%s does not answer any more", host)
		}
	}
	for _, host := range []string{"limits", "cache-1"} {
		if err := b.hosts[host].Freeze(true); err == nil {
			t.Errorf("%s cannot be frozen, and does not say so", host)
		}
	}
}

// SetFaults says what is on, not what changes: saying it again changes nothing, and who
// is not named any more is off. Each fault is counted where it falls.
func TestSetFaults(t *testing.T) {
	b := begin(t, parse(t, every))
	web := b.client(t, "web-1")
	id, product := 0, 0
	list := func(lines ...string) (on []node.Fault) {
		for _, line := range lines {
			spec, err := faults.ParseLine(line)
			if err != nil {
				t.Fatal(err)
			}
			id++
			on = append(on, node.Fault{ID: id, Spec: spec})
		}
		return on
	}
	set := func(on []node.Fault) {
		t.Helper()
		if err := web.SetFaults(t.Context(), on); err != nil {
			t.Fatal(err)
		}
	}
	hits := func() map[int]uint64 {
		stats, err := web.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return stats.Nodes[0].Hits
	}
	want := func(what string, status int) {
		t.Helper()
		product++ // which is in no cache yet
		if got := b.status(t, "web-1", fmt.Sprint("/api/products/", product), patient); got != status {
			t.Errorf("%s: got %d, want %d", what, got, status)
		}
	}
	want("nothing is on", http.StatusOK)
	on := list("errors=100% part=web-1", "brownout=50% part=web", "latency=1ms link=web-database")
	set(on)
	want("errors", http.StatusInternalServerError)
	set(on) // again
	want("the same errors", http.StatusInternalServerError)
	if got := hits(); got[1] < 2 { // health checks suffer it, too
		t.Errorf("got %v, want 2 hits of fault 1 or more: it is still the first one", got)
	}
	set(on[1:])
	want("errors are off", http.StatusOK)
	if got := hits(); got[3] == 0 || got[1] != 0 {
		t.Errorf("got %v, want hits of fault 3 alone", got)
	}
	if got := b.hosts["web-1"].Stats().Machine.Speed; got != 0.5 {
		t.Errorf("got a speed of %v, want 0.5", got)
	}
	cuts := list("cut part=web-1", "cut part=web")
	set(cuts)
	want("two cuts", 0)
	set(cuts[1:])
	want("one of them", 0)
	set(nil)
	want("none", http.StatusOK)
	if got := b.hosts["web-1"].Stats().Machine.Speed; got != 1 {
		t.Errorf("got a speed of %v, want 1", got)
	}
	if err := b.client(t, "cache-1").SetFaults(t.Context(), list("cut part=cache-1")); err == nil || !strings.Contains(err.Error(), "cut the links") {
		t.Errorf("got %v, want what to do instead", err)
	}
}

// A balancer takes in who is new, with the weight it was given before, and lets go of who
// is there no more.
func TestPeersChange(t *testing.T) {
	b := begin(t, parse(t, every))
	balancer := b.client(t, "balancer")
	reached := func() map[string]uint64 {
		before := map[string]uint64{}
		for _, host := range []string{"web-1", "web-2"} {
			before[host] = b.hosts[host].Stats().Nodes[0].Requests.Total
		}
		for range 8 {
			if got := b.status(t, "balancer", "/api/products/1", patient); got != http.StatusOK {
				t.Fatalf("got %d, want 200", got)
			}
		}
		got := map[string]uint64{}
		for host, n := range before {
			got[host] = b.hosts[host].Stats().Nodes[0].Requests.Total - n
		}
		return got
	}
	if err := balancer.SetWeights(t.Context(), map[string]int{"web-2": 3}); err != nil {
		t.Fatal(err)
	}
	if err := balancer.SetWeights(t.Context(), map[string]int{"web-9": 3}); err == nil {
		t.Error("a weight of nobody: got no error")
	}
	if got, want := reached(), (map[string]uint64{"web-1": 2, "web-2": 6}); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, test := range []struct {
		peers []node.Peer
		want  map[string]uint64
	}{
		{b.peers["web"][:1], map[string]uint64{"web-1": 8, "web-2": 0}},
		{b.peers["web"], map[string]uint64{"web-1": 2, "web-2": 6}},
	} {
		for range 2 { // saying it again changes nothing
			if err := balancer.SetPeers(t.Context(), map[string][]node.Peer{"web": test.peers, "gateway": nil}); err != nil {
				t.Fatal(err)
			}
		}
		for !allHealthy(b.hosts["balancer"].Stats().Nodes[0].Detail, len(test.peers)) { // who comes is checked first
			time.Sleep(time.Millisecond)
		}
		got := reached()
		for host, want := range test.want { // give or take one, for who joins in the middle of a round
			if n := got[host]; n+1 < want || n > want+1 || (want == 0 && n > 0) {
				t.Errorf("with %v: got %v, want %v", test.peers, got, test.want)
			}
		}
	}
}

// allHealthy reports whether so many backends of a load balancer get requests, and none is
// there that does not.
func allHealthy(detail any, n int) bool {
	stats, ok := detail.(balance.Stats)
	return ok && len(stats.Backends) == n && !slices.ContainsFunc(stats.Backends, func(b balance.BackendStats) bool {
		return b.State != balance.Healthy
	})
}

// A host answers its owner alone.
func TestAdminNeedsTheToken(t *testing.T) {
	b := begin(t, parse(t, every))
	stranger := b.client(t, "web-1")
	stranger.Token = "guessed"
	if _, err := stranger.Stats(t.Context()); err == nil {
		t.Error("somebody without the token is answered")
	}
	if err := b.client(t, "web-1").SetWeights(t.Context(), map[string]int{"web-1": 2}); err == nil || !strings.Contains(err.Error(), "web-1 has no weights") {
		t.Errorf("got %v, want that it has no weights", err)
	}
	if _, err := b.client(t, "web-1").Metrics(t.Context()); err != nil {
		t.Error(err)
	}
}

// What cannot be started says why, without secrets, and leaves nothing (see TestMain).
func TestStartRefuses(t *testing.T) {
	plan := parse(t, every)
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	hosts := map[string]topology.Host{}
	for _, host := range plan.Hosts() {
		hosts[host.Name] = host
	}
	b := &backend{peers: map[string][]node.Peer{}}
	for _, test := range []struct {
		host, want string
		listen     map[string]string
	}{
		{"payment", "the address is in use", map[string]string{"payment": taken.Listener.Addr().String()}},
		{"web-1", "nobody has said where payment is", nil},
		{"gateway-1", "nobody has said where balancer is", nil},
		{"edge-us", "nobody has said where front is", nil},
		{"router", "nobody has said where front is", nil},
	} {
		spec := b.spec(plan, hosts[test.host])
		spec.Listen = test.listen
		_, err := node.Start(spec, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "key-1") {
			t.Errorf("%s: got %v, want …%s…", test.host, err, test.want)
		}
	}
}

func Example() {
	plan, err := topology.Parse("shop.yaml", []byte("version: 1\nmachines: {web: {cores: 2}}\nweb: {machine: web, cpu: 1ms}\n"), topology.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	running, err := node.Start(node.Spec{Plan: plan, Host: plan.Hosts()[0]}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	conn, err := net.Dial("tcp", running.Addrs()["web-1"])
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = fmt.Fprint(conn, "GET /healthz HTTP/1.0\r\n\r\n")
	status, _ := bufio.NewReader(conn).ReadString('\n')
	fmt.Println(strings.TrimSpace(status))
	_ = conn.Close()
	fmt.Println(running.Stop(context.Background()))
	// Output:
	// HTTP/1.0 200 OK
	// <nil>
}
