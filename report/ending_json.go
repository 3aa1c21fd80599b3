package report

import (
	"encoding/json"

	"github.com/floodmark/floodmark/measure"
)

// The JSON form of an ending, the last line of a saved run that ended. Whether
// a run is incomplete and where it is kept is for its reader to say.
type endingJSON struct {
	Elapsed       float64  `json:"elapsed_seconds"`
	Paced         float64  `json:"paced_seconds,omitempty"`
	Interrupted   bool     `json:"interrupted,omitempty"`
	Signal        int      `json:"signal,omitempty"`
	StoppedBy     string   `json:"stopped_by,omitempty"`
	Aborted       string   `json:"aborted,omitempty"`
	LostIntervals int      `json:"lost_intervals,omitempty"`
	Undelivered   int      `json:"undelivered,omitempty"`
	Required      bool     `json:"delivery_required,omitempty"`
	Interactive   bool     `json:"allow_interactive,omitempty"`
	Warnings      []string `json:"warnings,omitempty"`
}

// MarshalJSON writes everything but Incomplete, SavedAs, and what has events of its own:
// alerts, marks, and changes by hand.
func (e Ending) MarshalJSON() ([]byte, error) {
	return json.Marshal(endingJSON{
		e.Elapsed.Seconds(), e.Paced.Seconds(), e.Interrupted, e.Signal, e.StoppedBy, e.Aborted, e.LostIntervals,
		e.Alerts.Undelivered, e.Alerts.Required, e.Interactive, e.Warnings,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Ending) UnmarshalJSON(data []byte) error {
	var in endingJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*e = Ending{
		Elapsed: measure.FromSeconds(in.Elapsed), Paced: measure.FromSeconds(in.Paced), Interrupted: in.Interrupted, Signal: in.Signal, StoppedBy: in.StoppedBy, Aborted: in.Aborted,
		LostIntervals: in.LostIntervals, Alerts: Alerts{Undelivered: in.Undelivered, Required: in.Required},
		Interactive: in.Interactive, Warnings: in.Warnings,
	}
	return nil
}
