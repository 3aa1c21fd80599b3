package balance

import (
	"encoding/json"
	"time"

	"github.com/floodmark/floodmark/demo-server/latency"
)

// summarize returns what was counted so far.
func summarize(times *latency.Histogram) Latency {
	return Latency{
		Count: times.Count(),
		Mean:  times.Mean(),
		P50:   times.Percentile(50),
		P95:   times.Percentile(95),
		P99:   times.Percentile(99),
		Max:   times.Max(),
	}
}

// A Latency says how long answered attempts took, from when they were begun until the
// answer's last byte (of a connection: until it ended). Percentiles are at most a sixteenth
// too high; the others are exact.
type Latency struct {
	Count                    uint64
	Mean, P50, P95, P99, Max time.Duration
}

// MarshalJSON writes the times in seconds.
func (l Latency) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Count uint64  `json:"count"`
		Mean  float64 `json:"mean_seconds"`
		P50   float64 `json:"p50_seconds"`
		P95   float64 `json:"p95_seconds"`
		P99   float64 `json:"p99_seconds"`
		Max   float64 `json:"max_seconds"`
	}{l.Count, l.Mean.Seconds(), l.P50.Seconds(), l.P95.Seconds(), l.P99.Seconds(), l.Max.Seconds()})
}
