package profiles

import (
	"fmt"
	"maps"
	"slices"

	"github.com/floodmark/floodmark/profiles/document"
)

func (p *Profile) checkSLOs(ps *document.Problems) {
	names := map[string]bool{}
	for i, s := range p.SLOs {
		path := fmt.Sprintf("slos[%d]", i)
		if s.Objective.Text == "" {
			ps.Missing(path+".objective", "write an objective, such as success >= 99%")
		}
		for j, x := range s.Also {
			if x.Text == "" {
				ps.Add(fmt.Sprintf("%s.also[%d]", path, j), "remove it", "the objective is empty")
			}
		}
		if names[s.Name] && s.Name != "" {
			ps.Add(path+".name", "name it otherwise", "two SLOs are named %s", document.Quote(s.Name))
		}
		if hasControl(s.Name) {
			ps.Add(path+".name", "", "an SLO's name must be text without control characters")
		}
		names[s.Name] = true
		if verdicts := []string{"confidence", "point"}; !slices.Contains(verdicts, s.Verdict) {
			ps.Add(path+".verdict", document.DidYouMean(s.Verdict, verdicts), "unknown verdict %s", document.Quote(s.Verdict))
		}
		p.checkSelect(ps, path+".select", s.Select)
		p.checkAlerts(ps, path, s.Alerts)
	}
}

// checkSelect refuses a selector that no request could ever match: an objective that saw nothing is never met, and that
// is better said before the load than after it.
func (p *Profile) checkSelect(ps *document.Problems, path string, labels map[string]string) {
	before := len(*ps)
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		value := labels[key]
		known := p.labelValues(key)
		switch {
		case known == nil:
			ps.Add(document.Join(path, key), document.DidYouMean(key, knownKeys("select")), "unknown label %s", document.Quote(key))
		case !slices.Contains(known, value):
			ps.Add(document.Join(path, key), document.DidYouMean(value, known), "no %s is named %s, so this selects nothing", key, document.Quote(value))
		}
	}
	if len(*ps) == before && !p.matchesRequest(labels) {
		ps.Add(path, "the labels must hold together for one request", "no request has all of these labels, so this selects nothing")
	}
}

// labelValues returns what a label can be in this profile, or nil for a label that does not exist.
func (p *Profile) labelValues(label string) []string {
	values := []string{}
	if label == "stage" {
		for _, s := range p.Load.segments() {
			if !s.Warmup && s.End > s.Start {
				values = append(values, s.Name)
			}
		}
		return values
	}
	if !slices.Contains(knownKeys("select"), label) {
		return nil
	}
	for _, s := range p.Scenarios {
		for _, step := range s.Steps {
			if value := requestLabels(s, step)[label]; step.Method != "" && s.Weight > 0 && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	return values
}

func (p *Profile) matchesRequest(labels map[string]string) bool {
	for _, s := range p.Scenarios {
		for _, step := range s.Steps {
			if step.Method != "" && s.Weight > 0 && matches(requestLabels(s, step), labels) {
				return true
			}
		}
	}
	return len(labels) == 0
}

func requestLabels(s Scenario, step Step) map[string]string {
	return map[string]string{"scenario": s.Name, "endpoint": step.Name, "method": step.Method}
}

func matches(request, labels map[string]string) bool {
	for key, value := range labels {
		if key != "stage" && request[key] != value {
			return false
		}
	}
	return true
}
