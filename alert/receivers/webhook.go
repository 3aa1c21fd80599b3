package receivers

import (
	"fmt"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// envelope is the body of a generic webhook: version 4 of Alertmanager's, so that what
// understands that understands this, with more below "floodmark".
type envelope struct {
	Version           string            `json:"version"`
	GroupKey          string            `json:"groupKey"`
	Truncated         int               `json:"truncatedAlerts"`
	Status            string            `json:"status"`
	Receiver          string            `json:"receiver"`
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	RouteLabels       map[string]string `json:"routeLabels"`
	ExternalURL       string            `json:"externalURL"`
	Reason            string            `json:"notification_reason"`
	Alerts            []enveloped       `json:"alerts"`
	Floodmark         extra             `json:"floodmark"`
}

// enveloped is an alert in an envelope.
type enveloped struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"` // year 1 while it is firing
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

// extra is what Alertmanager's body has no place for.
type extra struct {
	Schema    int       `json:"schema"`
	Type      string    `json:"type"` // "slo.alert." and the first alert's kind
	ID        string    `json:"id"`
	Timestamp time.Time `json:"timestamp"` // of the latest event
	Title     string    `json:"title"`
	Test      bool      `json:"test"`
	Delayed   bool      `json:"delayed"`
	Run       alert.Run `json:"run"`
	Alerts    []details `json:"alerts"` // in the order of the envelope's
}

// details are an alert's numbers; what is unknown is null.
type details struct {
	SLO       string     `json:"slo"`
	Rule      string     `json:"rule"`
	Kind      alert.Kind `json:"kind"`
	Key       string     `json:"key"`
	Notice    string     `json:"notice"`
	Metric    string     `json:"metric"`
	Unit      string     `json:"unit"`
	Value     *float64   `json:"value"`
	OrMore    bool       `json:"or_more"`
	Worst     *float64   `json:"worst"`
	Threshold *float64   `json:"threshold"`
	Objective string     `json:"objective"`
	When      string     `json:"when"`
	Resolve   string     `json:"resolve"`
	Window    *float64   `json:"window_s"`
	Events    int64      `json:"events"`
	Bad       *int64     `json:"bad"`
	Budget    *float64   `json:"budget_used"`
	Reason    string     `json:"reason"`
	Flaps     int        `json:"flaps"`
	Began     float64    `json:"began_seconds"`
	At        float64    `json:"at_seconds"`
	Coalesced bool       `json:"coalesced"`
	Changes   int        `json:"changes"`
}

// buildWebhook makes the generic webhook's request. The headers are those of Standard
// Webhooks; a receiver's own cannot replace them.
func buildWebhook(r *Receiver, d *draft) ([]call, error) {
	body := []byte(d.text)
	if d.text == "" {
		var err error
		if body, err = d.envelope(); err != nil {
			return nil, err
		}
	}
	c := r.to(r.spec.URL, body, r.spec.Headers...)
	c.header = append(c.header, [2]string{"webhook-id", d.message.ID}, [2]string{"webhook-timestamp", strconv.FormatInt(d.now.Unix(), 10)})
	if r.spec.SigningSecret != "" {
		c.header = append(c.header, [2]string{"webhook-signature", signature(r.spec.SigningSecret, d.message.ID, d.now, body)})
	}
	return []call{c}, nil
}

// envelope is the generic body, as much of it as fits.
func (d *draft) envelope() ([]byte, error) {
	return d.fit(func(s *sheet) any { return envelop(&s.exact, &s.calm, s.page.title) })
}

// envelop puts a message into an envelope: what machines compare from exact, what people
// read from calm.
func envelop(exact, calm *alert.Message, title string) envelope {
	e := envelope{
		Version: "4", GroupKey: fmt.Sprintf("{}:{run=%q}", exact.Run.ID), Truncated: exact.More, Status: status(exact.Firing()),
		Receiver: exact.Receiver, GroupLabels: map[string]string{"run": exact.Run.ID}, RouteLabels: map[string]string{},
		ExternalURL: exact.Run.URL,
		Floodmark: extra{
			Schema: 1, ID: exact.ID, Title: title, Test: exact.Test, Delayed: exact.Delayed, Run: exact.Run,
		},
	}
	e.Floodmark.Run.Started = e.Floodmark.Run.Started.UTC()
	for i := range exact.Alerts {
		t := &exact.Alerts[i]
		l := labels(exact, t)
		a := enveloped{
			Status: status(!t.Ended()), Labels: l, Annotations: annotations(calm, &calm.Alerts[i]), StartsAt: t.StartsAt.UTC(),
			GeneratorURL: exact.Run.URL, Fingerprint: fingerprint(l),
		}
		event := t.StartsAt
		if t.Ended() {
			a.EndsAt, event = t.EndsAt.UTC(), t.EndsAt
		}
		if event.After(e.Floodmark.Timestamp) {
			e.Floodmark.Timestamp = event.UTC()
		}
		e.Alerts = append(e.Alerts, a)
		e.Floodmark.Alerts = append(e.Floodmark.Alerts, detail(t))
	}
	if len(exact.Alerts) > 0 {
		e.Floodmark.Type = "slo.alert." + string(exact.Alerts[0].Kind)
		if exact.Alerts[0].Kind == "" {
			e.Floodmark.Type = "slo.alert.firing"
		}
		e.Reason = reason(&exact.Alerts[0])
	}
	e.CommonLabels = common(e.Alerts, func(a *enveloped) map[string]string { return a.Labels })
	e.CommonAnnotations = common(e.Alerts, func(a *enveloped) map[string]string { return a.Annotations })
	return e
}

// detail are an alert's numbers.
func detail(t *alert.Told) details {
	d := details{
		SLO: t.SLO, Rule: t.Rule, Kind: t.Kind, Key: t.Key, Notice: t.ID, Metric: t.Metric, Unit: t.Unit, Value: number(t.Value),
		OrMore: t.Least, Worst: number(t.Worst), Threshold: number(t.Limit), Objective: t.Objective, When: t.When, Resolve: t.Resolve,
		Events: t.Events, Reason: string(t.Why), Flaps: t.Flaps, Began: t.Began.Seconds(), At: t.At.Seconds(),
		Coalesced: t.Coalesced, Changes: max(t.Changes, 1),
	}
	if w, err := time.ParseDuration(t.Window); err == nil {
		d.Window = number(w.Seconds())
	}
	if t.Bad >= 0 {
		d.Bad = &t.Bad
	}
	if t.Budget >= 0 {
		d.Budget = number(t.Budget)
	}
	return d
}

// reason says in Alertmanager's words why somebody is told.
func reason(t *alert.Told) string {
	switch t.Kind {
	case alert.Resolved:
		return "all alerts resolved"
	case alert.StillFiring:
		return "repeat interval elapsed"
	case alert.Flapping:
		return "new alerts added"
	default:
		return "first notification"
	}
}
