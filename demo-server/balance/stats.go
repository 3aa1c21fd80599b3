package balance

import (
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// Stats is what a balancer has done so far, as of one moment. Of a balancer of connections,
// read "connection" for "request".
//
// Every request is in exactly one place: Requests = Answered + Broken + Failed +
// Unavailable + Cancelled + InFlight. And every attempt belongs to a backend: the Attempts
// of all Backends and of Gone are Requests - Unavailable + Retries.
type Stats struct {
	Algorithm pick.Algorithm `json:"algorithm"`

	Requests    uint64 `json:"requests"`
	Answered    uint64 `json:"answered"`    // to the end, with any status
	Broken      uint64 `json:"broken"`      // the answer began, and the backend did not end it
	Failed      uint64 `json:"failed"`      // no backend that was tried answered: 502 or 504
	Unavailable uint64 `json:"unavailable"` // no backend was there: 503
	Cancelled   uint64 `json:"cancelled"`   // the client went away
	InFlight    int    `json:"in_flight"`

	Retries       uint64 `json:"retries"`        // attempts after the first
	RetriesDenied uint64 `json:"retries_denied"` // not made, for want of budget

	Sessions Sessions `json:"sessions"`

	Backends []BackendStats `json:"backends"` // in the order they were added, and then those that are leaving
	Gone     Counts         `json:"gone"`     // of all that have been removed
}

// Sessions counts what sticky sessions did, one by one request.
type Sessions struct {
	Begun uint64 `json:"begun"` // requests without a cookie
	Kept  uint64 `json:"kept"`  // sent to the backend of their cookie
	Moved uint64 `json:"moved"` // sent elsewhere, as that could not take them
}

// Counts is what happened to a backend. Attempts = Answered + Broken + Failed + Cancelled,
// and those in flight.
type Counts struct {
	Attempts     uint64 `json:"attempts"`
	Answered     uint64 `json:"answered"`
	ServerErrors uint64 `json:"server_errors"` // those of Answered with a status of 500 or above
	Broken       uint64 `json:"broken"`
	Failed       uint64 `json:"failed"`
	Cancelled    uint64 `json:"cancelled"`
	RetriedFrom  uint64 `json:"retried_from"` // those of Failed that went on to another backend
	RetriedTo    uint64 `json:"retried_to"`   // those of Attempts that came from another backend

	Ejections    uint64 `json:"ejections"`
	FailedChecks uint64 `json:"failed_checks"`
	Checks       uint64 `json:"checks"`
}

// add adds other to the counts.
func (c *Counts) add(other Counts) {
	c.Attempts += other.Attempts
	c.Answered += other.Answered
	c.ServerErrors += other.ServerErrors
	c.Broken += other.Broken
	c.Failed += other.Failed
	c.Cancelled += other.Cancelled
	c.RetriedFrom += other.RetriedFrom
	c.RetriedTo += other.RetriedTo
	c.Ejections += other.Ejections
	c.FailedChecks += other.FailedChecks
	c.Checks += other.Checks
}

// A State is whether a backend gets requests, and if not, why.
type State string

// The states of a backend. Only one that is healthy gets requests.
const (
	Healthy   State = "healthy"
	Checking  State = "checking"  // it was added, and has not passed its first check
	Unhealthy State = "unhealthy" // checks say so
	Ejected   State = "ejected"   // requests failed there, for now
	Draining  State = "draining"  // it ends what it has, and is then gone
)

// BackendStats is how a backend is.
type BackendStats struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Weight  int    `json:"weight"`
	State   State  `json:"state"`
	// Ramp is the part of its share that it gets now, below 1 while it starts slowly.
	Ramp float64 `json:"ramp"`
	// Utilisation is what it reported last; -1: nothing, or too long ago.
	Utilisation float64 `json:"utilisation"`
	CheckError  string  `json:"check_error,omitempty"` // of the last check, if that failed

	InFlight int `json:"in_flight"`
	Counts
	Latency Latency `json:"latency"`
}
