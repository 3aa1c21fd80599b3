package edge_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/floodmark/floodmark/demo-server/edge"
)

// serve runs a handler on a port of its own until the test ends.
func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

// get makes a request over a connection, with header fields in pairs.
func get(t *testing.T, method, url, payload string, header ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(data)}
}

// An edge between a client and an origin, all over connections.
func TestEndToEnd(t *testing.T) {
	var asked atomic.Int64
	var seen atomic.Pointer[http.Request]
	origin := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		seen.Store(r)
		switch {
		case r.Method == http.MethodPost:
			data, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "got %s", data)
		case strings.HasPrefix(r.URL.Path, "/static/"):
			w.Header().Set("Cache-Control", "max-age=3600")
			w.Header().Set("X-Request-ID", "of the origin")
			w.Header().Set("Traceparent", "of one request")
			fmt.Fprint(w, strings.Repeat("x", 1000))
		default:
			w.Header().Set("Cache-Control", "no-store")
			fmt.Fprint(w, "now")
		}
	}))
	us, err := edge.New(edge.Config{Name: "us", Origin: origin.URL, PricePerGB: 80_000}) // 0.08 a kilobyte
	if err != nil {
		t.Fatal(err)
	}
	defer us.Close()
	server, admin := serve(t, us), serve(t, us.Admin())

	for i := range 10 {
		id := fmt.Sprintf("id-%d", i)
		response := get(t, http.MethodGet, server.URL+"/static/app.js?v=1", "", "X-Request-ID", id, "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		if response.code != http.StatusOK || len(response.body) != 1000 || response.header.Get("Content-Length") != "1000" {
			t.Errorf("got %d with %d bytes, want 200 with 1000", response.code, len(response.body))
		}
		if got := response.header.Values("X-Request-ID"); len(got) != 1 || got[0] != id {
			t.Errorf("got request id %q, want %q", got, id)
		}
		if got := response.header.Get("Traceparent"); got != "" && i > 0 {
			t.Errorf("got %q, want nothing of another request", got)
		}
		if got := response.header.Get("Via"); got != "1.1 us" {
			t.Errorf("got Via %q, want 1.1 us", got)
		}
	}
	if got := asked.Load(); got != 1 {
		t.Errorf("the origin was asked %d times, want once", got)
	}
	h := seen.Load().Header
	if h.Get("X-Request-ID") != "id-0" || h.Get("Traceparent") == "" || h.Get("X-Forwarded-For") != "127.0.0.1" || h.Get("Via") != "1.1 us" {
		t.Errorf("the origin saw %v, want id, trace, address and the edge", h)
	}
	if seen.Load().Host != strings.TrimPrefix(origin.URL, "http://") || h.Get("X-Forwarded-Host") != "" {
		t.Errorf("the origin saw the host %s, want its own and no other", seen.Load().Host)
	}

	if text := get(t, http.MethodPost, server.URL+"/orders", "a cart").body; text != "got a cart" {
		t.Errorf("got %q, want the body to have come through", text)
	}
	response := get(t, http.MethodGet, server.URL+"/now", "", "X-Request-ID", "not clean!")
	if got := response.header.Get("X-Request-ID"); got != "notclean" {
		t.Errorf("got request id %q, want a clean one", got)
	}

	for _, step := range []struct{ path, want string }{
		{"/static/other.js", `{"purged":0}`},
		{"/static/app.js", `{"purged":1}`},
		{"/static/*", `{"purged":0}`},
	} {
		if text := get(t, "PURGE", admin.URL+step.path, "").body; strings.TrimSpace(text) != step.want {
			t.Errorf("PURGE %s: got %s, want %s", step.path, text, step.want)
		}
	}
	get(t, http.MethodGet, server.URL+"/static/app.js?v=1", "")
	get(t, http.MethodGet, server.URL+"/static/app.js?v=2", "") // a versioned name needs no purge
	if text := get(t, "PURGE", admin.URL+"/sta*", "").body; strings.TrimSpace(text) != `{"purged":2}` {
		t.Errorf("got %s, want 2 purged by the prefix", text)
	}

	s := us.Stats()
	sum(t, s)
	if s.Hits != 9 || s.Misses != 4 || s.Passed != 1 || s.Purged != 3 {
		t.Errorf("got %+v, want 9 hits, 4 misses, 1 passed, 3 purged", s)
	}
	if s.EdgeBytes != 9000 || s.OriginBytes != 3013 || s.FetchedBytes != 3013 {
		t.Errorf("got %d bytes of the edge, %d of the origin, %d fetched, want 9000, 3013, 3013", s.EdgeBytes, s.OriginBytes, s.FetchedBytes)
	}
	if got, want := s.Cost(), 12_013*0.08/1000; got < want-1e-9 || got > want+1e-9 {
		t.Errorf("got a cost of %g, want %g", got, want)
	}
}

func TestAdmin(t *testing.T) {
	e := start(t, &origin{handler: says("x", "Cache-Control", "max-age=10")}, edge.Config{})
	ask(t, e, http.MethodGet, "/")
	var stats map[string]any
	if err := json.Unmarshal([]byte(ask(t, e.Admin(), http.MethodGet, "/stats").body), &stats); err != nil {
		t.Fatal(err)
	}
	if stats["requests"] != 1.0 || stats["misses"] != 1.0 || stats["cost"] != 0.0 {
		t.Errorf("got %v, want 1 request, 1 miss", stats)
	}
	tests := []struct {
		method, path string
		header       []string
		code         int
		want         string
	}{
		{http.MethodGet, "/", nil, 404, "/: not found; there are: PURGE of any path, GET /stats"},
		{http.MethodPost, "/stats", nil, 405, "method not allowed; there are: GET, HEAD, PURGE"},
		{"PURGE", "/*", []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross-origin"},
		{"PURGE", "/*", nil, 200, `{"purged":1}`},
	}
	for _, test := range tests {
		response := ask(t, e.Admin(), test.method, test.path, test.header...)
		if got := response.body; response.code != test.code || !strings.Contains(got, test.want) {
			t.Errorf("%s %s: got %d %s, want %d …%s…", test.method, test.path, response.code, got, test.code, test.want)
		}
	}
}

func TestSetOrigin(t *testing.T) {
	one, two := serve(t, says("one")), serve(t, says("two"))
	e, err := edge.New(edge.Config{Origin: one.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.SetOrigin("two"); err == nil {
		t.Error("got no error for what is no URL")
	}
	if err := e.SetOrigin(two.URL); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, e, http.MethodGet, "/").body; got != "two" {
		t.Errorf("got %s, want two", got)
	}
}

// A large answer is passed on while it comes, and memory is not set aside for more than
// there is.
func TestLargeBodies(t *testing.T) {
	const size = 300_000
	served := make(chan struct{})
	large := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = io.WriteString(w, strings.Repeat("x", size/2))
		_ = http.NewResponseController(w).Flush()
		<-served // the client has the first half before the second is made
		_, _ = io.WriteString(w, strings.Repeat("x", size/2))
	}))
	e, err := edge.New(edge.Config{Origin: large.URL, MaxObject: size / 3})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	server := serve(t, e)
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadFull(response.Body, make([]byte, size/2)); err != nil {
		t.Fatal(err)
	}
	close(served)
	rest, err := io.ReadAll(response.Body)
	if err != nil || len(rest) != size/2 {
		t.Errorf("got %d bytes more, %v, want %d", len(rest), err, size/2)
	}
	if got := e.Stats(); got.Resources > 1 || got.Bytes > 1000 {
		t.Errorf("got %+v, want nothing kept", got)
	}
}
