package receivers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/quantity"
)

// joint is a character without width. Put inside what a service would act on, it makes
// plain text of it.
const joint = "\u200b"

// How long texts may be, in runes, before any service's own limits. All are far more than
// people write; what comes from a target may have any length.
const (
	maxName   = 120
	maxValue  = 200
	maxText   = 400
	maxSample = 500
	maxLink   = 1024 // bytes; a longer link is left out
	maxLabels = 20
)

// defuse makes plain text of what chat services act on: @here, <!channel>, <users/all>,
// <https://evil|CI job>, [CI job](https://evil), and code spans.
func defuse(s string) string {
	s = strings.ReplaceAll(s, "`", "'")
	s = strings.ReplaceAll(s, "](", "]"+joint+"(")
	var b strings.Builder
	before := ' '
	for i, r := range s {
		b.WriteRune(r)
		next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		switch {
		case r == '<' && (unicode.IsLetter(next) || strings.ContainsRune("!@#/", next)):
			b.WriteString(joint)
		case r == '@' && unicode.IsLetter(next) && (!wordy(before) || callsAll(s[i+1:])):
			b.WriteString(joint)
		}
		before = r
	}
	return b.String()
}

// wordy reports whether a character before an @ makes an e-mail address of it.
func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// callsAll reports whether what follows an @ calls a whole channel.
func callsAll(s string) bool {
	s = strings.ToLower(s)
	for _, name := range []string{"everyone", "here", "channel", "all"} {
		if strings.HasPrefix(s, name) {
			return true
		}
	}
	return false
}

// tidy returns a copy of the message whose texts are clean and bounded, and of at most
// so many alerts (0: all). The larger the divisor, the shorter the texts.
func tidy(m alert.Message, alerts, divisor int) alert.Message {
	name := func(s string) string { return cutRunes(quantity.Line(s), max(maxName/divisor, 16)) }
	text := func(s string) string { return cutRunes(quantity.Line(s), maxText/divisor) }
	m.Run.ID, m.Run.Name, m.Run.Revision = name(m.Run.ID), name(m.Run.Name), name(m.Run.Revision)
	m.Run.Target, m.Run.URL = text(m.Run.Target), link(m.Run.URL)
	m.ID, m.Receiver = name(m.ID), name(m.Receiver)
	shown := m.Alerts
	if alerts > 0 && len(shown) > alerts {
		m.More += len(shown) - alerts
		shown = shown[:alerts]
	}
	m.Alerts = make([]alert.Told, 0, len(shown))
	for _, t := range shown {
		t.SLO, t.Rule, t.Severity, t.Metric = name(t.SLO), name(t.Rule), name(t.Severity), name(t.Metric)
		t.Objective, t.When, t.Resolve, t.Window = text(t.Objective), text(t.When), text(t.Resolve), name(t.Window)
		t.Sample = cutRunes(quantity.Line(t.Sample), maxSample/divisor)
		var labels []alert.Label
		for _, l := range t.Labels[:min(len(t.Labels), maxLabels)] {
			labels = append(labels, alert.Label{Name: name(l.Name), Value: cutRunes(quantity.Line(l.Value), max(maxValue/divisor, 16))})
		}
		t.Labels = labels
		m.Alerts = append(m.Alerts, t)
	}
	return m
}

// harmless returns the message with its texts for chats, for people and for templates.
// It is not for machines, which compare texts.
func harmless(m alert.Message) alert.Message {
	m.Run.Name, m.Run.Target, m.Run.Revision = defuse(m.Run.Name), defuse(m.Run.Target), defuse(m.Run.Revision)
	m.Run.ID = defuse(m.Run.ID)
	shown := m.Alerts
	m.Alerts = make([]alert.Told, 0, len(shown))
	for _, t := range shown {
		for _, s := range []*string{&t.SLO, &t.Rule, &t.Severity, &t.Metric, &t.Objective, &t.When, &t.Resolve, &t.Window, &t.Sample} {
			*s = defuse(*s)
		}
		labels := make([]alert.Label, 0, len(t.Labels))
		for _, l := range t.Labels {
			labels = append(labels, alert.Label{Name: defuse(l.Name), Value: defuse(l.Value)})
		}
		t.Labels = labels
		m.Alerts = append(m.Alerts, t)
	}
	return m
}
