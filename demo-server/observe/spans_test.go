package observe_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/observe/trace"
)

// open opens a file of spans for a test.
func open(t *testing.T, path string, sample float64) *observe.Spans {
	t.Helper()
	spans, err := observe.OpenSpans(path, sample, 7)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := spans.Close(); err != nil {
			t.Error(err)
		}
	})
	return spans
}

func read(t *testing.T, path, id string) trace.Trace {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := trace.ReadTrace(file, id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A request that goes through three servers, by a proxy's headers and by a client's
// context, is one trace.
func TestSpansOfOneRequest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	spans := open(t, path, 1)
	server := func(node string, do http.HandlerFunc) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /things/{id}", do)
		o := observe.Observer{Node: node, Part: strings.TrimRight(node, "-123"), Spans: spans}
		return o.Handler(mux)
	}
	database := server("database", func(_ http.ResponseWriter, r *http.Request) { observe.Note(r.Context(), "rows", 2) })
	web := server("web-1", func(_ http.ResponseWriter, r *http.Request) {
		for range 2 {
			out := httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/things/8", nil)
			correlation.From(r.Context()).Write(out.Header)
			ask(database, out)
		}
	})
	balancer := server("balancer", func(w http.ResponseWriter, r *http.Request) {
		out := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), nil)
		out.Header = r.Header.Clone()
		web.ServeHTTP(w, out)
		http.Error(w, "the backend is broken", http.StatusBadGateway)
	})
	id := ask(balancer, httptest.NewRequest(http.MethodGet, "/things/7?q=secret", nil)).Header().Get("X-Request-Id")
	if err := spans.Close(); err != nil {
		t.Fatal(err)
	}
	got := read(t, path, id)
	if len(got.Spans) != 4 || len(got.IDs) != 1 || got.Request != id {
		t.Fatalf("got %+v", got)
	}
	nodes := map[string]trace.Span{}
	for _, s := range got.Spans {
		nodes[s.Node] = s
	}
	b, w, d := nodes["balancer"], nodes["web-1"], nodes["database"]
	if b.Parent != "" || w.Parent != b.ID || d.Parent == w.Parent || d.Part != "database" || d.Path != "/things/8" {
		t.Errorf("got %+v", got.Spans)
	}
	if b.Name != "GET /things/{id}" || b.Took < w.Took || len(d.Notes) != 1 || d.Notes[0].String() != "rows 2" {
		t.Errorf("got %+v", got.Spans)
	}
	if stats := spans.Stats(); stats.Written != 4 || stats.Dropped != 0 {
		t.Errorf("got %+v", stats)
	}
	if text, _ := os.ReadFile(path); bytes.Contains(text, []byte("secret")) {
		t.Error("the query is in the file")
	}
}

// Without anybody closing it, the file is written soon.
func TestSpansAreFlushed(t *testing.T) {
	spans := open(t, filepath.Join(t.TempDir(), "traces.jsonl"), 1)
	o := observe.Observer{Spans: spans}
	ask(o.Handler(http.NotFoundHandler()), httptest.NewRequest(http.MethodGet, "/", nil))
	for spans.Stats().Written == 0 {
		time.Sleep(time.Millisecond)
	}
}

// Of requests that nobody decided on, the share is traced that was asked for, and the
// same ones with the same seed.
func TestSample(t *testing.T) {
	chosen := func() (text string) {
		spans := open(t, filepath.Join(t.TempDir(), "traces.jsonl"), 0.25)
		o := observe.Observer{Node: "web-1", Spans: spans}
		h := o.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			text += r.Header.Get("Traceparent")[54:]
		}))
		for range 1000 {
			ask(h, httptest.NewRequest(http.MethodGet, "/", nil))
		}
		return text
	}
	first, second := chosen(), chosen()
	if first != second {
		t.Error("the same seed chose otherwise")
	}
	if n := strings.Count(first, "1"); n < 200 || n > 300 {
		t.Errorf("got %d of 1000, want 250", n)
	}
}

func TestSpansAreDropped(t *testing.T) {
	spans := open(t, filepath.Join(t.TempDir(), "traces.jsonl"), 1)
	o := observe.Observer{Spans: spans}
	h := o.Handler(http.NotFoundHandler())
	ask(h, httptest.NewRequest(http.MethodGet, "/", nil))
	if err := spans.Close(); err != nil {
		t.Fatal(err)
	}
	ask(h, httptest.NewRequest(http.MethodGet, "/", nil))
	if got, want := spans.Stats(), (observe.SpanStats{Written: 1, Dropped: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A file does not grow for ever, and who closes it is told.
func TestSpansAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	spans, err := observe.OpenSpans(path, 1, 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<30); err != nil { // a hole, which takes no place
		t.Fatal(err)
	}
	o := observe.Observer{Spans: spans}
	ask(o.Handler(http.NotFoundHandler()), httptest.NewRequest(http.MethodGet, "/", nil))
	if err := spans.Close(); err == nil || !strings.Contains(err.Error(), "traces: the file has reached its limit of 1024 MiB") {
		t.Errorf("got %v", err)
	}
	if got, want := spans.Stats(), (observe.SpanStats{Dropped: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestOpenSpansRefuses(t *testing.T) {
	for _, tt := range []struct {
		path   string
		sample float64
		want   string
	}{
		{t.TempDir(), 1, "is a directory"},
		{filepath.Join(t.TempDir(), "no", "such"), 1, "no such file"},
		{filepath.Join(t.TempDir(), "traces"), 1.5, "want the share of requests to trace, 0 to 1"},
	} {
		if _, err := observe.OpenSpans(tt.path, tt.sample, 0); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want …%s…", err, tt.want)
		}
	}
}

// child, in the environment, makes the test binary a process that appends spans.
const child = "FLOODMARK_TEST_SPANS"

// Processes that append to one file at a time leave whole lines.
func TestSpansOfTwoProcesses(t *testing.T) {
	const requests = 3000
	if path := os.Getenv(child); path != "" {
		spans := open(t, path, 1)
		o := observe.Observer{Node: fmt.Sprint("node-", os.Getpid()), Spans: spans}
		h := o.Handler(http.NotFoundHandler())
		for range requests {
			ask(h, httptest.NewRequest(http.MethodGet, "/"+strings.Repeat("long", 50), nil))
		}
		return
	}
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	var children []*exec.Cmd
	for range 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSpansOfTwoProcesses$")
		cmd.Env = append(os.Environ(), child+"="+path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	for _, cmd := range children {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ids := map[string]bool{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var span struct {
			SpanContext struct{ TraceID, SpanID string }
		}
		if err := json.Unmarshal(lines.Bytes(), &span); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		ids[span.SpanContext.TraceID] = true
	}
	if len(ids) != 2*requests {
		t.Errorf("got %d traces, want %d", len(ids), 2*requests)
	}
}
