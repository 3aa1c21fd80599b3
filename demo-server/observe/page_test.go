package observe_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/floodmark/floodmark/demo-server/observe"
)

func page(t *testing.T, families []*dto.MetricFamily) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	observe.WritePage(w, httptest.NewRequest(http.MethodGet, "/metrics", nil), families)
	return w
}

// Two servers' pages become one, which reads back as what it was.
func TestPage(t *testing.T) {
	var pages [][]*dto.MetricFamily
	for _, name := range []string{"web-2", "web-1"} {
		o := observe.Observer{Node: name}
		ask(o.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })),
			httptest.NewRequest(http.MethodGet, "/", nil))
		pages = append(pages, o.Families(), []*dto.MetricFamily{
			observe.Gauge("machine_slots", "Slots.", 2, observe.Label("node", name)),
			observe.Family("empty", "Nothing.", dto.MetricType_COUNTER),
		})
	}
	pages = append(pages, pages[0], []*dto.MetricFamily{observe.Counter("machine_slots", "Slots, otherwise.", 7)})
	text := page(t, observe.Merge(pages...)).Body.String()
	for want, n := range map[string]int{
		"# TYPE floodmark_demo_machine_slots gauge\n": 1, "empty": 0, "machine_slots 7": 0,
		`floodmark_demo_machine_slots{node="web-1"} 2` + "\n":                                           1,
		`floodmark_demo_http_requests_total{node="web-2",endpoint="other",class="4xx"} 1` + "\n":        1,
		`floodmark_demo_http_request_duration_seconds_bucket{node="web-1",endpoint="other",le="0.025"}`: 1,
		`floodmark_demo_http_request_duration_seconds_count{node="web-1",endpoint="other"} 1` + "\n":    1,
		`floodmark_demo_http_requests_in_flight{node="web-1"} 0` + "\n":                                 1,
	} {
		if got := strings.Count(text, want); got != n {
			t.Errorf("%q is there %d times, want %d, in\n%s", want, got, n, text)
		}
	}
	if strings.Index(text, `machine_slots{node="web-1"}`) > strings.Index(text, `machine_slots{node="web-2"}`) {
		t.Error("not in the order of labels")
	}
	back, err := observe.ReadPage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if again := page(t, back).Body.String(); again != text {
		t.Errorf("got\n%s\nwant\n%s", again, text)
	}
	if got := page(t, nil).Header().Get("Content-Type"); !strings.HasPrefix(got, "text/plain; version=0.0.4") {
		t.Errorf("got %q", got)
	}
}

func TestReadPageRefuses(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"no page":   strings.NewReader("<html>"),
		"too large": io.MultiReader(bytes.NewReader(make([]byte, 16<<20)), strings.NewReader("x")),
	} {
		if got, err := observe.ReadPage(r); err == nil || !strings.HasPrefix(err.Error(), "page of metrics: ") {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func FuzzReadPage(f *testing.F) {
	var o observe.Observer
	o.Expect("GET /")
	w := httptest.NewRecorder()
	observe.WritePage(w, httptest.NewRequest(http.MethodGet, "/metrics", nil), o.Families())
	f.Add(w.Body.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		if families, err := observe.ReadPage(bytes.NewReader(text)); err == nil {
			page(t, observe.Merge(families, families))
		}
	})
}
