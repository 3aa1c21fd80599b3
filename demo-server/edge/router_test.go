package edge_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/edge"
)

// named returns a server that says its name and what it was sent.
func named(t *testing.T, name string) string {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", name, data)
	})).URL
}

// route starts a router that ends with the test.
func route(t *testing.T, config edge.RouterConfig) *edge.Router {
	t.Helper()
	r, err := edge.NewRouter(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		s := r.Stats()
		total := s.Fallbacks + s.Direct + s.Failed + s.Abandoned
		for _, n := range s.Edges {
			total += n
		}
		if total != s.Requests {
			t.Errorf("got %d requests in all counters, want %d: %+v", total, s.Requests, s)
		}
	})
	return r
}

func TestRouterPicks(t *testing.T) {
	r := route(t, edge.RouterConfig{
		Origin: named(t, "origin"),
		Routes: []edge.Route{
			{Name: "us", URL: named(t, "us"), Regions: []string{"ca"}, Clients: []netip.Prefix{netip.MustParsePrefix("127.0.110.0/24")}},
			{Name: "eu", URL: named(t, "eu"), Clients: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
			{Name: "apac", URL: named(t, "apac")},
		},
	})
	tests := []struct{ region, address, want string }{
		{"apac", "127.0.110.1:1", "apac"},
		{"ca", "127.0.0.1:1", "us"},
		{"", "127.0.110.1:1", "us"}, // the longer prefix
		{"", "[::ffff:127.0.110.1]:1", "us"},
		{"", "127.0.0.1:1", "eu"},
		{"moon", "127.0.0.1:1", "eu"},
		{"", "10.0.0.1:1", "us"}, // the first
		{"", "?", "us"},
	}
	for _, test := range tests {
		request := newRequest(t.Context(), http.MethodGet, "/", "")
		request.RemoteAddr = test.address
		if test.region != "" {
			request.Header.Set("X-Region", test.region)
		}
		if got := strings.TrimSpace(do(r, request).body); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
	if got := r.Stats(); got.Edges["us"] != 5 || got.Edges["eu"] != 2 || got.Edges["apac"] != 1 {
		t.Errorf("got %+v, want 5, 2, 1", got)
	}
}

// An edge that is dead is found out by the first request, which the origin answers, as
// it does those that come before the edge is tried again.
func TestRouterFallsBack(t *testing.T) {
	us := named(t, "us")
	dead := serve(t, http.NotFoundHandler())
	dead.Close()
	r := route(t, edge.RouterConfig{
		Origin:   named(t, "origin"),
		Cooldown: time.Hour,
		Routes:   []edge.Route{{Name: "eu", URL: dead.URL}, {Name: "us", URL: us}},
	})
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPut} { // with a body, the first finds out
		if got := do(r, newRequest(t.Context(), method, "/", "a cart")).body; got != "origin a cart" {
			t.Errorf("%s: got %q, want the origin, with the body", method, got)
		}
	}
	if got := r.Stats(); got.Fallbacks != 3 || !slices.Equal(got.Down, []string{"eu"}) {
		t.Errorf("got %+v, want 3 fallbacks and eu down", got)
	}
	if err := r.SetRoutes([]edge.Route{{Name: "eu", URL: us}}); err != nil {
		t.Fatal(err)
	}
	if got := do(r, newRequest(t.Context(), http.MethodGet, "/", "")).body; got != "origin " {
		t.Errorf("got %q, want the origin: the route keeps its state", got)
	}
	if err := r.SetDown("eu", false); err != nil {
		t.Fatal(err)
	}
	if got := do(r, newRequest(t.Context(), http.MethodGet, "/", "")).body; got != "us " {
		t.Errorf("got %q, want the edge that is up again", got)
	}
}

func TestRouterIsTold(t *testing.T) {
	r := route(t, edge.RouterConfig{Origin: named(t, "origin"), Routes: []edge.Route{{Name: "us", URL: named(t, "us")}}})
	for _, step := range []struct {
		down bool
		want string
	}{{true, "origin "}, {false, "us "}} {
		if err := r.SetDown("us", step.down); err != nil {
			t.Fatal(err)
		}
		if got := do(r, newRequest(t.Context(), http.MethodGet, "/", "")).body; got != step.want {
			t.Errorf("down %t: got %q, want %q", step.down, got, step.want)
		}
	}
	if err := r.SetDown("eu", true); err == nil {
		t.Error("got no error for an edge that is not there")
	}
}

// What an edge may have begun to do is not done again, nor is a body sent again of which
// it may have taken a part.
func TestRouterRepeatsNothing(t *testing.T) {
	var begun atomic.Int64
	reset := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		begun.Add(1)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}))
	r := route(t, edge.RouterConfig{Origin: named(t, "origin"), Cooldown: time.Nanosecond, Routes: []edge.Route{{Name: "us", URL: reset.URL}}})
	tests := []struct {
		method, payload string
		code            int
	}{
		{http.MethodPost, "a cart", http.StatusBadGateway},
		{http.MethodPost, "", http.StatusBadGateway},
		{http.MethodGet, "a question", http.StatusBadGateway},
		{http.MethodGet, "", http.StatusOK},
	}
	for i, test := range tests {
		if got := do(r, newRequest(t.Context(), test.method, "/", test.payload)); got.code != test.code {
			t.Errorf("%s %s: got %+v, want %d", test.method, test.payload, got, test.code)
		}
		if got := begun.Load(); got != int64(i+1) {
			t.Errorf("%s %s: the edge has begun %d times, want %d", test.method, test.payload, got, i+1)
		}
	}
	if got := r.Stats(); got.Failed != 3 || got.Fallbacks != 1 {
		t.Errorf("got %+v, want 3 failed, 1 fallback", got)
	}
}

// An edge that takes connections and does not answer is given up after a while.
func TestRouterHangingEdge(t *testing.T) {
	release := make(chan struct{})
	hung := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer close(release)
	r := route(t, edge.RouterConfig{Origin: named(t, "origin"), AnswerTimeout: 50 * time.Millisecond, Routes: []edge.Route{{Name: "us", URL: hung.URL}}})
	if got := do(r, newRequest(t.Context(), http.MethodGet, "/", "")).body; got != "origin " {
		t.Errorf("got %q, want the origin", got)
	}
	only := route(t, edge.RouterConfig{Origin: hung.URL, AnswerTimeout: 50 * time.Millisecond})
	if got := do(only, newRequest(t.Context(), http.MethodGet, "/", "")); got.code != http.StatusGatewayTimeout {
		t.Errorf("got %d, want 504", got.code)
	}
}

func TestRouterWithoutEdges(t *testing.T) {
	r := route(t, edge.RouterConfig{Origin: named(t, "origin")})
	response := do(r, newRequest(t.Context(), http.MethodGet, "/", ""))
	if got := response.body; got != "origin " || response.header.Get("X-Request-ID") == "" {
		t.Errorf("got %q with %v, want the origin and a request id", got, response.header)
	}
	if got := r.Stats(); got.Direct != 1 {
		t.Errorf("got %+v, want 1 direct", got)
	}
}

func TestNewRouterRefuses(t *testing.T) {
	tests := []struct {
		config edge.RouterConfig
		want   string
	}{
		{edge.RouterConfig{}, "origin: "},
		{edge.RouterConfig{Origin: "http://a", Cooldown: -1}, "times are not negative"},
		{edge.RouterConfig{Origin: "http://a", Routes: []edge.Route{{Name: "us"}}}, `edge "us": want a URL`},
		{edge.RouterConfig{Origin: "http://a", Routes: []edge.Route{{URL: "http://b"}}}, `edge "": it has a name`},
		{edge.RouterConfig{Origin: "http://a", Routes: []edge.Route{{Name: "us", URL: "http://b"}, {Name: "us", URL: "http://c"}}}, `edge "us" is there twice`},
	}
	for _, test := range tests {
		if r, err := edge.NewRouter(test.config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, %v, want …%s…", r, err, test.want)
		}
	}
}

// Client, router, edges and origin, over connections: each region has its own edge, and
// clients of one that has died are served by the origin.
func TestThreeRegions(t *testing.T) {
	origin := serve(t, says("x", "Cache-Control", "max-age=3600"))
	edges, routes := map[string]*edge.Edge{}, []edge.Route{}
	servers := map[string]interface{ Close() }{}
	for _, name := range []string{"us", "eu", "apac"} {
		e, err := edge.New(edge.Config{Name: name, Origin: origin.URL})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		server := serve(t, e)
		edges[name], servers[name] = e, server
		routes = append(routes, edge.Route{Name: name, URL: server.URL})
	}
	r := route(t, edge.RouterConfig{Origin: origin.URL, Routes: routes})
	front := serve(t, r)
	for range 5 {
		for name := range edges {
			response := get(t, http.MethodGet, front.URL+"/static/app.js", "", "X-Region", name)
			if got := response.header.Get("Cache-Status"); !strings.HasPrefix(got, name+"; ") {
				t.Errorf("%s: got %q, want the edge of the region", name, got)
			}
		}
	}
	for name, e := range edges {
		if got := e.Stats(); got.Misses != 1 || got.Hits != 4 {
			t.Errorf("%s: got %+v, want 1 miss, 4 hits", name, got)
		}
	}
	servers["eu"].Close()
	response := get(t, http.MethodGet, front.URL+"/static/app.js", "", "X-Region", "eu")
	if response.header.Get("Cache-Status") != "" || response.body != "x" {
		t.Errorf("got %+v, want the origin's answer", response)
	}
}

// Round trips are those of the region, by way of the edge or past it.
func TestRouterRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// There is no connection in a bubble: both ways fail once the round trip is over.
		r, err := edge.NewRouter(edge.RouterConfig{
			Origin: "http://127.0.0.1:0",
			Routes: []edge.Route{{Name: "eu", URL: "http://127.0.0.1:0", RoundTrip: 20 * time.Millisecond, OriginRoundTrip: 80 * time.Millisecond}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for _, want := range []time.Duration{100 * time.Millisecond, 80 * time.Millisecond} { // then the edge is left alone
			begun := time.Now()
			if got := do(r, newRequest(t.Context(), http.MethodGet, "/", "")); got.code != http.StatusBadGateway {
				t.Errorf("got %d, want 502", got.code)
			}
			if got := time.Since(begun); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})
}
