package shop

import "github.com/floodmark/floodmark/demo-server/tally"

// An outcome is how a request ended.
type outcome int

const (
	answeredWell outcome = iota
	denied
	declined
	missing
	refusedInvalid
	refused
	unavailable
	failed
	cancelled
)

// Stats is what a shop says about itself. At every moment
//
//	Requests = InFlight + Answered + Denied + Declined + Missing + Invalid + Refused + Unavailable + Failed + Cancelled
//
// Requests for /healthz are not counted, nor those that the middleware answers itself.
type Stats struct {
	Requests    uint64 `json:"requests"`
	InFlight    uint64 `json:"in_flight"`
	Answered    uint64 `json:"answered"`    // 2xx and 3xx
	Denied      uint64 `json:"denied"`      // 401
	Declined    uint64 `json:"declined"`    // 402: the payment was
	Missing     uint64 `json:"missing"`     // 404
	Invalid     uint64 `json:"invalid"`     // every other 4xx
	Refused     uint64 `json:"refused"`     // 503: no worker was free, or the machine's queue was full
	Unavailable uint64 `json:"unavailable"` // 502, 503, 504: somebody whom the shop needs did not answer
	Failed      uint64 `json:"failed"`      // 500
	Cancelled   uint64 `json:"cancelled"`   // the client left before the answer

	Orders   OrderStats   `json:"orders"`
	Backlog  BacklogStats `json:"payment_queue"`
	Sessions SessionStats `json:"sessions"`
}

// Stats returns the shop's counts since the start.
func (s *Shop) Stats() Stats {
	stats := statsOf(s.tally.Read())
	stats.Orders = s.orders.snapshot()
	stats.Backlog = s.backlog.snapshot()
	stats.Sessions = s.sessions.snapshot()
	return stats
}

// statsOf turns counts into statistics.
func statsOf(counts tally.Counts[outcome]) Stats {
	ended := counts.Ended
	return Stats{
		Requests: counts.Begun(), InFlight: counts.InFlight,
		Answered: ended[answeredWell], Denied: ended[denied], Declined: ended[declined],
		Missing: ended[missing], Invalid: ended[refusedInvalid], Refused: ended[refused],
		Unavailable: ended[unavailable], Failed: ended[failed], Cancelled: ended[cancelled],
	}
}
