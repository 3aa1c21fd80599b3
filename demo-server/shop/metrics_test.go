package shop

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scrape reads /metrics the way Prometheus does.
func scrape(t *testing.T, h http.Handler) map[string]*dto.MetricFamily {
	t.Helper()
	answer := ask(h, "GET", "/metrics", "")
	if got := answer.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/plain; version=0.0.4") {
		t.Errorf("Content-Type: got %q", got)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// labelled returns the metric with the label values, in order.
func labelled(t *testing.T, family *dto.MetricFamily, values ...string) *dto.Metric {
	t.Helper()
	for _, metric := range family.GetMetric() {
		same := len(metric.GetLabel()) == len(values)
		for _, label := range metric.GetLabel() {
			found := false
			for _, value := range values {
				found = found || label.GetValue() == value
			}
			same = same && found
		}
		if same {
			return metric
		}
	}
	t.Fatalf("%s has nothing for %v", family.GetName(), values)
	return nil
}

func TestMetrics(t *testing.T) {
	h := open(t).Handler()
	for range 3 {
		ask(h, "GET", "/api/products/7", "")
	}
	ask(h, "GET", "/api/products/900", "")
	ask(h, "GET", "/nowhere", "")
	families := scrape(t, h)

	requests := families["floodmark_demo_http_requests_total"]
	for _, want := range []struct {
		endpoint, class string
		count           float64
	}{
		{"GET /api/products/{id}", "2xx", 3},
		{"GET /api/products/{id}", "4xx", 1},
		{"GET /api/products/{id}", "5xx", 0},
		{"other", "4xx", 1},
	} {
		if got := labelled(t, requests, want.endpoint, want.class).GetCounter().GetValue(); got != want.count {
			t.Errorf("%s %s: got %v, want %v", want.endpoint, want.class, got, want.count)
		}
	}
	durations := labelled(t, families["floodmark_demo_http_request_duration_seconds"], "GET /api/products/{id}").GetHistogram()
	if got := durations.GetSampleCount(); got != 4 {
		t.Errorf("durations: got %d, want 4", got)
	}
	for name, want := range map[string]float64{
		"machine_slots": 4, "machine_busy_slots": 0, "machine_utilisation_ratio": 0, "machine_queue_places": 200, "machine_queued_requests": 0,
	} {
		if got := families[prefix+name].GetMetric()[0].GetGauge().GetValue(); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	for name, want := range map[string]float64{
		"machine_work_seconds_total": 0, "machine_admitted_total": 4, "machine_refused_total": 0, "machine_cancelled_total": 0,
	} {
		if got := families[prefix+name].GetMetric()[0].GetCounter().GetValue(); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if got := families[prefix+"machine_model_lag_seconds"].GetMetric()[0].GetSummary().GetSampleCount(); got != 4 {
		t.Errorf("model lag: got %d, want 4", got)
	}
}

func TestDurationBuckets(t *testing.T) {
	var m metrics
	c := m.endpoint("x")
	for _, took := range []time.Duration{0, time.Millisecond, time.Millisecond + 1, 10 * time.Second, time.Minute} {
		c.observe(http.StatusOK, took)
	}
	h := c.histogram().GetHistogram()
	got := make(map[float64]uint64)
	for _, bucket := range h.GetBucket() {
		got[bucket.GetUpperBound()] = bucket.GetCumulativeCount()
	}
	for bound, want := range map[float64]uint64{0.001: 2, 0.0025: 3, 5: 3, 10: 4} {
		if got[bound] != want {
			t.Errorf("up to %vs: got %d, want %d", bound, got[bound], want)
		}
	}
	if h.GetSampleCount() != 5 || h.GetSampleSum() < 70 || h.GetSampleSum() > 70.1 {
		t.Errorf("got %d, %vs in all, want 5, 70s", h.GetSampleCount(), h.GetSampleSum())
	}
}

func TestOddStatusIsCounted(t *testing.T) {
	var m metrics
	c := m.endpoint("x")
	for _, status := range []int{0, -5, 999, 204} {
		c.observe(status, 0)
	}
	if got := m.requests(); got != 4 {
		t.Errorf("got %d, want 4", got)
	}
	if got := c.class[0].Load(); got != 3 {
		t.Errorf("none: got %d, want 3", got)
	}
}

// hijackable is a recorder whose connection can be taken.
type hijackable struct{ *httptest.ResponseRecorder }

func (hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, nil }

func TestRecorderOutcome(t *testing.T) {
	tests := []struct {
		name string
		use  func(w http.ResponseWriter) error
		want int
	}{
		{"nothing written", func(http.ResponseWriter) error { return nil }, 200},
		{"body alone", func(w http.ResponseWriter) error { _, err := w.Write([]byte("x")); return err }, 200},
		{"status", func(w http.ResponseWriter) error { w.WriteHeader(404); return nil }, 404},
		{"hint first", func(w http.ResponseWriter) error { w.WriteHeader(103); w.WriteHeader(201); return nil }, 201},
		{"hijacked", func(w http.ResponseWriter) error {
			_, _, err := http.NewResponseController(w).Hijack()
			return err
		}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rec := &recorder{ResponseWriter: hijackable{httptest.NewRecorder()}}
			if err := test.use(rec); err != nil {
				t.Fatal(err)
			}
			if got := rec.outcome(t.Context()); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	rec := &recorder{ResponseWriter: httptest.NewRecorder()}
	if _, _, err := rec.Hijack(); !errors.Is(err, http.ErrNotSupported) {
		t.Errorf("got %v, want %v", err, http.ErrNotSupported)
	}
}
