package shop

import (
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// bounds are the upper bounds of the duration histogram, in seconds.
func bounds() []float64 {
	return []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
}

// classes counts the classes of outcomes: none, then 1xx to 5xx.
const classes = 6

// className returns the label of a class.
func className(class int) string {
	if class == 0 {
		return "none" // the client got no answer
	}
	return strconv.Itoa(class) + "xx"
}

// metrics counts the requests of each endpoint. The endpoints are all made before the
// first request, after which any number of goroutines may count at once.
type metrics struct{ endpoints []*counts }

// counts belongs to one endpoint.
type counts struct {
	name    string
	bounds  []time.Duration
	class   [classes]atomic.Uint64
	buckets []atomic.Uint64 // one more than bounds, for what is above all
	sum     atomic.Int64    // nanoseconds
}

// endpoint returns new counts under a name.
func (m *metrics) endpoint(name string) *counts {
	c := &counts{name: name}
	for _, bound := range bounds() {
		c.bounds = append(c.bounds, time.Duration(bound*float64(time.Second)))
	}
	c.buckets = make([]atomic.Uint64, len(c.bounds)+1)
	m.endpoints = append(m.endpoints, c)
	return c
}

// observe counts one request by its status, 0 for none.
func (c *counts) observe(status int, took time.Duration) {
	class := status / 100
	if class < 0 || class >= classes {
		class = 0
	}
	c.class[class].Add(1)
	bucket, _ := slices.BinarySearch(c.bounds, took)
	c.buckets[bucket].Add(1)
	c.sum.Add(int64(took))
}

// requests returns how many were counted.
func (m *metrics) requests() uint64 {
	total := uint64(0)
	for _, c := range m.endpoints {
		for class := range c.class {
			total += c.class[class].Load()
		}
	}
	return total
}
