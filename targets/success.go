package targets

import (
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A StatusRange is the HTTP status codes from Low to High, both included.
type StatusRange struct{ Low, High int }

// Success is the rule for what counts as good. The zero value takes every whole
// answer with a status of 200 to 399, however long it took.
type Success struct {
	Status     []StatusRange // an answer's status must be in one of them; none means 200-399
	MaxLatency time.Duration // and its response clock at most this; 0 means no limit
}

// Met reports whether a request that ended so succeeded. Latency is its response
// clock, from the intended start. Only an answer that came whole can succeed.
func (s Success) Met(status int, outcome measure.Outcome, latency time.Duration) bool {
	if outcome < measure.Status1xx || outcome > measure.Status5xx {
		return false
	}
	if s.MaxLatency > 0 && latency > s.MaxLatency {
		return false
	}
	if len(s.Status) == 0 {
		return status >= 200 && status <= 399
	}
	return slices.ContainsFunc(s.Status, func(r StatusRange) bool {
		return r.Low <= status && status <= r.High
	})
}
