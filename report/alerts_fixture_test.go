package report_test

import (
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// alerted is a run with a dip that people heard of, and slowness that lasted.
func alerted(t *testing.T) *scene {
	t.Helper()
	s := failed(t)
	a := &s.ending.Alerts
	dip := &alert.Rule{SLO: "availability", Name: "dip", When: when(t, "success < 80% over 30s")}
	slow := &alert.Rule{SLO: "latency", Name: "slow", When: when(t, "p99 > 500ms over 10s")}
	labels := []alert.Label{{Name: "endpoint", Value: "POST /pay\x1b[31m"}}
	change := func(r *alert.Rule, labels []alert.Label, from, to alert.State, why alert.Reason, at int, notice string) {
		c := report.ChangeOf(alert.Transition{
			Rule: r, Labels: labels, From: from, To: to, Why: why, At: time.Duration(at) * second, Began: 24 * second,
			Value: 0.713, Worst: 0.652, Events: 1504, Bad: 1204, Budget: 2.12,
		})
		c.Notice = notice
		if r == slow {
			c.Bad, c.Worst = nil, 1.25
		}
		a.AddChange(c)
	}
	notice := func(id string, kind alert.Kind, r *alert.Rule, labels []alert.Label, receivers ...string) {
		a.AddNotice(alert.Notice{
			ID: id, Key: "floodmark-" + r.Name, Kind: kind, SLO: r.SLO, Rule: r.Name, Labels: labels, Receivers: receivers,
			When: r.When.String(), Unit: "ratio", Why: alert.Breached, Bad: -1, Budget: -1, StartsAt: time.Date(2026, 1, 2, 3, 4, 29, 0, time.UTC),
		})
	}
	change(dip, nil, alert.Inactive, alert.Pending, alert.Breached, 24, "")
	change(dip, nil, alert.Pending, alert.Firing, alert.Breached, 25, "n1")
	notice("n1", alert.Fired, dip, nil, "chat", "pager")
	change(slow, labels, alert.Inactive, alert.Firing, alert.Breached, 26, "")
	change(dip, nil, alert.Recovering, alert.Inactive, alert.Cleared, 58, "n2")
	notice("n2", alert.Resolved, dip, nil, "chat", "pager")
	change(slow, labels, alert.Firing, alert.Inactive, alert.RunEnded, 60, "")
	for _, d := range []report.Delivery{
		{Receiver: "chat", Message: "m1", Notices: []string{"n1"}, At: 25.1, Attempt: 1, Outcome: alert.Later, Status: 503, Detail: "unavailable", Took: 0.01},
		{Receiver: "chat", Message: "m1", Notices: []string{"n1"}, At: 26.2, Attempt: 2, Outcome: alert.Delivered, Status: 200, Took: 0.01},
		{Receiver: "pager", Message: "m2", Notices: []string{"n1"}, At: 25.1, Attempt: 1, Outcome: alert.Accepted, Status: 202, Took: 0.2},
		{Receiver: "chat", Message: "m3", Notices: []string{"n2"}, At: 58.1, Attempt: 1, Outcome: alert.Delivered, Status: 200, Took: 0.01},
		{Receiver: "pager", Message: "m4", Notices: []string{"n2"}, At: 58.1, Attempt: 1, Outcome: alert.Refused, Status: 400, Detail: "bad key", Took: 0.2},
	} {
		a.AddDelivery(d)
	}
	a.Undelivered = 1
	return s
}

// unheard is a run that is fine but for its alerts.
func unheard(t *testing.T) *scene {
	t.Helper()
	s := passing(t)
	s.ending.Alerts = report.Alerts{Undelivered: 2, Required: true}
	return s
}

func when(t *testing.T, text string) slo.Condition {
	t.Helper()
	c, err := slo.ParseCondition(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAlertsAreBounded asks that a soak that flaps does not fill the memory.
func TestAlertsAreBounded(t *testing.T) {
	var a report.Alerts
	for range 1500 {
		a.AddChange(report.Change{})
		a.AddDelivery(report.Delivery{})
	}
	if len(a.Changes) != 1000 || len(a.Deliveries) != 1000 || a.Omitted != 1000 {
		t.Errorf("got %d changes, %d deliveries, %d omitted", len(a.Changes), len(a.Deliveries), a.Omitted)
	}
}
