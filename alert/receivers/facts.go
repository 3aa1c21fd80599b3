package receivers

import (
	"strings"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/quantity"
)

// A fact is a value with its name.
type fact struct{ name, value string }

// A mood is what colour a message has.
type mood int

// The moods.
const (
	bad mood = iota
	doubtful
	good
)

// colour returns the mood as red, green and blue.
func (m mood) colour() int {
	return map[mood]int{bad: colourBad, doubtful: colourDoubtful, good: colourGood}[m]
}

// moodOf is good when all is over, doubtful when nothing worse is known than warnings.
func moodOf(m *alert.Message) mood {
	if !m.Firing() {
		return good
	}
	for i := range m.Alerts {
		t := &m.Alerts[i]
		if t.Ended() || t.Kind == alert.Flapping {
			continue
		}
		if s := gravity(t.Severity); s != "warning" && s != "info" {
			return bad
		}
	}
	return doubtful
}

// gravity maps a rule's severity onto PagerDuty's four, which other services can be
// mapped from.
func gravity(severity string) string {
	switch strings.ToLower(severity) {
	case "page", "critical":
		return "critical"
	case "warning", "ticket":
		return "warning"
	case "info":
		return "info"
	default:
		return "error"
	}
}

// facts are what there is to know of an alert beside its headline.
func facts(t *alert.Told, dated bool) []fact {
	all := []fact{{"SLO", t.Objective}}
	if t.Ended() {
		all = append(all, fact{"Fired", clock(t.StartsAt, dated) + " UTC"}, fact{"Resolved", clock(t.EndsAt, dated) + " UTC"})
		all = append(all, fact{"Lasted", lasted(t.Duration()) + because(t.Why)}, fact{"Worst", t.WorstText()})
	} else {
		now := "Now"
		if t.Window != "" {
			now += " (" + t.Window + ")"
		}
		all = append(all, fact{now, t.ValueText() + " of " + quantity.Plural(t.Events, "request", "requests")}, fact{"Fires when", t.When})
		if t.Worst != t.Value {
			all = append(all, fact{"Worst", t.WorstText()})
		}
		all = append(all, fact{"Since", clock(t.StartsAt, dated) + " UTC"})
	}
	if t.Bad >= 0 {
		all = append(all, fact{"Failed", quantity.Plural(t.Bad, "request", "requests")})
	}
	all = append(all, fact{"Budget used", budgetText(t)}, fact{"Severity", t.Severity})
	if t.Flaps > 0 && t.Kind != alert.Flapping {
		all = append(all, fact{"Came back", quantity.Plural(int64(t.Flaps), "time", "times")})
	}
	if t.Changes > 1 {
		all = append(all, fact{"Stands for", quantity.Plural(int64(t.Changes), "notice", "notices")})
	}
	known := all[:0]
	for _, f := range all {
		if f.value != "" {
			known = append(known, f)
		}
	}
	return known
}
