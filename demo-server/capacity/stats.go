package capacity

import (
	"encoding/json"
	"time"
)

// Stats is what a machine says about itself.
type Stats struct {
	Slots, Places int     // how much it has
	Speed         float64 // of new jobs, beside a machine of speed 1
	Busy, Waiting int     // how much of that is taken now
	Frozen        bool    // whether nothing leaves now

	Admitted  uint64 // jobs given a slot, at once or after waiting
	Refused   uint64 // jobs turned away with ErrFull
	Cancelled uint64 // admitted jobs nobody waited for to the end

	Worked time.Duration // slot time used; Slots times Uptime would be all of it
	Uptime time.Duration
	Lag    Lag
}

// Utilisation returns the share of slot time used since the start, 0 to 1.
func (s Stats) Utilisation() float64 {
	if s.Slots == 0 || s.Uptime <= 0 {
		return 0
	}
	return s.Worked.Seconds() / (float64(s.Slots) * s.Uptime.Seconds())
}

// MarshalJSON writes the times in seconds.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Slots       int     `json:"slots"`
		Places      int     `json:"places"`
		Speed       float64 `json:"speed"`
		Busy        int     `json:"busy"`
		Waiting     int     `json:"waiting"`
		Frozen      bool    `json:"frozen"`
		Admitted    uint64  `json:"admitted"`
		Refused     uint64  `json:"refused"`
		Cancelled   uint64  `json:"cancelled"`
		Worked      float64 `json:"worked_seconds"`
		Uptime      float64 `json:"uptime_seconds"`
		Utilisation float64 `json:"utilisation"`
		Lag         Lag     `json:"model_lag"`
	}{
		s.Slots, s.Places, s.Speed, s.Busy, s.Waiting, s.Frozen, s.Admitted, s.Refused, s.Cancelled,
		s.Worked.Seconds(), s.Uptime.Seconds(), s.Utilisation(), s.Lag,
	})
}
