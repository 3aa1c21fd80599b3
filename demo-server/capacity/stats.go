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

// statsJSON is what Stats are in JSON.
type statsJSON struct {
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
}

// MarshalJSON writes the times in seconds.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(statsJSON{
		s.Slots, s.Places, s.Speed, s.Busy, s.Waiting, s.Frozen, s.Admitted, s.Refused, s.Cancelled,
		s.Worked.Seconds(), s.Uptime.Seconds(), s.Utilisation(), s.Lag,
	})
}

// UnmarshalJSON reads what MarshalJSON has written.
func (s *Stats) UnmarshalJSON(text []byte) error {
	var w statsJSON
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	*s = Stats{
		Slots: w.Slots, Places: w.Places, Speed: w.Speed, Busy: w.Busy, Waiting: w.Waiting, Frozen: w.Frozen,
		Admitted: w.Admitted, Refused: w.Refused, Cancelled: w.Cancelled,
		Worked: fromSeconds(w.Worked), Uptime: fromSeconds(w.Uptime), Lag: w.Lag,
	}
	return nil
}

func fromSeconds(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
