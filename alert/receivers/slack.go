package receivers

import (
	"strings"
)

// object is a JSON object whose keys are written in order of the alphabet.
type object map[string]any

// buildSlack makes an incoming webhook's request: blocks, and as text what notifications
// show.
func buildSlack(r *Receiver, d *draft) ([]call, error) {
	body, err := d.fit(func(s *sheet) any {
		p := &s.page
		blocks := []any{object{"type": "header", "text": object{"type": "plain_text", "text": slackText(p.title, 150)}}}
		blocks = append(blocks, slackBlocks(p)...)
		last := strings.Join(p.notes, " | ")
		last = slackText(last, 1900)
		if p.link != "" {
			last += " | <" + escapeSlack(p.link) + "|CI job>"
		}
		blocks = append(blocks, object{"type": "context", "elements": []any{mrkdwn(last)}})
		message := object{"text": slackText(p.title, 400), "blocks": blocks}
		if r.spec.Channel != "" {
			message["channel"] = r.spec.Channel
		}
		if r.spec.Username != "" {
			message["username"] = r.spec.Username
		}
		return message
	})
	return []call{r.to(r.spec.URL, body)}, err
}

// slackBlocks are the blocks between title and notes.
func slackBlocks(p *page) []any {
	if p.text != "" {
		return []any{object{"type": "section", "text": mrkdwn(trimEntity(p.text))}}
	}
	e, ok := p.sole()
	if !ok {
		return []any{object{"type": "section", "text": mrkdwn(slackText(p.list("• "), 2900))}}
	}
	var fields, blocks []any
	for _, f := range e.facts[:min(len(e.facts), 10)] { // as many as a section takes
		fields = append(fields, mrkdwn("*"+escapeSlack(f.name)+"*\n"+slackText(f.value, 1900)))
	}
	if len(fields) > 0 {
		blocks = append(blocks, object{"type": "section", "fields": fields})
	}
	if e.sample != "" {
		blocks = append(blocks, object{"type": "section", "text": mrkdwn("*Sample failure*\n`" + slackText(e.sample, 2800) + "`")})
	}
	return blocks
}

// mrkdwn is a text with Slack's marks in it.
func mrkdwn(s string) object { return object{"type": "mrkdwn", "text": s} }

// escapeSlack escapes the three characters that Slack gives a meaning, and no & that
// begins an escape already.
func escapeSlack(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;")
	for _, entity := range []string{"amp;", "lt;", "gt;"} {
		s = strings.ReplaceAll(s, "&amp;"+entity, "&"+entity)
	}
	return strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(s)
}

// slackText escapes the text and cuts it to n characters.
func slackText(s string, n int) string {
	return trimEntity(cut(escapeSlack(s), n))
}

// trimEntity drops an escape that a cut has left without its end.
func trimEntity(s string) string {
	if !strings.HasSuffix(s, ellipsis) {
		return s
	}
	if at := strings.LastIndexByte(s, '&'); at >= 0 && !strings.Contains(s[at:], ";") && len(s)-at < 10 {
		return s[:at] + ellipsis
	}
	return s
}
