package measure

import (
	"encoding/json"
	"time"
)

// The JSON form of a health: durations in seconds, what is unknown left out.
type healthJSON struct {
	CPU       *cpuJSON     `json:"cpu,omitempty"`
	Throttled *float64     `json:"throttled_seconds,omitempty"`
	RunQueue  *float64     `json:"run_queue_delay_seconds,omitempty"`
	Stolen    *float64     `json:"stolen_seconds,omitempty"`
	GC        *pausesJSON  `json:"gc,omitempty"`
	Heap      int64        `json:"heap_bytes"`
	Resident  *int64       `json:"resident_bytes,omitempty"`
	Files     *filesJSON   `json:"fds,omitempty"`
	Sockets   *socketsJSON `json:"sockets,omitempty"`
	ClockStep float64      `json:"clock_step_seconds,omitempty"`
}

type cpuJSON struct {
	Used    float64  `json:"used_seconds"`
	Allowed float64  `json:"allowed_seconds"`
	Limit   CPULimit `json:"limit"`
}

type pausesJSON struct {
	Count   int64   `json:"pauses"`
	Total   float64 `json:"total_seconds"`
	Longest float64 `json:"longest_seconds"`
}

type filesJSON struct {
	Open  int64 `json:"open"`
	Limit int64 `json:"limit"`
}

type socketsJSON struct {
	TimeWait int64 `json:"time_wait"`
	Ports    int64 `json:"ports"`
}

// MarshalJSON writes what is known.
func (h *Health) MarshalJSON() ([]byte, error) {
	out := healthJSON{
		Throttled: toSeconds(h.Throttled), RunQueue: toSeconds(h.RunQueue), Stolen: toSeconds(h.Stolen),
		Heap: h.Heap, Resident: h.Resident,
		Files: (*filesJSON)(h.Files), Sockets: (*socketsJSON)(h.Sockets), ClockStep: h.ClockStep.Seconds(),
	}
	if h.CPU != nil {
		out.CPU = &cpuJSON{h.CPU.Used.Seconds(), h.CPU.Allowed.Seconds(), h.CPU.Limit}
	}
	if h.GC != (Pauses{}) {
		out.GC = &pausesJSON{h.GC.Count, h.GC.Total.Seconds(), h.GC.Longest.Seconds()}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (h *Health) UnmarshalJSON(data []byte) error {
	var in healthJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*h = Health{
		Throttled: fromSeconds(in.Throttled), RunQueue: fromSeconds(in.RunQueue), Stolen: fromSeconds(in.Stolen),
		Heap: in.Heap, Resident: in.Resident,
		Files: (*Files)(in.Files), Sockets: (*Sockets)(in.Sockets), ClockStep: FromSeconds(in.ClockStep),
	}
	if in.CPU != nil {
		h.CPU = &CPU{FromSeconds(in.CPU.Used), FromSeconds(in.CPU.Allowed), in.CPU.Limit}
	}
	if in.GC != nil {
		h.GC = Pauses{in.GC.Count, FromSeconds(in.GC.Total), FromSeconds(in.GC.Longest)}
	}
	return nil
}

// toSeconds and fromSeconds keep what is unknown unknown.
func toSeconds(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	return new(d.Seconds())
}

func fromSeconds(s *float64) *time.Duration {
	if s == nil {
		return nil
	}
	return new(FromSeconds(*s))
}
