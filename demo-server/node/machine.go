package node

import (
	dto "github.com/prometheus/client_model/go"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// machineFamilies returns the metrics of a modelled machine: how much of it is used, who
// waits for it, and how late it was against its model.
func machineFamilies(host string, s capacity.Stats) []*dto.MetricFamily {
	at := observe.Label("host", host)
	lag := observe.Family("machine_model_lag_seconds", "How late answers left against the model: woke minus planned.", dto.MetricType_SUMMARY)
	lag.Metric = []*dto.Metric{{Label: []*dto.LabelPair{at}, Summary: &dto.Summary{
		SampleCount: new(s.Lag.Count),
		SampleSum:   new(s.Lag.Mean.Seconds() * float64(s.Lag.Count)),
		Quantile: []*dto.Quantile{
			{Quantile: new(0.99), Value: new(s.Lag.P99.Seconds())},
			{Quantile: new(1.0), Value: new(s.Lag.Max.Seconds())},
		},
	}}}
	return []*dto.MetricFamily{
		observe.Gauge("machine_slots", "Requests that can be worked on at once.", float64(s.Slots), at),
		observe.Gauge("machine_busy_slots", "Slots at work now.", float64(s.Busy), at),
		observe.Gauge("machine_utilisation_ratio", "Share of the slots' time used since the start.", s.Utilisation(), at),
		observe.Gauge("machine_queue_places", "Requests that can wait.", float64(s.Places), at),
		observe.Gauge("machine_queued_requests", "Requests that wait now.", float64(s.Waiting), at),
		observe.Counter("machine_work_seconds_total", "Slot time used; its rate is the number of busy slots.", s.Worked.Seconds(), at),
		observe.Counter("machine_admitted_total", "Requests that got a slot, at once or after waiting.", float64(s.Admitted), at),
		observe.Counter("machine_refused_total", "Requests turned away because the queue was full.", float64(s.Refused), at),
		observe.Counter("machine_cancelled_total", "Requests given up by the client before they were done.", float64(s.Cancelled), at),
		lag,
	}
}
