package receivers

import "strings"

// buildGoogleChat makes a space's webhook request: a line of text, which notifications
// show, and a card. The thread's key is the alert's, so that a resolved notice stands
// below the one that fired.
func buildGoogleChat(r *Receiver, d *draft) ([]call, error) {
	thread := "floodmark-run-" + labelName(d.message.Run.ID)
	if len(d.message.Alerts) == 1 {
		thread = d.message.Alerts[0].Key
	}
	body, err := d.fit(func(s *sheet) any {
		p := &s.page
		card := object{
			"header":   object{"title": p.title, "subtitle": strings.Join(p.notes, " | ")},
			"sections": []any{object{"widgets": widgets(p)}},
		}
		return object{
			"text": p.title, "thread": object{"threadKey": cut(thread, 1000)},
			"cardsV2": []any{object{"cardId": cut(d.message.ID, 200), "card": card}},
		}
	})
	return []call{r.to(withQuery(r.spec.URL, "messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"), body)}, err
}

// widgets are the parts of a card below its header; there is always one.
func widgets(p *page) []any {
	var all []any
	e, ok := p.sole()
	switch {
	case p.text != "":
		all = append(all, paragraph(p.text))
	case !ok:
		all = append(all, paragraph(p.list("• ")))
	default:
		for _, f := range e.facts {
			all = append(all, object{"decoratedText": object{"topLabel": f.name, "text": f.value, "wrapText": true}})
		}
		if e.sample != "" {
			all = append(all, paragraph("Sample failure: "+e.sample))
		}
	}
	if p.link != "" {
		all = append(all, object{"buttonList": object{"buttons": []any{
			object{"text": "CI job", "onClick": object{"openLink": object{"url": p.link}}},
		}}})
	}
	return all
}

// paragraph is a text of any length.
func paragraph(s string) object { return object{"textParagraph": object{"text": s}} }
