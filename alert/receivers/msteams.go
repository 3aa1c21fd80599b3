package receivers

import "strings"

// buildTeams makes a workflow's request: a message with one adaptive card.
func buildTeams(r *Receiver, d *draft) ([]call, error) {
	body, err := d.fit(func(s *sheet) any {
		card := object{
			"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
			"fallbackText": s.page.title, "msteams": object{"width": "full"}, "body": cardBody(&s.page),
		}
		if s.page.link != "" {
			card["actions"] = []any{object{"type": "Action.OpenUrl", "title": "CI job", "url": s.page.link}}
		}
		return object{"type": "message", "attachments": []any{object{
			"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card,
		}}}
	})
	return []call{r.to(r.spec.URL, body)}, err
}

// cardBody is title, text or facts, and notes.
func cardBody(p *page) []any {
	colour := map[mood]string{bad: "Attention", doubtful: "Warning", good: "Good"}[p.mood]
	title := textBlock(p.title)
	title["weight"], title["size"], title["color"] = "Bolder", "Medium", colour
	parts := []any{title}
	e, ok := p.sole()
	switch {
	case p.text != "":
		for paragraph := range strings.SplitSeq(p.text, "\n\n") {
			parts = append(parts, textBlock(paragraph))
		}
	case !ok:
		parts = append(parts, textBlock(p.list("- ")))
	default:
		var facts []any
		for _, f := range e.facts {
			facts = append(facts, object{"title": f.name, "value": f.value})
		}
		if facts != nil {
			parts = append(parts, object{"type": "FactSet", "facts": facts})
		}
		if e.sample != "" {
			sample := textBlock("Sample failure: " + e.sample)
			sample["fontType"] = "Monospace"
			parts = append(parts, sample)
		}
	}
	notes := textBlock(strings.Join(p.notes, " | "))
	notes["isSubtle"], notes["size"] = true, "Small"
	return append(parts, notes)
}

// textBlock is a paragraph of a card.
func textBlock(s string) object { return object{"type": "TextBlock", "text": s, "wrap": true} }
