package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/report"
)

// drawAlerts draws the alerts that are not over, and below them what has happened, the
// latest first.
func (s *scene) drawAlerts(a area) {
	y := 0
	if s.Pace.Muted > s.At {
		a.put(0, 0, warn, fit("muted until "+instant(s.Pace.Muted)+": nobody is told", a.w))
		y++
	}
	for i := range s.Alerts {
		if s.Alerts[i].State == "inactive" {
			continue
		}
		text, ink := s.alertLine(&s.Alerts[i], a.w)
		a.put(0, y, ink, fit(text, a.w))
		y++
	}
	lines := s.eventLines()
	if y == 0 && len(lines) == 0 {
		a.put(0, 0, faint, fit("no alert has fired, and nothing else has happened", a.w))
		return
	}
	for _, l := range lines[min(s.view.scroll, len(lines)):] {
		if y >= a.h {
			return
		}
		a.put(0, y, l.ink, fit(l.text, a.w))
		y++
	}
}

// An eventLine is what has happened, in words.
type eventLine struct {
	text  string
	ink   ink
	times int
}

// eventLines are the events, the latest first. Attempts and warnings that are the same as
// a later one are counted there: a receiver that is down would fill the panel.
func (s *scene) eventLines() []eventLine {
	var out []eventLine
	type same struct{ kind, text string }
	lines := map[same]int{}
	for _, e := range slices.Backward(s.Events) {
		if s.stands(e) {
			continue
		}
		text, key := s.mask(s.eventText(e)), same{e.Kind, e.Text}
		if at, again := lines[key]; again && (e.Kind == report.EventDelivery || e.Kind == report.EventWarning) {
			out[at].times++
			continue
		}
		lines[key] = len(out)
		out = append(out, eventLine{text: instant(e.At) + " " + text, ink: s.eventInk(e), times: 1})
	}
	for i := range out {
		if n := out[i].times; n > 1 {
			out[i].text += fmt.Sprintf(" ×%d", n)
		}
	}
	return out
}

// stands reports whether an event is of an alert that fires since, which has a line of its
// own.
func (s *scene) stands(e report.Event) bool {
	return e.Kind == report.EventFiring && slices.ContainsFunc(s.Alerts, func(v report.AlertView) bool {
		return v.State == "firing" && v.At == e.At && strings.HasPrefix(e.Text, "FIRING "+v.Name)
	})
}

// eventText is the event in words, with a word for its kind unless it has one, and with
// who has been told where that is known.
func (s *scene) eventText(e report.Event) string {
	switch e.Kind {
	case report.EventResolved:
		for i := range s.Alerts {
			v := &s.Alerts[i]
			if rest, of := strings.CutPrefix(e.Text, "RESOLVED "+v.Name); of && v.At == e.At && v.State == "inactive" {
				return "RESOLVED " + v.Name + s.told(v) + " " + rest
			}
		}
	case report.EventMarker:
		return "▲ " + e.Text
	case report.EventWarning:
		return "WARNING " + e.Text
	case report.EventDelivery:
		if s.theme.Masked {
			return "NOT TOLD •••"
		}
		return "NOT TOLD " + e.Text
	}
	return e.Text
}

// eventInk is the colour of an event; that something has fired is bad while it lasts.
func (s *scene) eventInk(e report.Event) ink {
	switch e.Kind {
	case report.EventFiring:
		if s.firing() > 0 {
			return bad
		}
	case report.EventResolved:
		return good
	case report.EventDelivery, report.EventWarning:
		return warn
	case report.EventMarker, report.EventControl:
		return marked
	}
	return plain
}

// latestLine is the one thing to know: an alert that is not over, or the latest news;
// and before it, that nobody is told.
func (s *scene) latestLine(width int) (string, ink) {
	if s.Pace.Muted <= s.At {
		return s.newsLine(width)
	}
	muted := "muted to " + instant(s.Pace.Muted)
	text, _ := s.newsLine(width - columns(muted) - 2)
	return muted + ": " + text, warn
}

// newsLine is the latest news.
func (s *scene) newsLine(width int) (string, ink) {
	active := 0
	for i := range s.Alerts {
		if s.Alerts[i].State != "inactive" {
			active++
		}
	}
	if active > 0 { // those come first
		more := ""
		if active > 1 {
			more = fmt.Sprintf("%d alerts: ", active)
		}
		text, ink := s.alertLine(&s.Alerts[0], width-columns(more))
		return more + text, ink
	}
	last := -1.0
	if len(s.Events) > 0 {
		last = s.Events[len(s.Events)-1].At
	}
	if len(s.Alerts) > 0 && s.Alerts[0].At >= last { // it tells who knows
		return s.alertLine(&s.Alerts[0], width)
	}
	if lines := s.eventLines(); len(lines) > 0 {
		return lines[0].text, lines[0].ink
	}
	return "no alerts", faint
}
