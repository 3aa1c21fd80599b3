package capacity

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/latency"
)

// lags counts how late answers were. The zero value is empty; any number of goroutines
// may use it at once.
type lags struct {
	mu    sync.Mutex
	times latency.Histogram
}

// observe counts one lag; a negative one counts as none.
func (l *lags) observe(lag time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times.Observe(lag)
}

// summary returns what was counted so far.
func (l *lags) summary() Lag {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Lag{Count: l.times.Count(), Mean: l.times.Mean(), P99: l.times.Percentile(99), Max: l.times.Max()}
}

// A Lag says how late a machine's answers were against its model: woke minus planned.
// A run whose P99 is not small against its service times has measured the host, not
// the modelled machine. P99 is at most a sixteenth too high; the others are exact.
type Lag struct {
	Count          uint64
	Mean, P99, Max time.Duration
}

// lagJSON is what a Lag is in JSON.
type lagJSON struct {
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean_seconds"`
	P99   float64 `json:"p99_seconds"`
	Max   float64 `json:"max_seconds"`
}

// MarshalJSON writes the times in seconds.
func (l Lag) MarshalJSON() ([]byte, error) {
	return json.Marshal(lagJSON{l.Count, l.Mean.Seconds(), l.P99.Seconds(), l.Max.Seconds()})
}

// UnmarshalJSON reads what MarshalJSON has written.
func (l *Lag) UnmarshalJSON(text []byte) error {
	var w lagJSON
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	*l = Lag{Count: w.Count, Mean: fromSeconds(w.Mean), P99: fromSeconds(w.P99), Max: fromSeconds(w.Max)}
	return nil
}
