package limit

import (
	"encoding/json"
	"net/http"
)

// An outcome is what becomes of a request.
type outcome int

const (
	admitted outcome = iota
	refused
	abandoned
	unchecked
	unavailable
)

// passes reports whether the request is passed on.
func (o outcome) passes() bool { return o == admitted || o == unchecked }

// counter returns where the outcome is counted.
func (o outcome) counter(s *Stats) *uint64 {
	switch o {
	case refused:
		return &s.Refused
	case abandoned:
		return &s.Abandoned
	case unchecked:
		return &s.Unchecked
	case unavailable:
		return &s.Unavailable
	default:
		return &s.Admitted
	}
}

// answer answers a request that does not pass. One that was abandoned is answered, too:
// where the server ends, its client is still there.
func (o outcome) answer(w http.ResponseWriter) {
	status, text := http.StatusServiceUnavailable, "the rate limit cannot be checked now"
	switch o {
	case refused:
		status, text = http.StatusTooManyRequests, "too many requests: the rate limit is reached"
	case abandoned:
		text = "the request was given up while it waited for the rate limit"
	default:
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct { // a client that is gone is told nothing
		Error string `json:"error"`
	}{text})
}
