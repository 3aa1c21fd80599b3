package observe

import (
	"slices"
	"strconv"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// maxEndpoints bounds the metrics of one server; the requests of further endpoints, and
// those of none, are counted together as other.
const (
	maxEndpoints = 100
	other        = "other"
)

// classes counts the classes of outcomes: none, then 1xx to 5xx.
const classes = 6

// className returns the label of a class.
func className(class int) string {
	if class == 0 {
		return "none" // the client got no answer
	}
	return strconv.Itoa(class) + "xx"
}

// bounds are the upper bounds of the duration histogram, in seconds.
func bounds() []float64 {
	return []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
}

// An endpoint counts its requests. The Observer's lock guards it.
type endpoint struct {
	class   [classes]uint64
	bounds  []time.Duration
	buckets []uint64 // one more than bounds, for what is above all
	sum     time.Duration
}

// endpoint returns the counts under a name. The lock is held.
func (o *Observer) endpoint(name string) *endpoint {
	if name == "" {
		name = other
	}
	if found := o.endpoints[name]; found != nil {
		return found
	}
	if len(o.endpoints) >= maxEndpoints-1 && name != other { // one place is other's
		return o.endpoint(other)
	}
	if o.endpoints == nil {
		o.endpoints = make(map[string]*endpoint)
	}
	e := new(endpoint)
	for _, bound := range bounds() {
		e.bounds = append(e.bounds, time.Duration(bound*float64(time.Second)))
	}
	e.buckets = make([]uint64, len(e.bounds)+1)
	o.endpoints[name] = e
	return e
}

// observe counts one request.
func (e *endpoint) observe(class int, took time.Duration) {
	e.class[class]++
	bucket, _ := slices.BinarySearch(e.bounds, took)
	e.buckets[bucket]++
	e.sum += took
}

// histogram returns the durations for a page.
func (e *endpoint) histogram() *dto.Histogram {
	h := &dto.Histogram{SampleSum: new(e.sum.Seconds())}
	total := uint64(0)
	for i, bound := range bounds() {
		total += e.buckets[i]
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: new(bound), CumulativeCount: new(total)})
	}
	h.SampleCount = new(total + e.buckets[len(e.buckets)-1])
	return h
}
