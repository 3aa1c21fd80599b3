package profiles

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// YAML returns the profile with every default written out and every secret as ***. It parses again, to the same profile
// but for what is masked. Numbers, durations, methods and label names are never masked.
func (p *Profile) YAML() []byte {
	w := &writer{masker: newMasker(p)}
	w.line(0, "version: %d", p.Version)
	w.line(0, "name: %s", scalarText(w.name("profile", p.Name)))
	w.line(0, "seed: %d", p.Seed)
	w.target(p.Target)
	w.success(p.Success)
	w.line(0, "scenarios:")
	for _, s := range p.Scenarios {
		w.scenario(s)
	}
	w.load(p.Load)
	if len(p.SLOs) > 0 {
		w.line(0, "slos:")
	}
	for _, s := range p.SLOs {
		w.slo(s)
	}
	w.notify(p.Notify)
	w.generator(p.Generator)
	return []byte(w.String())
}

// writer builds YAML, two spaces a level.
type writer struct {
	strings.Builder
	*masker
}

func (w *writer) line(depth int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&w.Builder, format, args...)
	w.WriteByte('\n')
}

func (w *writer) target(t Target) {
	w.line(0, "target:")
	w.line(1, "base_url: %s", scalarText(w.url(t.BaseURL)))
	hosts := make([]string, len(t.AllowHosts))
	for i, host := range t.AllowHosts {
		hosts[i] = scalarText(w.host(host))
	}
	w.line(1, "allow_hosts: [%s]", strings.Join(hosts, ", "))
	w.line(1, "protocol: %s", t.Protocol)
	w.line(1, "client: %s", t.Client)
	w.line(1, "timeout: %s", FormatDuration(t.Timeout))
	w.connections(t.Connections)
	w.tls(t.TLS)
	w.headers(1, t.Headers)
	w.line(1, "redirects: %d", t.Redirects)
}

func (w *writer) headers(depth int, headers []Header) {
	if len(headers) > 0 {
		w.line(depth, "headers:")
	}
	for _, h := range headers {
		w.line(depth+1, "%s: %s", keyScalar(h.Name), scalarText(w.redact(h.Value)))
	}
}

func (w *writer) success(s Success) {
	status := make([]string, len(s.Status))
	for i, r := range s.Status {
		status[i] = formatStatus(r)
	}
	w.line(0, "success:")
	w.line(1, "status: [%s]", strings.Join(status, ", "))
	w.line(1, "max_latency: %s", FormatDuration(s.MaxLatency))
}

func (w *writer) scenario(s Scenario) {
	w.line(1, "%s:", keyScalar(w.name("scenario", s.Name)))
	w.line(2, "weight: %s", document.Decimal(s.Weight))
	w.line(2, "steps:")
	for _, step := range s.Steps {
		if step.Method == "" {
			w.line(3, "- think: %s", formatThink(step.Think))
			continue
		}
		w.line(3, "- %s: %s", strings.ToLower(step.Method), scalarText(w.url(step.URL)))
		w.line(4, "name: %s", scalarText(w.name("endpoint", step.Name)))
		w.headers(4, step.Headers)
		if step.Body != nil {
			w.line(4, "body: %s", scalarText(w.redact(string(step.Body))))
		}
	}
}

func formatThink(t Think) string {
	if t.Min == t.Max {
		return FormatDuration(t.Min)
	}
	return FormatDuration(t.Min) + ".." + FormatDuration(t.Max)
}

func (w *writer) load(l Load) {
	w.line(0, "load:")
	w.line(1, "executor: %s", l.Executor)
	switch l.Executor {
	case ConstantArrivalRate:
		w.line(1, "rate: %s", formatRate(l.Rate))
	case ConstantVUs:
		w.line(1, "vus: %d", l.VUs)
	default:
		w.stages(l)
	}
	if l.Executor.Open() {
		w.line(1, "arrivals: %s", l.Arrivals)
		w.line(1, "pacing: %s", l.Pacing)
	}
	if !l.Executor.Ramping() {
		w.line(1, "warmup: %s", FormatDuration(l.Warmup))
		w.line(1, "duration: %s", FormatDuration(l.Duration))
	}
	if l.Requests > 0 {
		w.line(1, "requests: %d", l.Requests)
	}
	w.line(1, "max_in_flight: %d", l.MaxInFlight)
	w.line(1, "drain: %s", FormatDuration(l.Drain))
}

func (w *writer) stages(l Load) {
	level := document.Decimal
	if l.Executor.Open() {
		level = formatRate
	}
	w.line(1, "start: %s", level(l.Start))
	w.line(1, "stages:")
	for _, s := range l.Stages {
		name := ""
		if s.Name != "" {
			name = "name: " + scalarText(w.name("stage", s.Name)) + ", "
		}
		w.line(2, "- { %sduration: %s, target: %s, warmup: %t }", name, FormatDuration(s.Duration), level(s.Target), s.Warmup)
	}
}

func (w *writer) slo(s SLO) {
	w.line(1, "- name: %s", scalarText(w.name("slo", s.Name)))
	w.line(2, "objective: %s", scalarText(w.redact(s.Objective.Text)))
	if len(s.Also) > 0 {
		w.line(2, "also:")
	}
	for _, x := range s.Also {
		w.line(3, "- %s", scalarText(w.redact(x.Text)))
	}
	if len(s.Select) > 0 {
		w.line(2, "select:")
	}
	for _, label := range slices.Sorted(maps.Keys(s.Select)) {
		w.line(3, "%s: %s", label, scalarText(w.label(label, s.Select[label])))
	}
	w.line(2, "verdict: %s", s.Verdict)
	w.alerts(s.Alerts)
}

func (w *writer) generator(g Generator) {
	w.line(0, "generator: { lag: %s, cpu: %s, sent_rate: %s }", scalarText(g.Lag.String()),
		scalarText(formatRatioRule("<", g.CPU)), scalarText(formatRatioRule(">=", g.SentRate)))
}

// scalarText writes a value: plain where no reader could take it for anything else, else in double quotes. A $ is doubled,
// or it would be taken for a variable when read again.
func scalarText(text string) string { return keyScalar(strings.ReplaceAll(text, "$", "$$")) }

// keyScalar writes a key, in which $ means nothing.
func keyScalar(text string) string {
	if isPlain(text) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String() + `"`
}

// isPlain reports whether text is a word or a path that means itself without quotes.
func isPlain(text string) bool {
	switch strings.ToLower(text) {
	case "", "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return false
	}
	for i, c := range []byte(text) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/'
		if !letter && (i == 0 || (c < '0' || c > '9') && !strings.ContainsRune("-_. ", rune(c))) {
			return false
		}
	}
	return !strings.HasSuffix(text, " ")
}
