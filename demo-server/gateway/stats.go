package gateway

import "github.com/floodmark/floodmark/demo-server/tally"

// An outcome is what became of a request.
type outcome int

const (
	malformed outcome = iota
	unrouted
	unauthorised
	forbidden
	unverifiable
	limited
	cached

	// From here on the upstream was asked.
	answered
	badGateway
	gatewayTimeout
	tooLarge
	gone
	aborted
)

// forwarded reports whether the upstream was asked.
func (o outcome) forwarded() bool { return o >= answered }

// String returns the outcome's name, for the log.
func (o outcome) String() string {
	return [...]string{
		"malformed", "unrouted", "unauthorised", "forbidden", "unverifiable", "limited", "cached",
		"answered", "bad gateway", "gateway timeout", "too large", "gone", "aborted",
	}[o]
}

// statsOf turns counts into statistics.
func statsOf(counts tally.Counts[outcome]) Stats {
	ended := counts.Ended
	s := Stats{
		Requests: counts.Begun(), InFlight: counts.InFlight, Malformed: ended[malformed], Unrouted: ended[unrouted],
		Unauthorised: ended[unauthorised], Forbidden: ended[forbidden], Unverifiable: ended[unverifiable],
		Limited: ended[limited], Cached: ended[cached],
		Answered: ended[answered], BadGateway: ended[badGateway], GatewayTimeout: ended[gatewayTimeout],
		TooLarge: ended[tooLarge], Gone: ended[gone], Aborted: ended[aborted],
	}
	for o, n := range ended {
		if o.forwarded() {
			s.Forwarded += n
		}
	}
	return s
}

// Stats is what a gateway says about itself. At every moment
//
//	Requests  = InFlight + Malformed + Unrouted + Unauthorised + Forbidden + Unverifiable + Limited + Cached + Forwarded
//	Forwarded = Answered + BadGateway + GatewayTimeout + TooLarge + Gone + Aborted
//
// and of all requests that ended, the upstreams have heard of the Forwarded ones alone.
type Stats struct {
	Requests uint64 `json:"requests"`
	InFlight uint64 `json:"in_flight"`

	Malformed    uint64 `json:"malformed"`    // 400, 413, 431: a path or a size that is not accepted
	Unrouted     uint64 `json:"unrouted"`     // 404, 405
	Unauthorised uint64 `json:"unauthorised"` // 401
	Forbidden    uint64 `json:"forbidden"`    // 403
	Unverifiable uint64 `json:"unverifiable"` // 503: the keys to check tokens with cannot be had
	Limited      uint64 `json:"limited"`      // answered by the rate limiter
	Cached       uint64 `json:"cached"`       // answered by the cache
	Forwarded    uint64 `json:"forwarded"`

	Answered       uint64 `json:"answered"`        // with whatever status the upstream gave
	BadGateway     uint64 `json:"bad_gateway"`     // 502: no answer, or none that can be passed on
	GatewayTimeout uint64 `json:"gateway_timeout"` // 504
	TooLarge       uint64 `json:"too_large"`       // 413: a body that outgrew its limit on the way
	Gone           uint64 `json:"gone"`            // the client left before there was an answer
	Aborted        uint64 `json:"aborted"`         // the answer broke off: the client left, or the upstream did

	CacheEntries int `json:"cache_entries"` // now
	CacheBytes   int `json:"cache_bytes"`   // now
}
