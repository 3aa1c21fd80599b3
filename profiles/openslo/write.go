package openslo

import (
	"fmt"
	"strings"

	"github.com/floodmark/floodmark/profiles"
)

// write writes SLOs, and whom their alerts tell, as a profile has them.
func write(slos []imported, receivers []receiver) []byte {
	w := &writer{}
	w.line(0, "slos:")
	for _, s := range slos {
		w.slo(s)
	}
	if len(receivers) > 0 {
		w.line(0, "notify:")
	}
	for _, r := range receivers {
		w.line(1, `%s: { type: %s, %s: "${%s}" }`, profiles.KeyScalar(r.name), r.kind, r.secret, r.variable)
	}
	return []byte(w.String())
}

// A writer builds YAML, two spaces a level.
type writer struct{ strings.Builder }

func (w *writer) line(depth int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&w.Builder, format, args...)
	w.WriteByte('\n')
}

func (w *writer) slo(s imported) {
	w.line(1, "- name: %s", profiles.Scalar(s.name))
	w.line(2, "objective: %s", profiles.Scalar(s.objectives[0].String()))
	if len(s.objectives) > 1 {
		w.line(2, "also:")
	}
	for _, also := range s.objectives[1:] {
		w.line(3, "- %s", profiles.Scalar(also.String()))
	}
	if len(s.alerts) > 0 {
		w.line(2, "alerts:")
	}
	for _, r := range s.alerts {
		w.rule(r)
	}
}

func (w *writer) rule(r rule) {
	w.line(3, "- name: %s", profiles.Scalar(r.name))
	w.line(4, "when: %s", profiles.Scalar(r.when.String()))
	if r.patience > 0 {
		w.line(4, "for: %s", profiles.FormatDuration(r.patience))
	}
	if r.silence {
		w.line(4, "no_data: breach")
	}
	if r.severity != "" {
		w.line(4, "severity: %s", profiles.Scalar(r.severity))
	}
	if len(r.notify) > 0 {
		names := make([]string, len(r.notify))
		for i, name := range r.notify {
			names[i] = profiles.Scalar(name)
		}
		w.line(4, "notify: [%s]", strings.Join(names, ", "))
	}
}
