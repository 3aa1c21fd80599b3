package report

import (
	"maps"
	"slices"

	"github.com/floodmark/floodmark/alert"
)

// maxAlerts bounds how many changes, notices and deliveries each a report holds. The
// events of a saved run have them all.
const maxAlerts = 1000

// Alerts is what happened to the alerts of a run, and what people were told of it. The
// zero value is a run without.
type Alerts struct {
	Changes    []Change
	Notices    []alert.Notice
	Deliveries []Delivery
	Omitted    int // changes, notices and deliveries beyond the first thousand of each

	Undelivered int  // notices that a receiver was not told of, one for each receiver
	Required    bool // whether that fails the run
}

// A Change is an alert that changed its state. It is JSON as it stands.
type Change struct {
	SLO     string            `json:"slo"`
	Rule    string            `json:"rule"`
	Labels  map[string]string `json:"labels,omitempty"`
	From    alert.State       `json:"from"`
	State   alert.State       `json:"state"`
	Reason  alert.Reason      `json:"reason"`
	At      float64           `json:"at_seconds"`
	Began   float64           `json:"began_seconds"`
	When    string            `json:"when"`
	Unit    string            `json:"unit"`
	Value   float64           `json:"value"`
	Least   bool              `json:"or_more,omitempty"`
	Limit   float64           `json:"limit"`
	Worst   float64           `json:"worst"`
	Events  int64             `json:"events"`
	Bad     *int64            `json:"bad"` // null if the rule is about no share of requests
	Budget  *float64          `json:"budget_used"`
	Flaps   int               `json:"flaps,omitempty"`
	Notice  string            `json:"notice,omitempty"` // the id of what people were told of it
	Outcome map[string]bool   `json:"delivered,omitempty"`
}

// ChangeOf writes a transition down.
func ChangeOf(t alert.Transition) Change {
	c := Change{
		SLO: t.Rule.SLO, Rule: t.Rule.Name, From: t.From, State: t.To, Reason: t.Why,
		At: t.At.Seconds(), Began: t.Began.Seconds(), When: t.Rule.When.String(), Unit: t.Rule.When.Unit(),
		Value: finite(t.Value), Least: t.Least, Limit: t.Rule.When.Limit, Worst: finite(t.Worst), Events: t.Events, Flaps: t.Flaps,
	}
	c.Labels = LabelsOf(t.Labels)
	if t.Bad >= 0 {
		c.Bad = &t.Bad
	}
	if t.Budget >= 0 {
		c.Budget = &t.Budget
	}
	return c
}

// LabelsOf returns labels as JSON has them, nil if there are none.
func LabelsOf(labels []alert.Label) map[string]string {
	if len(labels) == 0 {
		return nil
	}
	out := make(map[string]string, len(labels))
	for _, l := range labels {
		out[l.Name] = l.Value
	}
	return out
}

// IsOf reports whether the change is one of an alert: a rule of an SLO, with its labels.
func (c *Change) IsOf(slo, rule string, labels []alert.Label) bool {
	return c.SLO == slo && c.Rule == rule && maps.Equal(c.Labels, LabelsOf(labels))
}

// A Delivery is one attempt to tell a receiver. It is JSON as it stands.
type Delivery struct {
	Receiver string        `json:"receiver"`
	Message  string        `json:"message"` // its id, the same for every attempt
	Notices  []string      `json:"notices"` // their ids
	At       float64       `json:"at_seconds"`
	Attempt  int           `json:"attempt"`
	Outcome  alert.Outcome `json:"outcome"`
	Status   int           `json:"status,omitempty"`
	Detail   string        `json:"detail,omitempty"`
	Took     float64       `json:"took_seconds"`
}

// AddChange adds a change.
func (a *Alerts) AddChange(c Change) { a.Omitted += add(&a.Changes, c) }

// AddNotice adds what people are told.
func (a *Alerts) AddNotice(n alert.Notice) { a.Omitted += add(&a.Notices, n) }

// AddDelivery adds an attempt.
func (a *Alerts) AddDelivery(d Delivery) { a.Omitted += add(&a.Deliveries, d) }

// add appends as long as there is room, and returns how many are left out.
func add[T any](to *[]T, item T) (omitted int) {
	if len(*to) >= maxAlerts {
		return 1
	}
	*to = append(*to, item)
	return 0
}

// Delivered returns which receivers have been told of a notice.
func (a *Alerts) Delivered(n *alert.Notice) map[string]bool {
	out := map[string]bool{}
	for _, receiver := range n.Receivers {
		out[receiver] = false
	}
	for i := range a.Deliveries {
		if d := &a.Deliveries[i]; d.Outcome.OK() && slices.Contains(d.Notices, n.ID) {
			out[d.Receiver] = true
		}
	}
	return out
}

// Unheard counts the notices that a receiver has not been told of, as far as the
// deliveries tell.
func (a *Alerts) Unheard() int {
	n := 0
	for i := range a.Notices {
		for _, ok := range a.Delivered(&a.Notices[i]) {
			if !ok {
				n++
			}
		}
	}
	return n
}
