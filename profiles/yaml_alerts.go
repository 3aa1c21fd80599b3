package profiles

import (
	"maps"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// alerts writes the alerts of an SLO, each in full.
func (w *writer) alerts(alerts []Alert) {
	if len(alerts) > 0 {
		w.line(2, "alerts:")
	}
	for _, a := range alerts {
		w.line(3, "- name: %s", scalarText(w.redact(a.Name)))
		w.optional(4, "when", a.When.Text)
		w.optional(4, "burn_rate", a.BurnRate)
		w.optional(4, "resolve", a.Resolve.Text)
		w.line(4, "for: %s", FormatDuration(a.For))
		w.line(4, "keep_firing_for: %s", FormatDuration(a.KeepFiring))
		if a.MinEvents > 0 {
			w.line(4, "min_events: %d", a.MinEvents)
		}
		w.line(4, "no_data: %s", a.NoData)
		w.optional(4, "severity", a.Severity)
		w.names("during", "stage", a.During)
		w.names("by", "label", a.By)
		w.names("mute", "stage", a.Mute)
		w.names("notify", "receiver", a.Notify)
		w.line(4, "action: %s", a.Action)
	}
}

// optional writes a value that may be left out.
func (w *writer) optional(depth int, key, text string) {
	if text != "" {
		w.line(depth, "%s: %s", key, scalarText(w.redact(text)))
	}
}

// names writes an alert's list of names of a kind, which may be left out.
func (w *writer) names(key, kind string, names []string) {
	if len(names) == 0 {
		return
	}
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = scalarText(w.name(kind, name))
	}
	w.line(4, "%s: [%s]", key, strings.Join(all, ", "))
}

// notify writes the receivers. A secret stands there as in the profile: as the variable or the file it comes from.
func (w *writer) notify(receivers []Receiver) {
	if len(receivers) > 0 {
		w.line(0, "notify:")
	}
	for _, r := range receivers {
		w.line(1, "%s:", keyScalar(w.name("receiver", r.Name)))
		w.line(2, "type: %s", scalarText(r.Type))
		secrets := r.Secrets()
		for _, key := range slices.Sorted(maps.Keys(secrets)) {
			if !strings.HasPrefix(key, "headers.") {
				w.secret(2, key, *secrets[key])
			}
		}
		if len(r.Headers) > 0 {
			w.line(2, "headers:")
		}
		for _, h := range r.Headers {
			w.secret(3, keyScalar(h.Name), h.Value)
		}
		if len(r.Command) > 0 {
			all := make([]string, len(r.Command))
			for i, word := range r.Command {
				all[i] = scalarText(w.redact(word))
			}
			w.line(2, "command: [%s]", strings.Join(all, ", "))
		}
		for _, pair := range [][2]string{{"path", r.Path}, {"title", r.Title}, {"body", r.Body}, {"channel", r.Channel}, {"username", r.Username}} {
			w.optional(2, pair[0], pair[1])
		}
		w.line(2, "timeout: %s", FormatDuration(r.Timeout))
		w.line(2, "allow_http: %t", r.AllowHTTP)
	}
}

// secret writes where a secret comes from. A variable gets *** for a default, so that the file can be read without it.
func (w *writer) secret(depth int, key string, s Secret) {
	name, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(s.Raw, "${"), "}"), ":-")
	switch {
	case s.File != "":
		w.line(depth, "%s_file: %s", key, scalarText(w.redact(s.File)))
	case strings.HasPrefix(s.Raw, "${"):
		w.line(depth, `%s: "${%s:-%s}"`, key, name, document.Masked)
	case s.Value != "":
		w.line(depth, "%s: %s", key, scalarText(w.redact(s.Value)))
	}
}
