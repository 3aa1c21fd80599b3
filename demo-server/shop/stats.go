package shop

import "sync"

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
	outcomes // how many there are
)

// A tally counts requests. It has a lock rather than atomic counters so that its counts
// add up whenever they are read.
type tally struct {
	mu       sync.Mutex
	inFlight uint64
	ended    [outcomes]uint64
}

func (t *tally) arrived() {
	t.mu.Lock()
	t.inFlight++
	t.mu.Unlock()
}

func (t *tally) left(o outcome) {
	t.mu.Lock()
	t.inFlight--
	t.ended[o]++
	t.mu.Unlock()
}

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
	stats := s.tally.stats()
	stats.Orders = s.orders.snapshot()
	stats.Backlog = s.backlog.snapshot()
	stats.Sessions = s.sessions.snapshot()
	return stats
}

func (t *tally) stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Stats{
		InFlight: t.inFlight, Requests: t.inFlight,
		Answered: t.ended[answeredWell], Denied: t.ended[denied], Declined: t.ended[declined],
		Missing: t.ended[missing], Invalid: t.ended[refusedInvalid], Refused: t.ended[refused],
		Unavailable: t.ended[unavailable], Failed: t.ended[failed], Cancelled: t.ended[cancelled],
	}
	for _, n := range t.ended {
		s.Requests += n
	}
	return s
}
