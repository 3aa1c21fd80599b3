package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
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
		Value: finite(t.Value), Limit: t.Rule.When.Limit, Worst: finite(t.Worst), Events: t.Events, Flaps: t.Flaps,
	}
	for _, l := range t.Labels {
		if c.Labels == nil {
			c.Labels = map[string]string{}
		}
		c.Labels[l.Name] = l.Value
	}
	if t.Bad >= 0 {
		c.Bad = &t.Bad
	}
	if t.Budget >= 0 {
		c.Budget = &t.Budget
	}
	return c
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

// An episode is an alert from its firing to its end.
type episode struct {
	name         string
	began, ended time.Duration
	open         bool // it ended with the run
	last         Change
}

// episodes pairs the changes.
func (a *Alerts) episodes() []episode {
	var out []episode
	open := map[string]int{}
	for _, c := range a.Changes {
		name := c.name()
		switch {
		case c.State == alert.Firing && !c.From.Active():
			open[name] = len(out)
			out = append(out, episode{name: name, began: measure.FromSeconds(c.At), open: true, last: c})
		case c.State == alert.Inactive && c.From.Active():
			if i, ok := open[name]; ok {
				e := &out[i]
				e.ended, e.open, e.last = measure.FromSeconds(c.At), c.Reason == alert.RunEnded, c
				delete(open, name)
			}
		}
	}
	return out
}

// name says which alert it is.
func (c *Change) name() string {
	parts := []string{c.SLO, "/", c.Rule}
	for _, label := range slices.Sorted(maps.Keys(c.Labels)) {
		parts = append(parts, label+"="+c.Labels[label])
	}
	return strings.Join(parts, " ")
}

// words names the alerts that fired, for the verdict; "" if none did.
func (a *Alerts) words() string {
	const named = 2
	all := a.episodes()
	if len(all) == 0 {
		return ""
	}
	var parts []string
	for _, e := range all[:min(named, len(all))] {
		text := clean(e.name) + " at " + quantity.Instant(e.began)
		if !e.open {
			text += " for " + seconds(e.ended-e.began)
		}
		parts = append(parts, text)
	}
	rest := ""
	if len(all) > named {
		rest = fmt.Sprintf(" and %d more", len(all)-named)
	}
	return "alerts fired: " + strings.Join(parts, ", ") + rest
}

// alerts lists what fired, for how long, how bad it was and who was told.
func (p *page) alerts(s *Summary) {
	const shown = 10
	a := &s.Ending.Alerts
	all := a.episodes()
	for i, e := range all[:min(shown, len(all))] {
		label := ""
		if i == 0 {
			label = "alerts"
		}
		p.sentence(label, a.line(e))
	}
	if n := len(all) - shown; n > 0 {
		p.sentence("", fmt.Sprintf("and %s more", quantity.Count(int64(n))))
	}
	if a.Undelivered > 0 {
		p.sentence("warning", quantity.Plural(int64(a.Undelivered), "notice", "notices")+
			" not delivered; floodmark outbox list shows why, floodmark outbox flush tries again")
	}
	if len(all) > 0 || a.Undelivered > 0 {
		p.blank()
	}
}

// line tells of one episode.
func (a *Alerts) line(e episode) string {
	c := e.last
	text := fmt.Sprintf("▲ %s  %s", clean(e.name), quantity.Instant(e.began))
	switch {
	case e.open:
		text += " until the run ended"
	default:
		text += fmt.Sprintf(" to %s (%s)", quantity.Instant(e.ended), seconds(e.ended-e.began))
	}
	text += ", worst " + quantity.Value(c.Unit, c.Worst, 0)
	if c.Bad != nil {
		text += ", " + quantity.Plural(*c.Bad, "bad request", "bad requests")
	}
	if told := a.told(c); told != "" {
		text += ", " + told
	}
	return text
}

// told says who has heard of an alert.
func (a *Alerts) told(c Change) string {
	heard, deaf := map[string]bool{}, map[string]bool{}
	for i := range a.Notices {
		n := &a.Notices[i]
		if n.SLO != c.SLO || n.Rule != c.Rule || len(n.Labels) != len(c.Labels) {
			continue
		}
		if slices.ContainsFunc(n.Labels, func(l alert.Label) bool { return c.Labels[l.Name] != l.Value }) {
			continue
		}
		for receiver, ok := range a.Delivered(n) {
			if ok {
				heard[receiver] = true
			} else {
				deaf[receiver] = true
			}
		}
	}
	maps.DeleteFunc(heard, func(receiver string, _ bool) bool { return deaf[receiver] })
	var parts []string
	if len(heard) > 0 {
		parts = append(parts, "told "+strings.Join(slices.Sorted(maps.Keys(heard)), ", "))
	}
	if len(deaf) > 0 {
		parts = append(parts, "not all delivered to "+strings.Join(slices.Sorted(maps.Keys(deaf)), ", "))
	}
	return strings.Join(parts, ", ")
}
