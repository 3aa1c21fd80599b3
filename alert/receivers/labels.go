package receivers

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/alert"
)

// labels tell an alert from all others, and hold nothing that changes while it lasts.
func labels(m *alert.Message, t *alert.Told) map[string]string {
	all := map[string]string{}
	for _, l := range t.Labels {
		all[labelName(l.Name)] = l.Value
	}
	maps.Copy(all, map[string]string{
		"alertname": labelName(t.SLO + "_" + t.Rule), "severity": t.Severity, "slo": t.SLO, "rule": t.Rule,
		"run": m.Run.ID, "source": "floodmark",
	})
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// annotations are what people read.
func annotations(m *alert.Message, t *alert.Told) map[string]string {
	all := map[string]string{
		"summary": headline(t, m.Delayed), "objective": t.Objective, "when": t.When, "value": t.ValueText(), "worst": t.WorstText(),
		"budget_used": budgetText(t), "sample": t.Sample, "run_name": m.Run.Name, "target": m.Run.Target, "revision": m.Run.Revision,
		"description": describe(m, t),
	}
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// describe is all there is to know of an alert, on a line.
func describe(m *alert.Message, t *alert.Told) string {
	var parts []string
	for _, f := range facts(t, m.Delayed) {
		parts = append(parts, f.name+": "+f.value)
	}
	return strings.Join(append(parts, notes(m)...), "; ")
}

// labelName makes a label's name of a text: letters, digits and underscores.
func labelName(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, s)
	if name == "" || name[0] >= '0' && name[0] <= '9' || strings.HasPrefix(name, "__") {
		name = "x_" + strings.TrimLeft(name, "_")
	}
	return name
}

// fingerprint is Alertmanager's: FNV-1a over the sorted labels.
func fingerprint(labels map[string]string) string {
	h := fnv.New64a()
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		for _, s := range []string{name, labels[name]} {
			h.Write([]byte(s))
			h.Write([]byte{255})
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// common returns the pairs that all alerts have.
func common(alerts []enveloped, of func(*enveloped) map[string]string) map[string]string {
	if len(alerts) == 0 {
		return map[string]string{}
	}
	all := maps.Clone(of(&alerts[0]))
	for i := range alerts[1:] {
		others := of(&alerts[1+i])
		maps.DeleteFunc(all, func(name, value string) bool {
			other, ok := others[name]
			return !ok || other != value
		})
	}
	return all
}
