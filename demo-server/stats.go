package demoserver

import (
	"encoding/json"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
)

// Stats is what a server says about itself.
type Stats struct {
	Uptime   time.Duration
	Requests uint64 // answered or given up, on the shop's port
	Faults   int    // that are on
	Machine  capacity.Stats
}

// MarshalJSON writes the time in seconds.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Uptime   float64        `json:"uptime_seconds"`
		Requests uint64         `json:"requests"`
		Faults   int            `json:"faults"`
		Machine  capacity.Stats `json:"machine"`
	}{s.Uptime.Seconds(), s.Requests, s.Faults, s.Machine})
}
