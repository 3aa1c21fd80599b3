package limit

import "encoding/json"

// Stats is what a limiter says about itself. Every request is in exactly one of the
// counters from InFlight to Unavailable, so that they add up to Requests at any moment.
type Stats struct {
	Policy   Policy
	Requests uint64

	InFlight    uint64 // being decided, or waiting in the leaky bucket's queue
	Admitted    uint64 // passed on
	Refused     uint64 // answered 429
	Abandoned   uint64 // ended by the client, or by the server's end, while in flight
	Unchecked   uint64 // passed on undecided, since the store failed
	Unavailable uint64 // answered 503, since the store failed

	Waiting uint64 // of those in flight, how many are in the leaky bucket's queue
	Store   StoreStats
}

// StoreStats is what a store says about itself, to whomever shares it.
type StoreStats struct {
	Kind      string // memory or redis
	Decisions uint64 // admitted or refused
	Errors    uint64 // requests that it could not decide about
	Keys      int    // held now; -1: not known here
	Evicted   uint64 // keys forgotten before they were idle, for want of room
}

// MarshalJSON leaves out what is not known.
func (s StoreStats) MarshalJSON() ([]byte, error) {
	var keys *int
	if s.Keys >= 0 {
		keys = &s.Keys
	}
	return json.Marshal(struct {
		Kind      string `json:"kind"`
		Decisions uint64 `json:"decisions"`
		Errors    uint64 `json:"errors"`
		Keys      *int   `json:"keys,omitempty"`
		Evicted   uint64 `json:"evicted"`
	}{s.Kind, s.Decisions, s.Errors, keys, s.Evicted})
}

// MarshalJSON writes the window in seconds.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name        string     `json:"policy"`
		Algorithm   Algorithm  `json:"algorithm"`
		Limit       int        `json:"limit"`
		Window      float64    `json:"window_seconds"`
		Burst       int        `json:"burst"`
		Requests    uint64     `json:"requests"`
		InFlight    uint64     `json:"in_flight"`
		Admitted    uint64     `json:"admitted"`
		Refused     uint64     `json:"refused"`
		Abandoned   uint64     `json:"abandoned"`
		Unchecked   uint64     `json:"unchecked"`
		Unavailable uint64     `json:"unavailable"`
		Waiting     uint64     `json:"waiting"`
		Store       StoreStats `json:"store"`
	}{
		s.Policy.Name, s.Policy.Algorithm, s.Policy.Limit, s.Policy.Window.Seconds(), s.Policy.Burst,
		s.Requests, s.InFlight, s.Admitted, s.Refused, s.Abandoned, s.Unchecked, s.Unavailable, s.Waiting, s.Store,
	})
}
