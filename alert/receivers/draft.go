package receivers

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// A draft is a message on its way to one receiver.
type draft struct {
	message alert.Message // tidy, with all the alerts that could be listed
	now     time.Time
	limits  limits
	title   string // of the receiver's template; may be empty
	text    string // likewise
	fault   string // what went wrong with a template, "" for nothing
}

// A call is one HTTP request, or what stands for it with exec and file.
type call struct {
	method string
	url    string
	shown  string // instead of url, to people
	header [][2]string
	body   []byte
}

// A sheet is as much of a message as fits.
type sheet struct {
	exact alert.Message // for machines
	calm  alert.Message // for people: harmless
	page  page          // calm in words
}

// Bounds of a message in few words.
const (
	shortBytes = 2500
	shortTotal = 1500
)

// draft prepares a message, and runs the templates.
func (r *Receiver) draft(m alert.Message, short bool) *draft {
	d := &draft{message: m, now: time.Now(), limits: r.service.limits}
	if short && d.limits.bytes > 0 {
		d.limits.bytes, d.limits.total = shortBytes, min(d.limits.total, shortTotal)
		if !r.service.single { // else each alert is a request of its own
			d.limits.alerts = 1
		}
	}
	d.message = tidy(m, d.limits.alerts, 1)
	calm := harmless(d.message)
	var escape func(string) string
	if r.service.name == "slack" {
		escape = escapeSlack
	}
	l := compose(&calm, escape)
	if r.title != nil {
		text, err := execute(r.title, &l)
		if err != nil {
			d.fault = "the title's template failed, the built-in title was used: " + templateFault(err)
		}
		d.title = strings.Join(strings.Fields(text), " ")
	}
	if r.body != nil {
		text, err := execute(r.body, &l)
		if err == nil && r.spec.expectsJSON(&r.service) && !json.Valid([]byte(text)) {
			err = errNotJSON
		}
		if err != nil {
			text, d.fault = "", "the body's template failed, the built-in text was used: "+templateFault(err)
		}
		d.text = strings.TrimSpace(text)
		if r.service.json {
			d.text = text
		}
	}
	if m.Test && d.title != "" {
		d.title = "TEST " + d.title
	}
	return d
}

// fit builds a body with less and less in it until it is within the limits: first fewer
// alerts, then shorter texts. What is left in the end is small enough for all services.
func (d *draft) fit(build func(s *sheet) any) ([]byte, error) {
	var body []byte
	for divisor := 1; divisor <= 32; divisor *= 2 {
		n := len(d.message.Alerts)
		if divisor > 1 {
			n = 1
		}
		for ; n > 0; n = fewer(n) {
			s := d.sheet(n, divisor)
			var err error
			if body, err = encode(build(s)); err != nil {
				return nil, err
			}
			if (d.limits.bytes == 0 || len(body) <= d.limits.bytes) && (d.limits.total == 0 || s.page.units() <= d.limits.total) {
				return body, nil
			}
		}
	}
	return body, nil
}

// fewer returns the next smaller number of alerts to try.
func fewer(n int) int { return n - 1 - n/16 }

// sheet takes so many alerts of the message, with texts that are shorter the larger the
// divisor is, and puts them into words within the limits.
func (d *draft) sheet(alerts, divisor int) *sheet {
	s := &sheet{exact: tidy(d.message, alerts, divisor)}
	s.calm = harmless(s.exact)
	p := write(&s.calm)
	if d.title != "" {
		p.title = d.title
	}
	p.title = cut(p.title, d.limits.title)
	p.text = cut(d.text, d.limits.body/divisor)
	for i := range p.entries {
		e := &p.entries[i]
		for j := range e.facts {
			e.facts[j].value = cut(e.facts[j].value, d.limits.text)
		}
		if divisor > 4 {
			e.sample = ""
		}
	}
	s.page = p
	return s
}

// units counts the characters of all texts of the page.
func (p *page) units() int {
	n := units(p.title) + units(p.text)
	if p.text == "" {
		e, ok := p.sole()
		for _, f := range e.facts {
			n += units(f.name) + units(f.value) + 1
		}
		n += units(e.sample)
		if !ok {
			n += units(p.list("- "))
		}
	}
	for _, note := range p.notes {
		n += units(note) + 3
	}
	return n
}
