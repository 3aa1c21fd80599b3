package observe

import (
	"cmp"
	"slices"

	dto "github.com/prometheus/client_model/go"
)

// Prefix starts the name of every metric.
const Prefix = "floodmark_demo_"

// Families returns the metrics of the requests, as they were at one instant.
func (o *Observer) Families() []*dto.MetricFamily {
	o.mu.Lock()
	defer o.mu.Unlock()
	node := Label("node", o.Node)
	requests := Family("http_requests_total", "Requests by endpoint and class of status.", dto.MetricType_COUNTER)
	durations := Family("http_request_duration_seconds", "Time from a request's arrival to its answer.", dto.MetricType_HISTOGRAM)
	for name, e := range o.endpoints {
		for class, n := range e.class {
			if n == 0 && class != 2 && class != 5 {
				continue // 2xx and 5xx are there from the start, as rates need them
			}
			requests.Metric = append(requests.Metric, &dto.Metric{
				Label:   []*dto.LabelPair{node, Label("endpoint", name), Label("class", className(class))},
				Counter: &dto.Counter{Value: new(float64(n))},
			})
		}
		durations.Metric = append(durations.Metric, &dto.Metric{
			Label: []*dto.LabelPair{node, Label("endpoint", name)}, Histogram: e.histogram(),
		})
	}
	return Merge([]*dto.MetricFamily{
		requests, durations,
		Gauge("http_requests_in_flight", "Requests under way now.", float64(o.counts.InFlight), node),
	})
}

// Gauge returns a metric that goes up and down. Its name is without Prefix.
func Gauge(name, help string, value float64, labels ...*dto.LabelPair) *dto.MetricFamily {
	f := Family(name, help, dto.MetricType_GAUGE)
	f.Metric = []*dto.Metric{{Label: labels, Gauge: &dto.Gauge{Value: new(value)}}}
	return f
}

// Counter returns a metric that only goes up. Its name is without Prefix.
func Counter(name, help string, value float64, labels ...*dto.LabelPair) *dto.MetricFamily {
	f := Family(name, help, dto.MetricType_COUNTER)
	f.Metric = []*dto.Metric{{Label: labels, Counter: &dto.Counter{Value: new(value)}}}
	return f
}

// Family returns a family without metrics. Its name is without Prefix.
func Family(name, help string, kind dto.MetricType) *dto.MetricFamily {
	return &dto.MetricFamily{Name: new(Prefix + name), Help: new(help), Type: new(kind)}
}

// Label returns a label of a metric.
func Label(name, value string) *dto.LabelPair {
	return &dto.LabelPair{Name: new(name), Value: new(value)}
}

// Merge returns the families of all pages, those of one name as one, in the order of
// their names and labels, none without a metric. The pages stay as they are, and share
// their metrics with the result. Of two metrics with the same name and labels the first
// is kept, and a family of another type than the first of its name is left out: a page
// that has both cannot be read.
func Merge(pages ...[]*dto.MetricFamily) []*dto.MetricFamily {
	merged := make(map[string]*dto.MetricFamily)
	for _, page := range pages {
		for _, f := range page {
			into := merged[f.GetName()]
			if into == nil {
				into = &dto.MetricFamily{Name: f.Name, Help: f.Help, Type: f.Type, Unit: f.Unit}
				merged[f.GetName()] = into
			}
			if into.GetType() == f.GetType() {
				into.Metric = append(into.Metric, f.Metric...)
			}
		}
	}
	families := make([]*dto.MetricFamily, 0, len(merged))
	for _, f := range merged {
		if len(f.Metric) == 0 {
			continue
		}
		slices.SortStableFunc(f.Metric, compare)
		f.Metric = slices.CompactFunc(f.Metric, func(a, b *dto.Metric) bool { return compare(a, b) == 0 })
		families = append(families, f)
	}
	slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return families
}

// compare orders metrics by their labels.
func compare(a, b *dto.Metric) int {
	return slices.CompareFunc(a.GetLabel(), b.GetLabel(), func(x, y *dto.LabelPair) int {
		return cmp.Or(cmp.Compare(x.GetName(), y.GetName()), cmp.Compare(x.GetValue(), y.GetValue()))
	})
}
