package receivers

import (
	"fmt"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// A page is a message in words, before a service gives it its form.
type page struct {
	title   string // one line
	text    string // of the receiver's own template, instead of entries; may be empty
	link    string // of the job in CI; may be empty
	entries []entry
	more    int      // alerts beyond the entries
	notes   []string // where the message comes from
	mood    mood
}

// An entry is one alert on a page.
type entry struct {
	line   string // its headline
	facts  []fact
	sample string // one failure; may be empty
	at     time.Time
}

// maxLine is how long an alert's line in a list may be, so that ten of them fit where a
// service takes 3 000 characters.
const maxLine = 250

// write puts a message, tidy and harmless, on a page.
func write(m *alert.Message) page {
	p := page{title: title(m), link: m.Run.URL, more: m.More, notes: notes(m), mood: moodOf(m)}
	for i := range m.Alerts {
		t := &m.Alerts[i]
		e := entry{line: cut(headline(t, m.Delayed), maxLine), facts: facts(t, m.Delayed), sample: t.Sample, at: t.StartsAt}
		if t.Ended() && !t.EndsAt.IsZero() {
			e.at = t.EndsAt
		}
		p.entries = append(p.entries, e)
	}
	return p
}

// title is the message in one line: the one alert, or how many there are.
func title(m *alert.Message) string {
	text := ""
	if len(m.Alerts) == 1 && m.More == 0 {
		text = headline(&m.Alerts[0], m.Delayed)
	} else {
		text = tally(m) + ": run " + runName(m)
	}
	if m.Test {
		text = "TEST " + text
	}
	return text
}

// tally counts the alerts: "3 firing, 1 resolved, +2 more".
func tally(m *alert.Message) string {
	firing, resolved := 0, 0
	for i := range m.Alerts {
		if m.Alerts[i].Ended() {
			resolved++
		} else {
			firing++
		}
	}
	var parts []string
	if firing > 0 {
		parts = append(parts, fmt.Sprintf("%d firing", firing))
	}
	if resolved > 0 {
		parts = append(parts, fmt.Sprintf("%d resolved", resolved))
	}
	if m.More > 0 {
		parts = append(parts, fmt.Sprintf("+%d more", m.More))
	}
	return strings.Join(parts, ", ")
}

// runName is what people call the run.
func runName(m *alert.Message) string {
	if m.Run.Name != "" {
		return m.Run.Name
	}
	return m.Run.ID
}

// notes say where a message comes from.
func notes(m *alert.Message) []string {
	var all []string
	if m.Test {
		all = append(all, "a test: nothing has happened")
	}
	if m.Delayed {
		all = append(all, "delayed: times are those of the events")
	}
	run := "run " + runName(m)
	if m.Run.Name != "" && m.Run.ID != "" && m.Run.ID != m.Run.Name {
		run += " (" + m.Run.ID + ")"
	}
	all = append(all, run)
	if m.Run.Target != "" {
		all = append(all, m.Run.Target)
	}
	if m.Run.Revision != "" {
		all = append(all, "revision "+m.Run.Revision)
	}
	return all
}

// list writes the alerts as lines, and how many there are beyond them.
func (p *page) list(bullet string) string {
	var lines []string
	for _, e := range p.entries {
		lines = append(lines, bullet+e.line)
	}
	if p.more > 0 {
		lines = append(lines, fmt.Sprintf("%s+%d more", bullet, p.more))
	}
	return strings.Join(lines, "\n")
}

// sole returns the one alert of the page, if there is but one.
func (p *page) sole() (e entry, ok bool) {
	if len(p.entries) == 1 && p.more == 0 && p.text == "" {
		return p.entries[0], true
	}
	return entry{}, false
}

// prose is the page without its title and link, as plain text.
func (p *page) prose() string {
	if p.text != "" {
		return p.text
	}
	var lines []string
	if e, ok := p.sole(); ok {
		for _, f := range e.facts {
			lines = append(lines, f.name+": "+f.value)
		}
		if e.sample != "" {
			lines = append(lines, "Sample failure: "+e.sample)
		}
	} else {
		lines = append(lines, p.list("- "))
	}
	return strings.Join(append(lines, strings.Join(p.notes, " | ")), "\n")
}
