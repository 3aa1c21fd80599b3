package shop

import (
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/floodmark/floodmark/demo-server/capacity"
)

// prefix starts the name of every metric.
const prefix = "floodmark_demo_"

// showMetrics answers GET /metrics in the text format of Prometheus.
func (s *Shop) showMetrics(w http.ResponseWriter, _ *http.Request) {
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	w.Header().Set("Content-Type", string(format))
	encoder := expfmt.NewEncoder(w, format)
	families := append(s.metrics.families(), machineFamilies(s.Machine.Stats())...)
	for _, family := range families {
		if encoder.Encode(family) != nil {
			return // the client is gone
		}
	}
}

// families returns the metrics of the requests.
func (m *metrics) families() []*dto.MetricFamily {
	requests := family("http_requests_total", "Requests by endpoint and class of status.", dto.MetricType_COUNTER)
	durations := family("http_request_duration_seconds", "Time from a request's arrival to its answer.", dto.MetricType_HISTOGRAM)
	for _, c := range m.endpoints {
		for class := range c.class {
			n := c.class[class].Load()
			if n == 0 && class != http.StatusOK/100 && class != http.StatusInternalServerError/100 {
				continue // 2xx and 5xx are there from the start, as rates need them
			}
			requests.Metric = append(requests.Metric, &dto.Metric{
				Label:   []*dto.LabelPair{label("endpoint", c.name), label("class", className(class))},
				Counter: &dto.Counter{Value: new(float64(n))},
			})
		}
		durations.Metric = append(durations.Metric, c.histogram())
	}
	return []*dto.MetricFamily{requests, durations}
}

// histogram returns the durations of one endpoint. Its count is that of its buckets,
// so that both agree even while requests are counted.
func (c *counts) histogram() *dto.Metric {
	h := &dto.Histogram{SampleSum: new(time.Duration(c.sum.Load()).Seconds())}
	total := uint64(0)
	for i, bound := range bounds() {
		total += c.buckets[i].Load()
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: new(bound), CumulativeCount: new(total)})
	}
	h.SampleCount = new(total + c.buckets[len(c.buckets)-1].Load())
	return &dto.Metric{Label: []*dto.LabelPair{label("endpoint", c.name)}, Histogram: h}
}

// machineFamilies returns the metrics of the modelled machine.
func machineFamilies(s capacity.Stats) []*dto.MetricFamily {
	lag := family("machine_model_lag_seconds", "How late answers left against the model: woke minus planned.", dto.MetricType_SUMMARY)
	lag.Metric = []*dto.Metric{{Summary: &dto.Summary{
		SampleCount: new(s.Lag.Count),
		SampleSum:   new(s.Lag.Mean.Seconds() * float64(s.Lag.Count)),
		Quantile: []*dto.Quantile{
			{Quantile: new(0.99), Value: new(s.Lag.P99.Seconds())},
			{Quantile: new(1.0), Value: new(s.Lag.Max.Seconds())},
		},
	}}}
	return []*dto.MetricFamily{
		gauge("machine_slots", "Requests that can be worked on at once.", float64(s.Slots)),
		gauge("machine_busy_slots", "Slots at work now.", float64(s.Busy)),
		gauge("machine_utilisation_ratio", "Share of the slots' time used since the start.", s.Utilisation()),
		gauge("machine_queue_places", "Requests that can wait.", float64(s.Places)),
		gauge("machine_queued_requests", "Requests that wait now.", float64(s.Waiting)),
		counter("machine_work_seconds_total", "Slot time used; its rate is the number of busy slots.", s.Worked.Seconds()),
		counter("machine_admitted_total", "Requests that got a slot, at once or after waiting.", float64(s.Admitted)),
		counter("machine_refused_total", "Requests turned away because the queue was full.", float64(s.Refused)),
		counter("machine_cancelled_total", "Requests given up by the client before they were done.", float64(s.Cancelled)),
		lag,
	}
}

func gauge(name, help string, value float64) *dto.MetricFamily {
	f := family(name, help, dto.MetricType_GAUGE)
	f.Metric = []*dto.Metric{{Gauge: &dto.Gauge{Value: new(value)}}}
	return f
}

func counter(name, help string, value float64) *dto.MetricFamily {
	f := family(name, help, dto.MetricType_COUNTER)
	f.Metric = []*dto.Metric{{Counter: &dto.Counter{Value: new(value)}}}
	return f
}

func family(name, help string, kind dto.MetricType) *dto.MetricFamily {
	return &dto.MetricFamily{Name: new(prefix + name), Help: new(help), Type: new(kind)}
}

func label(name, value string) *dto.LabelPair {
	return &dto.LabelPair{Name: new(name), Value: new(value)}
}
