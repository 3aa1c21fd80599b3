package receivers

import (
	"net/url"
	"strings"

	"github.com/floodmark/floodmark/alert"
)

// buildOpsgenie creates and closes alerts by their alias, as buildPagerDuty does.
func buildOpsgenie(r *Receiver, d *draft) ([]call, error) {
	authorization := [2]string{"Authorization", "GenieKey " + r.spec.Key}
	return d.each(func(one *draft, open bool) (call, error) {
		alias := cut(one.message.Alerts[0].Key, 512)
		if !open {
			body, err := one.fit(func(s *sheet) any { return object{"source": "floodmark", "note": s.page.title} })
			return r.to(opsgenieURL(r.spec.URL, alias), body, authorization), err
		}
		if d.text != "" {
			return r.to(opsgenieURL(r.spec.URL, ""), []byte(d.text), authorization), nil
		}
		body, err := one.fit(func(s *sheet) any { return opened(s, alias) })
		return r.to(opsgenieURL(r.spec.URL, ""), body, authorization), err
	})
}

// opened is a new alert.
func opened(s *sheet, alias string) object {
	m, t := &s.calm, &s.calm.Alerts[0]
	details := map[string]string{"run": m.Run.ID, "link": s.page.link}
	for _, l := range t.Labels {
		details[l.Name] = l.Value
	}
	for name, value := range details {
		if value == "" {
			delete(details, name)
		}
	}
	description := s.page.prose()
	if s.page.link != "" {
		description += "\n" + s.page.link
	}
	return object{
		"alias": alias, "message": s.page.title, "description": description, "details": details, "source": "floodmark",
		"tags": []string{"loadtest"}, "priority": priority(t),
	}
}

// priority is the severity as Opsgenie counts.
func priority(t *alert.Told) string {
	switch gravity(t.Severity) {
	case "critical":
		return "P1"
	case "warning":
		return "P3"
	case "info":
		return "P5"
	default:
		return "P2"
	}
}

// opsgenieURL is where alerts are created, or where the one of an alias is closed. A base
// without a path, such as that of another region, gets the API's.
func opsgenieURL(base, alias string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v2/alerts"
	}
	if alias != "" {
		u = u.JoinPath(strings.ReplaceAll(url.PathEscape(alias), "/", "%2F"), "close")
		u.RawQuery = "identifierType=alias"
	}
	return u.String()
}
