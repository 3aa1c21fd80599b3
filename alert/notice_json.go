package alert

import (
	"encoding/json"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// noticeJSON is the JSON form of a notice. Durations are in seconds.
type noticeJSON struct {
	ID        string      `json:"id"`
	Key       string      `json:"key"`
	Kind      Kind        `json:"kind"`
	Receivers []string    `json:"receivers,omitempty"`
	SLO       string      `json:"slo"`
	Rule      string      `json:"rule"`
	Labels    [][2]string `json:"labels,omitempty"`
	Severity  string      `json:"severity,omitempty"`
	Objective string      `json:"objective"`
	When      string      `json:"when"`
	Resolve   string      `json:"resolve"`
	Metric    string      `json:"metric"`
	Window    string      `json:"window"`
	Unit      string      `json:"unit"`
	Value     float64     `json:"value"`
	Least     bool        `json:"or_more,omitempty"`
	Limit     float64     `json:"limit"`
	Worst     float64     `json:"worst"`
	Events    int64       `json:"events"`
	Bad       *int64      `json:"bad"`
	Budget    *float64    `json:"budget_used"`
	Why       Reason      `json:"reason"`
	Flaps     int         `json:"flaps,omitempty"`
	Began     float64     `json:"began_seconds"`
	At        float64     `json:"at_seconds"`
	StartsAt  time.Time   `json:"starts_at"`
	EndsAt    *time.Time  `json:"ends_at,omitempty"`
	Sample    string      `json:"sample,omitempty"`
}

// MarshalJSON writes the notice; what is unknown is null.
func (n Notice) MarshalJSON() ([]byte, error) {
	out := noticeJSON{
		ID: n.ID, Key: n.Key, Kind: n.Kind, Receivers: n.Receivers, SLO: n.SLO, Rule: n.Rule, Severity: n.Severity,
		Objective: n.Objective, When: n.When, Resolve: n.Resolve, Metric: n.Metric, Window: n.Window, Unit: n.Unit,
		Value: n.Value, Least: n.Least, Limit: n.Limit, Worst: n.Worst, Events: n.Events, Why: n.Why, Flaps: n.Flaps,
		Began: n.Began.Seconds(), At: n.At.Seconds(), StartsAt: n.StartsAt, Sample: n.Sample,
	}
	for _, l := range n.Labels {
		out.Labels = append(out.Labels, [2]string{l.Name, l.Value})
	}
	if n.Bad >= 0 {
		out.Bad = &n.Bad
	}
	if n.Budget >= 0 {
		out.Budget = &n.Budget
	}
	if !n.EndsAt.IsZero() {
		out.EndsAt = &n.EndsAt
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (n *Notice) UnmarshalJSON(data []byte) error {
	var in noticeJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*n = Notice{
		ID: in.ID, Key: in.Key, Kind: in.Kind, Receivers: in.Receivers, SLO: in.SLO, Rule: in.Rule, Severity: in.Severity,
		Objective: in.Objective, When: in.When, Resolve: in.Resolve, Metric: in.Metric, Window: in.Window, Unit: in.Unit,
		Value: in.Value, Least: in.Least, Limit: in.Limit, Worst: in.Worst, Events: in.Events, Why: in.Why, Flaps: in.Flaps,
		Began: measure.FromSeconds(in.Began), At: measure.FromSeconds(in.At), StartsAt: in.StartsAt, Sample: in.Sample, Bad: -1, Budget: -1,
	}
	for _, l := range in.Labels {
		n.Labels = append(n.Labels, Label{l[0], l[1]})
	}
	if in.Bad != nil {
		n.Bad = *in.Bad
	}
	if in.Budget != nil {
		n.Budget = *in.Budget
	}
	if in.EndsAt != nil {
		n.EndsAt = *in.EndsAt
	}
	return nil
}
