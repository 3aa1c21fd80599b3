package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Example() {
	web := observe.Observer{Node: "web-1", Part: "web"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products/{id}", func(w http.ResponseWriter, r *http.Request) {
		observe.Note(r.Context(), "cache", "hit")
		fmt.Fprint(w, "shoes")
	})
	server := web.Handler(mux)
	for _, path := range []string{"/products/7", "/products/8", "/nowhere"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("X-Request-ID", "order-17")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("X-Request-ID"))
	}
	page := httptest.NewRecorder()
	observe.WritePage(page, httptest.NewRequest(http.MethodGet, "/metrics", nil), web.Families())
	for line := range strings.Lines(page.Body.String()) {
		if strings.HasPrefix(line, "floodmark_demo_http_requests_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// 200 order-17
	// 200 order-17
	// 404 order-17
	// floodmark_demo_http_requests_total{node="web-1",endpoint="GET /products/{id}",class="2xx"} 2
	// floodmark_demo_http_requests_total{node="web-1",endpoint="GET /products/{id}",class="5xx"} 0
	// floodmark_demo_http_requests_total{node="web-1",endpoint="other",class="2xx"} 0
	// floodmark_demo_http_requests_total{node="web-1",endpoint="other",class="4xx"} 1
	// floodmark_demo_http_requests_total{node="web-1",endpoint="other",class="5xx"} 0
}

// ask sends a request to a handler, past a panic of it.
func ask(h http.Handler, r *http.Request) (w *httptest.ResponseRecorder) {
	w = httptest.NewRecorder()
	defer func() {
		if met := recover(); met != nil && met != any(http.ErrAbortHandler) {
			panic(met)
		}
	}()
	h.ServeHTTP(w, r)
	return w
}

// Whatever requests do at the same time, each is in exactly one class, and at every
// instant the total is the sum.
func TestCounts(t *testing.T) {
	kinds := []struct {
		class int
		do    http.HandlerFunc
	}{
		{2, func(http.ResponseWriter, *http.Request) {}},
		{2, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "body") }},
		{2, func(w http.ResponseWriter, _ *http.Request) { _ = http.NewResponseController(w).Flush() }},
		{2, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusCreated)
		}},
		{3, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }},
		{4, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }},
		{5, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		{0, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{0, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			panic(http.ErrAbortHandler)
		}},
		{0, func(_ http.ResponseWriter, r *http.Request) { r.Context().Value(cancelKey{}).(context.CancelFunc)() }},
	}
	rapid.Check(t, func(t *rapid.T) {
		var o observe.Observer
		h := o.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			observe.Note(r.Context(), "kind", r.URL.Path)
			kinds[r.Context().Value(kindKey{}).(int)].do(w, r)
		}))
		var want observe.Counts
		var group sync.WaitGroup
		for _, kind := range rapid.SliceOfN(rapid.IntRange(0, len(kinds)-1), 0, 50).Draw(t, "kinds") {
			want.Total++
			want.Class[kinds[kind].class]++
			group.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				ctx = context.WithValue(context.WithValue(ctx, kindKey{}, kind), cancelKey{}, cancel)
				ask(h, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
				got := o.Requests()
				sum := got.InFlight
				for _, n := range got.Class {
					sum += n
				}
				if sum != got.Total {
					t.Errorf("%+v does not add up", got)
				}
			})
		}
		group.Wait()
		if got := o.Requests(); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

type (
	kindKey   struct{}
	cancelKey struct{}
)

// A hundred names are told apart, and no more.
func TestEndpointsAreBounded(t *testing.T) {
	o := observe.Observer{Node: "web-1"}
	o.Expect("GET /expected")
	h := o.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { r.Pattern = r.URL.Path }))
	for i := range 300 {
		ask(h, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d", i%150), nil))
	}
	names, total := map[string]bool{}, 0.0
	for _, f := range o.Families() {
		if f.GetName() != "floodmark_demo_http_requests_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			names[m.GetLabel()[1].GetValue()] = true
			total += m.GetCounter().GetValue()
		}
	}
	if len(names) != 100 || !names["other"] || !names["GET /expected"] || total != 300 {
		t.Errorf("got %d names with %v requests", len(names), total)
	}
}

// The request id is the only one, whatever the handler does to the headers.
func TestAnswersCarryTheID(t *testing.T) {
	for name, do := range map[string]http.HandlerFunc{
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"a proxy": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			clear(w.Header())
			w.Header().Add("X-Request-Id", "one")
			w.Header().Add("X-Request-Id", "two")
			_, _ = io.WriteString(w, "body")
		},
		"a copy": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, strings.NewReader("body"))
		},
		"a stream": func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		},
	} {
		var o observe.Observer
		server := httptest.NewServer(o.Handler(do))
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		r.Header.Set("X-Request-Id", "order 17")
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Values("X-Request-Id"); len(got) != 1 || got[0] != "order17" {
			t.Errorf("%s: got %q", name, got)
		}
		server.Close()
	}
}

func TestHijackedIsNone(t *testing.T) {
	var o observe.Observer
	server := httptest.NewServer(o.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	})))
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if response, err := server.Client().Do(r); err == nil {
		response.Body.Close()
	}
	server.Close()
	if got, want := o.Requests(), (observe.Counts{Total: 1, Class: [6]uint64{1}}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A line has all that is known, and nothing of the query.
func TestLog(t *testing.T) {
	var lines bytes.Buffer
	spans := open(t, filepath.Join(t.TempDir(), "traces.jsonl"), 1)
	o := observe.Observer{Node: "web-2", Part: "web", Spans: spans, Log: slog.New(slog.NewJSONHandler(&lines, nil))}
	h := o.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		observe.Note(ctx, "queued_seconds", 1500*time.Microsecond)
		observe.Note(ctx, "cache", "miss")
		observe.Note(ctx, "cache", "hit")
		observe.Note(ctx, "rows", 3)
		observe.Note(ctx, "why", errors.New("strange"))
		observe.Note(ctx, "odd", strings.Repeat("ä", 1000))
		w.WriteHeader(http.StatusBadGateway)
	}))
	r := httptest.NewRequest(http.MethodPost, "/orders?token=secret", nil)
	r.Header.Set("X-Request-Id", "order-17")
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	ask(h, r)
	var got map[string]any
	if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"level": "WARN", "msg": "request", "node": "web-2", "request_id": "order-17", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
		"method": "POST", "path": "/orders", "status": 502.0, "queued_seconds": 0.0015, "cache": "hit", "rows": 3.0, "why": "strange",
		"odd": strings.Repeat("ä", 128),
	} {
		if got[key] != want {
			t.Errorf("%s: got %v, want %v", key, got[key], want)
		}
	}
	if strings.Contains(lines.String(), "secret") {
		t.Error("the query is in the log")
	}
	if n := strings.Count(lines.String(), `"cache"`); n != 1 {
		t.Errorf("a key is %d times in %s", n, &lines)
	}
}

// Notes may come from any goroutine, also of those that outlive the request, and from
// contexts of nothing.
func TestNotesFromEverywhere(t *testing.T) {
	var lines bytes.Buffer
	o := observe.Observer{Log: slog.New(slog.NewJSONHandler(&lines, nil))}
	var group sync.WaitGroup
	ended := make(chan bool)
	h := o.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		var together sync.WaitGroup
		for i := range 100 {
			together.Go(func() { observe.Note(ctx, fmt.Sprintf("note_%d", i), i) })
		}
		together.Wait()
		group.Go(func() {
			<-ended
			observe.Note(ctx, "late", true)
		})
	}))
	ask(h, httptest.NewRequest(http.MethodGet, "/", nil))
	close(ended)
	group.Wait()
	observe.Note(t.Context(), "nobody", 1)
	observe.Note(nil, "nothing", 1) //nolint:staticcheck // it says that it bears this
	if n := strings.Count(lines.String(), "note_"); n != 32 || strings.Contains(lines.String(), "late") {
		t.Errorf("got %d notes: %s", n, &lines)
	}
}

// What goes on to the next hop is the same in headers and context.
func TestNextHop(t *testing.T) {
	const theirs = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-"
	spans := open(t, filepath.Join(t.TempDir(), "traces.jsonl"), 1)
	for _, tt := range []struct {
		name, traceparent string
		spans             *observe.Spans
		trace, flags      string // of what goes on; empty: any
	}{
		{"a new trace", "", spans, "", "01"},
		{"a sampled one", theirs + "01", spans, theirs[:35], "01"},
		{"one that is not to be", theirs + "00", spans, theirs[:35], "00"},
		{"a broken one", "00-zz", spans, "", "01"},
		{"without spans", theirs + "01", nil, theirs[:35], "01"},
	} {
		o := observe.Observer{Node: "web-1", Spans: tt.spans}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if tt.traceparent != "" {
			r.Header.Set("Traceparent", tt.traceparent)
		}
		var headers, carried correlation.IDs
		ask(o.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			headers, carried = correlation.Read(r.Header), correlation.From(r.Context())
		})), r)
		if headers != carried || headers.Request == "" {
			t.Errorf("%s: headers %v, context %v", tt.name, headers, carried)
		}
		got := headers.Traceparent
		if !strings.HasPrefix(got, tt.trace) || !strings.HasSuffix(got, "-"+tt.flags) || tt.spans != nil && got == tt.traceparent {
			t.Errorf("%s: got %q", tt.name, got)
		}
	}
}
