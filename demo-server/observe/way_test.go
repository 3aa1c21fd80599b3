package observe_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/edge"
	"github.com/floodmark/floodmark/demo-server/gateway"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/observe/trace"
)

// A backend is an edge before a gateway before a balancer before two replicas, each
// behind a listener and with an observer of its own.
type backend struct {
	spans *observe.Spans
	nodes map[string]*observe.Observer
	door  *httptest.Server
	ended []func()
}

func (b *backend) serve(t *testing.T, node string, h http.Handler) *httptest.Server {
	t.Helper()
	part, _, _ := strings.Cut(node, "-")
	o := &observe.Observer{Node: node, Part: part, Spans: b.spans}
	b.nodes[node] = o
	server := httptest.NewServer(o.Handler(h))
	b.ended = append(b.ended, server.Close)
	return server
}

func start(t *testing.T, path string) *backend {
	t.Helper()
	b := &backend{spans: open(t, path, 1), nodes: map[string]*observe.Observer{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprint(w, "shoes")
	})
	cut := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	broken, whole := b.serve(t, "web-1", cut), b.serve(t, "web-2", mux)
	balancer, err := balance.New(balance.Config{Retries: 1, Backends: []balance.Backend{
		{Name: "web-1", Address: broken.Listener.Addr().String()}, {Name: "web-2", Address: whole.Listener.Addr().String()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	door, err := gateway.New(gateway.Config{
		Upstreams: map[string]string{"balancer": b.serve(t, "balancer", balancer).URL},
		Routes:    []gateway.Route{{Pattern: "GET /products/{id}", Public: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	us, err := edge.New(edge.Config{Name: "us", Origin: b.serve(t, "gateway", door).URL})
	if err != nil {
		t.Fatal(err)
	}
	b.door = b.serve(t, "edge-us", us)
	t.Cleanup(func() {
		slices.Reverse(b.ended)
		for _, end := range b.ended {
			end()
		}
		for _, err := range []error{us.Close(), door.Close(), balancer.Shutdown(context.Background())} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	return b
}

// The way of one request through all rooms is one tree, in which a retry stands beside
// what it is a retry of; and each server has counted it once.
func TestWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	b := start(t, path)
	response, err := b.door.Client().Get(b.door.URL + "/products/7")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	response.Body.Close()
	ids := response.Header.Values("X-Request-Id")
	if response.StatusCode != http.StatusOK || string(body) != "shoes" || len(ids) != 1 {
		t.Fatalf("got %d %q with the ids %q", response.StatusCode, body, ids)
	}
	for uint64(len(b.nodes)) > b.spans.Stats().Written {
		time.Sleep(time.Millisecond)
	}
	tree := read(t, path, ids[0]).Tree(100)
	var got []string
	for line := range strings.Lines(tree) {
		fields := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" │├└─┤\n", r) })
		got = append(got, strings.Join(fields[:min(4, len(fields))], " "))
	}
	want := []string{
		"edge-us GET /products/7 200", "cache us; fwd=uri-miss; fwd-status=200",
		"gateway GET /products/{id} 200",
		"balancer GET /products/7 200", "backend web-2, attempts 2",
		"web-1 GET /products/7 -",
		"web-2 GET /products/{id} 200",
	}
	if !slices.Equal(got[1:], want) {
		t.Errorf("got %q\nof\n%s", got[1:], tree)
	}
	for node, o := range b.nodes {
		if got := o.Requests(); got.Total != 1 || got.InFlight != 0 {
			t.Errorf("%s: got %+v", node, got)
		}
	}
	if tops := slices.DeleteFunc(read(t, path, ids[0]).Spans, func(s trace.Span) bool { return s.Parent != "" }); len(tops) != 1 {
		t.Errorf("got %d roots", len(tops))
	}
}
