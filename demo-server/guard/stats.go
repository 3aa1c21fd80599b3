package guard

import (
	"encoding/json"
	"time"

	"github.com/floodmark/floodmark/demo-server/tally"
)

// An outcome is how a call ended.
type outcome int

const (
	succeeded outcome = iota
	failed
	timedOut
	shortCircuited
	bulkheadFull
	cancelled
)

// statsOf turns counts into statistics.
func statsOf(counts tally.Counts[outcome], fellBack uint64) Stats {
	ended := counts.Ended
	return Stats{
		Calls:          counts.Begun(),
		InFlight:       counts.InFlight,
		Succeeded:      ended[succeeded],
		Failed:         ended[failed],
		TimedOut:       ended[timedOut],
		ShortCircuited: ended[shortCircuited],
		BulkheadFull:   ended[bulkheadFull],
		Cancelled:      ended[cancelled],
		FellBack:       fellBack,
	}
}

// Stats is what a guard says about itself. At every moment
//
//	Calls = InFlight + Succeeded + Failed + TimedOut + ShortCircuited + BulkheadFull + Cancelled
//
// and FellBack of those that failed, timed out or were refused were answered by a
// fallback all the same, so that callers saw Succeeded + FellBack good answers.
type Stats struct {
	Calls, InFlight uint64

	Succeeded      uint64 // the dependency answered, be it with an error that is no failure
	Failed         uint64 // with an error, or a panic
	TimedOut       uint64 // by the call timeout or by the caller's deadline
	ShortCircuited uint64 // not made: the breaker was open, or half-open with its probes out
	BulkheadFull   uint64 // not made: too many were under way
	Cancelled      uint64 // given up by the caller; says nothing about the dependency

	FellBack uint64

	State    State
	InState  time.Duration // since the last change
	ProbesIn time.Duration // what is left of an open breaker's timeout
	Opened   uint64        // how often it opened
}

// MarshalJSON writes the times in seconds.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Calls          uint64  `json:"calls"`
		InFlight       uint64  `json:"in_flight"`
		Succeeded      uint64  `json:"succeeded"`
		Failed         uint64  `json:"failed"`
		TimedOut       uint64  `json:"timed_out"`
		ShortCircuited uint64  `json:"short_circuited"`
		BulkheadFull   uint64  `json:"bulkhead_full"`
		Cancelled      uint64  `json:"cancelled"`
		FellBack       uint64  `json:"fell_back"`
		State          string  `json:"state"`
		InState        float64 `json:"in_state_seconds"`
		ProbesIn       float64 `json:"probes_in_seconds"`
		Opened         uint64  `json:"opened"`
	}{
		s.Calls, s.InFlight, s.Succeeded, s.Failed, s.TimedOut, s.ShortCircuited, s.BulkheadFull, s.Cancelled,
		s.FellBack, s.State.String(), s.InState.Seconds(), s.ProbesIn.Seconds(), s.Opened,
	})
}
