package receivers

import (
	"fmt"
	"strings"
)

// buildMattermost makes an incoming webhook's request of one attachment, which has
// colours and columns where a post has not.
func buildMattermost(r *Receiver, d *draft) ([]call, error) {
	body, err := d.fit(func(s *sheet) any {
		p := &s.page
		attachment := object{
			"fallback": p.title, "title": p.title, "footer": cut(strings.Join(p.notes, " | "), 1000),
			"color": fmt.Sprintf("#%06x", p.mood.colour()),
		}
		if p.link != "" {
			attachment["title_link"] = p.link
		}
		e, ok := p.sole()
		switch {
		case p.text != "":
			attachment["text"] = p.text
		case !ok:
			attachment["text"] = p.list("- ")
		case e.sample != "":
			attachment["text"] = "Sample failure: `" + e.sample + "`"
		}
		var fields []any
		for _, f := range e.facts {
			fields = append(fields, object{"title": f.name, "value": f.value, "short": units(f.value) < 40})
		}
		if fields != nil {
			attachment["fields"] = fields
		}
		message := object{"username": "floodmark", "attachments": []any{attachment}}
		if r.spec.Username != "" {
			message["username"] = r.spec.Username
		}
		if r.spec.Channel != "" {
			message["channel"] = r.spec.Channel
		}
		return message
	})
	return []call{r.to(r.spec.URL, body)}, err
}
