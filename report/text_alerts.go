package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// Line tells of a change that people wait for, as it happens: that the alert fires, or
// that it is over. It is "" for the others.
func (c *Change) Line() string {
	word, rest := c.Words()
	if word == "" {
		return ""
	}
	return word + " " + quantity.Line(c.name()) + "   " + rest
}

// Words are the parts of Line that are not the alert's name: FIRING or RESOLVED, and what
// there is to say about it. Both are "" for changes that nobody waits for.
func (c *Change) Words() (word, rest string) {
	switch {
	case c.State == alert.Firing && !c.From.Active():
		value := quantity.Beside(c.Unit, c.Value, c.Limit)
		if c.Least { // it may be hardly above the limit
			value = quantity.Value(c.Unit, c.Value, 0) + " or more"
		}
		return "FIRING", fmt.Sprintf("%s: %s of %s", quantity.Line(c.When), value, quantity.Plural(c.Events, "request", "requests"))
	case c.State == alert.Inactive && c.From.Active():
		rest = fmt.Sprintf("after %s%s, worst %s", seconds(measure.FromSeconds(c.At-c.Began)), because(c.Reason), quantity.Value(c.Unit, c.Worst, 0))
		if c.Bad != nil {
			rest += ", " + quantity.Plural(*c.Bad, "bad request", "bad requests")
		}
		return "RESOLVED", rest
	}
	return "", ""
}

// because says what ended an alert, if it was no recovery.
func because(why alert.Reason) string {
	switch why {
	case alert.RunEnded:
		return ", as the run ended"
	case alert.RunAborted:
		return ", as the run was aborted"
	case alert.StageEnded:
		return ", as its stage ended"
	case alert.Silent:
		return ", for want of data"
	case alert.Breached, alert.Cleared:
	}
	return ""
}

// An episode is an alert from its firing to its end.
type episode struct {
	name         string
	began, ended time.Duration
	open         bool // it ended with the run
	last         Change
}

// episodes pairs the changes.
func (a *Alerts) episodes() []episode {
	var out []episode
	open := map[string]int{}
	for _, c := range a.Changes {
		name := c.name()
		switch {
		case c.State == alert.Firing && !c.From.Active():
			open[name] = len(out)
			out = append(out, episode{name: name, began: measure.FromSeconds(c.Began).Round(time.Second), open: true, last: c})
		case c.State == alert.Inactive && c.From.Active():
			if i, ok := open[name]; ok {
				e := &out[i]
				e.ended, e.last = measure.FromSeconds(c.At).Round(time.Second), c
				e.open = c.Reason == alert.RunEnded || c.Reason == alert.RunAborted
				delete(open, name)
			}
		}
	}
	return out
}

// name says which alert it is.
func (c *Change) name() string {
	parts := []string{c.SLO, "/", c.Rule}
	for _, label := range slices.Sorted(maps.Keys(c.Labels)) {
		parts = append(parts, label+"="+c.Labels[label])
	}
	return strings.Join(parts, " ")
}

// words names the alerts that fired, for the verdict; "" if none did.
func (a *Alerts) words() string {
	const named = 2
	all := a.episodes()
	if len(all) == 0 {
		return ""
	}
	var parts []string
	for _, e := range all[:min(named, len(all))] {
		text := quantity.Line(e.name) + " from " + quantity.Instant(e.began)
		if !e.open {
			text += " for " + seconds(e.ended-e.began)
		}
		parts = append(parts, text)
	}
	rest := ""
	if len(all) > named {
		rest = fmt.Sprintf(" and %d more", len(all)-named)
	}
	return "alerts fired: " + strings.Join(parts, ", ") + rest
}

// alerts lists what fired, for how long, how bad it was and who was told.
func (p *page) alerts(s *Summary) {
	const shown = 10
	a := &s.Ending.Alerts
	all := a.episodes()
	for i, e := range all[:min(shown, len(all))] {
		label := ""
		if i == 0 {
			label = "alerts"
		}
		p.sentence(label, a.line(e, s.Ending.Incomplete))
	}
	if n := len(all) - shown; n > 0 {
		p.sentence("", fmt.Sprintf("and %s more", quantity.Count(int64(n))))
	}
	if a.Undelivered > 0 {
		p.sentence("warning", quantity.Plural(int64(a.Undelivered), "notice", "notices")+
			" not delivered; floodmark outbox list shows why, floodmark outbox flush tries again")
	}
	if len(all) > 0 || a.Undelivered > 0 {
		p.blank()
	}
}

// line tells of one episode.
func (a *Alerts) line(e episode, cut bool) string {
	c := e.last
	text := fmt.Sprintf("▲ %s  %s", quantity.Line(e.name), quantity.Instant(e.began))
	switch {
	case e.open:
		end := "run ended"
		if cut {
			end = "last second that was recorded"
		}
		text += " until the " + end
	default:
		text += fmt.Sprintf(" to %s (%s)", quantity.Instant(e.ended), seconds(e.ended-e.began))
	}
	text += ", worst " + quantity.Value(c.Unit, c.Worst, 0)
	if c.Bad != nil {
		text += ", " + quantity.Plural(*c.Bad, "bad request", "bad requests")
	}
	if told := a.told(c); told != "" {
		text += ", " + told
	}
	return text
}

// told says who has heard of an alert.
func (a *Alerts) told(c Change) string {
	heard, deaf := map[string]bool{}, map[string]bool{}
	for i := range a.Notices {
		n := &a.Notices[i]
		if !c.IsOf(n.SLO, n.Rule, n.Labels) {
			continue
		}
		for receiver, ok := range a.Delivered(n) {
			if ok {
				heard[receiver] = true
			} else {
				deaf[receiver] = true
			}
		}
	}
	maps.DeleteFunc(heard, func(receiver string, _ bool) bool { return deaf[receiver] })
	var parts []string
	if len(heard) > 0 {
		parts = append(parts, "told "+strings.Join(slices.Sorted(maps.Keys(heard)), ", "))
	}
	if len(deaf) > 0 {
		parts = append(parts, "not all delivered to "+strings.Join(slices.Sorted(maps.Keys(deaf)), ", "))
	}
	return strings.Join(parts, ", ")
}
