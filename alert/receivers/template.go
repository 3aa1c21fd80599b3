package receivers

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/quantity"
)

// maxOutput is how much a template may write, in bytes.
const maxOutput = 64 << 10

// letter is what templates see: the message, and in the embedded item its first alert,
// so that {{.SLO}} works as well as {{range .Alerts}}{{.SLO}}{{end}}. Texts are on one
// line each and cannot call people or forge links; for Slack, & < > in them are escaped.
type letter struct {
	item
	Status   string // "firing" or "resolved"
	Title    string // as built in
	Text     string // as built in, without title and link
	ID       string // of the message; the same for every attempt
	Receiver string
	Run      alert.Run // .ID .Name .Target .URL .Revision .Started
	Alerts   []item
	More     int // alerts beyond Alerts
	Delayed  bool
	Test     bool
}

// item is an alert as templates see it.
type item struct {
	Kind       string // firing, repeat, flapping, resolved
	Headline   string
	SLO, Rule  string
	Severity   string
	Labels     map[string]string
	Metric     string
	Value      float64 // a ratio for percent, or seconds for humanizeDuration
	ValueText  string
	Threshold  float64
	Worst      float64
	WorstText  string
	Objective  string
	When       string
	Resolve    string
	Window     string
	Events     int64
	Failed     int64   // -1 unknown
	BudgetUsed float64 // -1 unknown
	Duration   time.Duration
	StartsAt   time.Time
	EndsAt     time.Time // zero while it is firing
	Coalesced  bool
	Sample     string
	Key        string
}

// compose makes what templates see of a message that is tidy and harmless. escape is
// applied to all texts; nil leaves them.
func compose(m *alert.Message, escape func(string) string) letter {
	if escape == nil {
		escape = func(s string) string { return s }
	}
	p := write(m)
	l := letter{
		Status: status(m.Firing()), Title: escape(p.title), Text: escape(p.prose()), ID: m.ID, Receiver: escape(m.Receiver),
		Run: m.Run, More: m.More, Delayed: m.Delayed, Test: m.Test,
	}
	for _, s := range []*string{&l.Run.ID, &l.Run.Name, &l.Run.Target, &l.Run.Revision} {
		*s = escape(*s)
	}
	for i := range m.Alerts {
		l.Alerts = append(l.Alerts, itemOf(&m.Alerts[i], m.Delayed, escape))
	}
	if len(l.Alerts) > 0 {
		l.item = l.Alerts[0]
	}
	return l
}

// itemOf makes what templates see of an alert.
func itemOf(t *alert.Told, dated bool, escape func(string) string) item {
	it := item{
		Kind: string(t.Kind), Headline: escape(headline(t, dated)), SLO: escape(t.SLO), Rule: escape(t.Rule), Severity: escape(t.Severity),
		Labels: map[string]string{}, Metric: escape(t.Metric), Value: t.Value, ValueText: t.ValueText(), Threshold: t.Limit,
		Worst: t.Worst, WorstText: t.WorstText(), Objective: escape(t.Objective), When: escape(t.When), Resolve: escape(t.Resolve),
		Window: escape(t.Window), Events: t.Events, Failed: t.Bad, BudgetUsed: t.Budget, Duration: t.Duration(),
		StartsAt: t.StartsAt.UTC(), EndsAt: t.EndsAt, Coalesced: t.Coalesced, Sample: escape(t.Sample), Key: t.Key,
	}
	if !t.EndsAt.IsZero() {
		it.EndsAt = t.EndsAt.UTC()
	}
	for _, l := range t.Labels {
		it.Labels[l.Name] = escape(l.Value)
	}
	return it
}

// status is the state of an alert or of a message, as Alertmanager names it.
func status(firing bool) string {
	if firing {
		return "firing"
	}
	return "resolved"
}

// functions are all that templates can call beside the built-in ones; none reads anything
// that it is not given.
func functions() template.FuncMap {
	return template.FuncMap{
		"humanizeDuration": humanizeDuration,
		"percent":          func(ratio float64) string { return quantity.Percent(ratio, 0) },
		"join":             func(sep string, parts []string) string { return strings.Join(parts, sep) },
		"toJSON": func(v any) (string, error) {
			b, err := encode(v)
			return string(b), err
		},
		"truncate":    func(n int, s string) string { return cutRunes(s, max(n, 1)) },
		"escapeSlack": escapeSlack,
		"upper":       strings.ToUpper,
		"lower":       strings.ToLower,
	}
}

// humanizeDuration writes a duration, or a number of seconds.
func humanizeDuration(v any) (string, error) {
	switch v := v.(type) {
	case time.Duration:
		return quantity.Duration(v), nil
	case float64:
		return quantity.Value("seconds", v, 0), nil
	case int:
		return quantity.Value("seconds", float64(v), 0), nil
	}
	return "", fmt.Errorf("humanizeDuration of %T: give it a duration or seconds", v)
}

// parseTemplate reads a template; name is the profile's key, for errors.
func parseTemplate(name, text string) (*template.Template, error) {
	return template.New(name).Option("missingkey=zero").Funcs(functions()).Parse(text)
}

// errTooLong ends a template that writes too much.
var errTooLong = errors.New("writes more than 64 KiB")

// execute runs a template.
func execute(t *template.Template, l *letter) (string, error) {
	var out bounded
	if err := t.Execute(&out, l); err != nil {
		return "", err
	}
	return out.text.String(), nil
}

// bounded keeps what is written to it, and refuses to grow beyond maxOutput.
type bounded struct{ text strings.Builder }

// Write appends p, or refuses.
func (b *bounded) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > maxOutput {
		return 0, errTooLong
	}
	return b.text.Write(p)
}
