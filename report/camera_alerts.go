package report

import (
	"cmp"
	"slices"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
)

// alertViews follows alerts and what became of their latest notices. Its zero value is
// ready.
type alertViews struct {
	all []*AlertView // those that changed last at the end
	of  map[string]*AlertView
}

// change notes how an alert stands.
func (a *alertViews) change(c *Change) {
	name := short(c.name())
	i := slices.IndexFunc(a.all, func(v *AlertView) bool { return v.Name == name })
	v := &AlertView{Name: name}
	if i >= 0 {
		v = a.all[i]
		a.all = slices.Delete(a.all, i, i+1)
	}
	switch {
	case c.State == alert.Inactive && !c.From.Active():
		return // nobody was told, and nobody needs to know
	case c.State == alert.Pending:
		v.Told = nil
	}
	v.State, v.When, v.Unit, v.Value, v.Limit = string(c.State), short(c.When), c.Unit, c.Value, c.Limit
	v.Worst, v.Began, v.At = c.Worst, micro(c.Began), micro(c.At)
	a.all = push(a.all, v, 2*maxViews)
}

// micro rounds an instant as those of events are: the same moment is the same number.
func micro(seconds float64) float64 { return rounded(measure.FromSeconds(seconds)) }

// AddNotice notes that people are told.
func (c *Camera) AddNotice(n *alert.Notice) {
	like := Change{SLO: n.SLO, Rule: n.Rule, Labels: LabelsOf(n.Labels)}
	a := &c.alerts
	i := slices.IndexFunc(a.all, func(v *AlertView) bool { return v.Name == short(like.name()) })
	if i < 0 {
		return
	}
	v := a.all[i]
	v.Told = nil
	for _, receiver := range n.Receivers {
		v.Told = append(v.Told, ToldView{Receiver: short(receiver)})
	}
	for id, other := range a.of { // an attempt for an earlier notice says nothing of this one
		if other == v {
			delete(a.of, id)
		}
	}
	if a.of == nil {
		a.of = map[string]*AlertView{}
	}
	a.of[n.ID] = v
}

// AddDelivery notes an attempt to tell a receiver. Those that failed are events.
func (c *Camera) AddDelivery(d *Delivery) {
	for _, id := range d.Notices {
		v := c.alerts.of[id]
		if v == nil {
			continue
		}
		v.Told = slices.Clone(v.Told) // a snapshot may have it
		for i := range v.Told {
			if v.Told[i].Receiver == short(d.Receiver) {
				v.Told[i].Outcome, v.Told[i].Attempts = string(d.Outcome), d.Attempt
			}
		}
	}
	if !d.Outcome.OK() {
		c.Note(measure.FromSeconds(d.At), EventDelivery, d.Receiver+": "+string(d.Outcome)+" "+d.Detail)
	}
}

// views returns the alerts, active ones first, the latest change first.
func (a *alertViews) views() []AlertView {
	out := make([]AlertView, 0, len(a.all))
	for _, v := range slices.Backward(a.all) {
		out = append(out, *v)
	}
	rank := func(v AlertView) int {
		return slices.Index([]string{"firing", "recovering", "pending", "inactive"}, v.State)
	}
	slices.SortStableFunc(out, func(a, b AlertView) int { return cmp.Compare(rank(a), rank(b)) })
	return out[:min(len(out), maxViews)]
}
