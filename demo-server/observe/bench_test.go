package observe_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/floodmark/floodmark/demo-server/observe"
)

// discard is a ResponseWriter that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func BenchmarkHandler(b *testing.B) {
	spans := func(sample float64) *observe.Spans {
		spans, err := observe.OpenSpans(filepath.Join(b.TempDir(), "traces.jsonl"), sample, 1)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = spans.Close() })
		return spans
	}
	for _, bm := range []struct {
		name     string
		observer *observe.Observer
		inside   bool // the request comes from another hop
	}{
		{"first", &observe.Observer{Node: "web-1"}, false},
		{"next", &observe.Observer{Node: "web-1"}, true},
		{"log", &observe.Observer{Node: "web-1", Log: slog.New(slog.NewJSONHandler(io.Discard, nil))}, true},
		{"unsampled", &observe.Observer{Node: "web-1", Spans: spans(0)}, false},
		{"sampled", &observe.Observer{Node: "web-1", Spans: spans(1)}, false},
	} {
		b.Run(bm.name, func(b *testing.B) {
			h := bm.observer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Pattern = "GET /api/products/{id}"
				observe.Note(r.Context(), "work_seconds", 0.01)
				w.WriteHeader(http.StatusOK)
			}))
			r := httptest.NewRequest(http.MethodGet, "/api/products/7", nil)
			w := &discard{make(http.Header)}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				clear(r.Header)
				if bm.inside {
					r.Header["X-Request-Id"] = known
				}
				h.ServeHTTP(w, r)
			}
		})
	}
}

var known = []string{"0123456789abcdef0123456789abcdef"}
