package receivers

import (
	"net/url"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// buildPagerDuty makes an event of Events API v2 for each alert: trigger or resolve, by
// the alert's key. What has come and gone unheard is triggered and then resolved, and so
// is a test, or its incident would stay.
func buildPagerDuty(r *Receiver, d *draft) ([]call, error) {
	return d.each(func(one *draft, open bool) (call, error) {
		event := object{"routing_key": r.spec.Key, "event_action": "resolve", "dedup_key": one.message.Alerts[0].Key, "client": "floodmark"}
		if open {
			event["event_action"] = "trigger"
		}
		body, err := one.fit(func(s *sheet) any {
			event["payload"] = incident(s)
			if s.page.link != "" {
				event["client_url"] = s.page.link
				event["links"] = []any{object{"href": s.page.link, "text": "CI job"}}
			}
			return event
		})
		return r.to(r.spec.URL, body), err
	})
}

// each builds the calls that open alerts and that close them, one alert at a time.
func (d *draft) each(build func(one *draft, open bool) (call, error)) ([]call, error) {
	var all []call
	for i := range d.message.Alerts {
		t := &d.message.Alerts[i]
		one := *d
		one.message.Alerts, one.message.More = d.message.Alerts[i:i+1], 0
		for _, open := range []bool{true, false} {
			if open && t.Ended() && !t.Coalesced || !open && !t.Ended() && !d.message.Test {
				continue
			}
			c, err := build(&one, open)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// incident is what PagerDuty calls the payload. Its source is the system under test.
func incident(s *sheet) object {
	m, t := &s.calm, &s.calm.Alerts[0]
	details := object{}
	for _, f := range s.page.entries[0].facts {
		f.name, _, _ = strings.Cut(f.name, " (") // the window of Now
		details[strings.ToLower(strings.ReplaceAll(f.name, " ", "_"))] = f.value
	}
	for name, value := range map[string]string{
		"sample": s.page.entries[0].sample, "run": m.Run.ID, "run_name": m.Run.Name, "target": m.Run.Target, "revision": m.Run.Revision,
	} {
		if value != "" {
			details[name] = value
		}
	}
	for _, l := range t.Labels {
		details["label_"+l.Name] = l.Value
	}
	payload := object{
		"summary": s.page.title, "source": source(m), "severity": gravity(t.Severity), "component": t.SLO, "group": "loadtest",
		"class": "slo", "custom_details": details,
	}
	if !t.StartsAt.IsZero() {
		payload["timestamp"] = t.StartsAt.UTC().Format(time.RFC3339)
	}
	return payload
}

// source names the system under test by its host, or else the run.
func source(m *alert.Message) string {
	if u, err := url.Parse(m.Run.Target); err == nil && u.Host != "" {
		return u.Host
	}
	if name := runName(m); name != "" {
		return name
	}
	return "floodmark"
}
