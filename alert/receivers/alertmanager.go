package receivers

import (
	"net/url"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// postable is an alert as Alertmanager's API v2 takes it.
type postable struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// buildAlertmanager posts all alerts of the message. One that fires ends by itself four
// times later than it is due to be said again, as Prometheus has it, so that a run that
// is killed leaves nothing behind.
func buildAlertmanager(r *Receiver, d *draft) ([]call, error) {
	body, err := d.fit(func(s *sheet) any {
		all := []postable{}
		for i := range s.exact.Alerts {
			t := &s.exact.Alerts[i]
			p := postable{
				Labels: labels(&s.exact, t), Annotations: annotations(&s.calm, &s.calm.Alerts[i]), StartsAt: t.StartsAt.UTC(),
				GeneratorURL: s.page.link,
			}
			p.EndsAt = d.now.UTC().Add(4 * r.service.resend)
			if t.Ended() {
				p.EndsAt = ended(t, d.now)
			}
			if p.StartsAt.After(p.EndsAt) { // refused otherwise; clocks differ
				p.StartsAt = p.EndsAt
			}
			all = append(all, p)
		}
		return all
	})
	return []call{r.to(alertmanagerURL(r.spec.URL), body, r.spec.Headers...)}, err
}

// ended is when the alert ended, and never in the future, where it would still fire.
func ended(t *alert.Told, now time.Time) time.Time {
	if t.EndsAt.IsZero() || t.EndsAt.After(now) {
		return now.UTC()
	}
	return t.EndsAt.UTC()
}

// alertmanagerURL is the API's below the base that Alertmanager is served at.
func alertmanagerURL(base string) string {
	u, err := url.Parse(base)
	if err != nil || strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/api/v2/alerts") {
		return base
	}
	return u.JoinPath("api/v2/alerts").String()
}
