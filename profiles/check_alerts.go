package profiles

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// maxAlerts bounds the alerts of a profile, and maxReceivers whom they may tell.
const (
	maxAlerts    = 1000
	maxReceivers = 50
)

// checkAlerts judges the alerts of one SLO.
func (p *Profile) checkAlerts(ps *document.Problems, path string, alerts []Alert) {
	names := map[string]bool{}
	for i, a := range alerts {
		at := fmt.Sprintf("%s.alerts[%d]", path, i)
		switch {
		case a.Name == "":
			ps.Missing(at+".name", "name it, such as dip")
		case names[a.Name]:
			ps.Add(at+".name", "name it otherwise", "two alerts are named %s", document.Quote(a.Name))
		case hasControl(a.Name) || strings.Contains(a.Name, "/"):
			ps.Add(at+".name", "", "an alert's name must be text without / and control characters")
		}
		names[a.Name] = true
		p.checkAlert(ps, at, a)
	}
}

func (p *Profile) checkAlert(ps *document.Problems, at string, a Alert) {
	presets := []string{"auto", "google"}
	switch {
	case a.BurnRate == "" && a.When.Text == "":
		ps.Missing(at+".when", "write a condition, such as success < 80% over 30s, or burn_rate: auto")
	case a.BurnRate != "" && a.When.Text != "":
		ps.AddKey(at+".burn_rate", "keep one of the two", "when and burn_rate stand here both")
	case a.BurnRate != "" && !slices.Contains(presets, a.BurnRate):
		checkWord(ps, at+".burn_rate", a.BurnRate, presets)
	case a.BurnRate != "" && a.Resolve.Text != "":
		ps.AddKey(at+".resolve", "remove it", "the conditions of burn_rate resolve by themselves")
	}
	checkWord(ps, at+".no_data", a.NoData, []string{"keep", "breach", "ok"})
	checkWord(ps, at+".action", a.Action, []string{"none", "abort"})
	if a.Severity != "" {
		checkWord(ps, at+".severity", a.Severity, Severities())
	}
	if a.For < 0 || a.For > maxDuration {
		ps.Add(at+".for", "", "for must be from 0s to %s", FormatDuration(maxDuration))
	}
	if a.KeepFiring < 0 || a.KeepFiring > maxDuration {
		ps.Add(at+".keep_firing_for", "", "keep_firing_for must be from 0s to %s", FormatDuration(maxDuration))
	}
	if a.MinEvents < 0 {
		ps.Add(at+".min_events", "leave it out for what the objective needs", "min_events is negative")
	}
	checkWords(ps, at+".by", "label", a.By, knownKeys("select"))
	stages := p.labelValues("stage")
	checkWords(ps, at+".during", "stage", a.During, stages)
	checkWords(ps, at+".mute", "stage", a.Mute, stages)
	receivers := make([]string, 0, len(p.Notify))
	for _, r := range p.Notify {
		receivers = append(receivers, r.Name)
	}
	checkWords(ps, at+".notify", "receiver", a.Notify, receivers)
}

// checkWords refuses names of what there is not, and those said twice.
func checkWords(ps *document.Problems, path, what string, words, known []string) {
	for i, word := range words {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case slices.Contains(words[:i], word):
			ps.Add(at, "keep one", "%s stands here twice", document.Quote(word))
		case len(known) == 0:
			ps.Add(at, "describe it below notify", "there is no %s %s", what, document.Quote(word))
		case !slices.Contains(known, word):
			ps.Add(at, document.DidYouMean(word, known), "there is no %s %s", what, document.Quote(word))
		}
	}
}

// checkNotify judges the receivers as far as that is possible without knowing their types.
func (p *Profile) checkNotify(ps *document.Problems) {
	if len(p.Notify) > maxReceivers {
		ps.Add("notify", "", "there are more than %d receivers", maxReceivers)
	}
	alerts := 0
	for _, s := range p.SLOs {
		alerts += len(s.Alerts)
	}
	if alerts > maxAlerts {
		ps.Add("slos", "", "there are more than %d alerts", maxAlerts)
	}
	for _, r := range p.Notify {
		at := document.Join("notify", r.Name)
		switch {
		case strings.TrimSpace(r.Name) == "" || hasControl(r.Name) || len([]rune(r.Name)) > maxName:
			ps.AddKey(at, "use letters, digits and -", "%s cannot name a receiver", document.Quote(r.Name))
		case r.Type == "":
			ps.Missing(at+".type", "say what it is, such as type: slack")
		}
		for i, h := range r.Headers {
			if !isToken(h.Name) || slices.ContainsFunc(r.Headers[:i], func(o SecretHeader) bool { return strings.EqualFold(o.Name, h.Name) }) {
				ps.AddKey(document.Join(at+".headers", h.Name), "use letters, digits and -, and each name once", "%s cannot name a header", document.Quote(h.Name))
			}
		}
		if r.Timeout < 0 || r.Timeout > maxTimeout {
			ps.Add(at+".timeout", "", "timeout must be from 0s to %s", FormatDuration(maxTimeout))
		}
	}
}
