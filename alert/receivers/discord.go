package receivers

import (
	"net/url"
	"strings"
	"time"
)

// Colours of embeds: those that Alertmanager has, and amber between them.
const (
	colourBad      = 0x992D22
	colourDoubtful = 0xE67E22
	colourGood     = 0x2ECC71
)

// buildDiscord makes a webhook's request of one embed. Without wait=true a message that
// is not saved would be answered like one that is.
func buildDiscord(r *Receiver, d *draft) ([]call, error) {
	body, err := d.fit(func(s *sheet) any {
		p := &s.page
		embed := object{
			"title": cut(p.title, 256), "color": p.mood.colour(),
			"footer": object{"text": cut(strings.Join(p.notes, " | "), 1000)},
		}
		if p.link != "" {
			embed["url"] = p.link
		}
		e, ok := p.sole()
		switch {
		case p.text != "":
			embed["description"] = p.text
		case !ok:
			embed["description"] = cut(p.list("- "), 4000)
		case e.sample != "":
			embed["description"] = "Sample failure: `" + cut(e.sample, 2000) + "`"
		}
		var fields []any
		for _, f := range e.facts[:min(len(e.facts), 25)] {
			fields = append(fields, object{"name": f.name, "value": cut(f.value, 1024), "inline": units(f.value) < 30})
		}
		if fields != nil {
			embed["fields"] = fields
		}
		if len(p.entries) > 0 && !p.entries[0].at.IsZero() {
			embed["timestamp"] = p.entries[0].at.UTC().Format(time.RFC3339)
		}
		message := object{"username": "floodmark", "allowed_mentions": object{"parse": []any{}}, "embeds": []any{embed}}
		if r.spec.Username != "" {
			message["username"] = r.spec.Username
		}
		return message
	})
	return []call{r.to(withQuery(r.spec.URL, "wait", "true"), body)}, err
}

// withQuery sets a parameter of a URL and keeps the others as they are written.
func withQuery(raw, name, value string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if key, _, _ := strings.Cut(pair, "="); pair != "" && key != name {
			kept = append(kept, pair)
		}
	}
	u.RawQuery = strings.Join(append(kept, name+"="+url.QueryEscape(value)), "&")
	return u.String()
}
