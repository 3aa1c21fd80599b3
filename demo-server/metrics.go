package demoserver

import (
	"net/http"

	dto "github.com/prometheus/client_model/go"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// handler returns what the shop's port serves: the shop and its metrics, watched.
func (p parts) handler() http.Handler {
	shop := p.shop.Handler()
	return p.watch.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			r.Pattern = "GET /metrics" // which no fault touches
			p.showMetrics(w, r)
			return
		}
		shop.ServeHTTP(w, r)
	}))
}

// showMetrics answers GET /metrics.
func (p parts) showMetrics(w http.ResponseWriter, r *http.Request) {
	observe.WritePage(w, r, observe.Merge(p.watch.Families(), machineFamilies(p.machine.Stats())))
}

// machineFamilies returns the metrics of the modelled machine.
func machineFamilies(s capacity.Stats) []*dto.MetricFamily {
	lag := observe.Family("machine_model_lag_seconds", "How late answers left against the model: woke minus planned.", dto.MetricType_SUMMARY)
	lag.Metric = []*dto.Metric{{Summary: &dto.Summary{
		SampleCount: new(s.Lag.Count),
		SampleSum:   new(s.Lag.Mean.Seconds() * float64(s.Lag.Count)),
		Quantile: []*dto.Quantile{
			{Quantile: new(0.99), Value: new(s.Lag.P99.Seconds())},
			{Quantile: new(1.0), Value: new(s.Lag.Max.Seconds())},
		},
	}}}
	return []*dto.MetricFamily{
		observe.Gauge("machine_slots", "Requests that can be worked on at once.", float64(s.Slots)),
		observe.Gauge("machine_busy_slots", "Slots at work now.", float64(s.Busy)),
		observe.Gauge("machine_utilisation_ratio", "Share of the slots' time used since the start.", s.Utilisation()),
		observe.Gauge("machine_queue_places", "Requests that can wait.", float64(s.Places)),
		observe.Gauge("machine_queued_requests", "Requests that wait now.", float64(s.Waiting)),
		observe.Counter("machine_work_seconds_total", "Slot time used; its rate is the number of busy slots.", s.Worked.Seconds()),
		observe.Counter("machine_admitted_total", "Requests that got a slot, at once or after waiting.", float64(s.Admitted)),
		observe.Counter("machine_refused_total", "Requests turned away because the queue was full.", float64(s.Refused)),
		observe.Counter("machine_cancelled_total", "Requests given up by the client before they were done.", float64(s.Cancelled)),
		lag,
	}
}
