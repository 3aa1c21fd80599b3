package profiles

import (
	"net/url"
	"slices"
	"strings"
)

// decodeScenarios reads the mapping below scenarios, whose keys are their names.
func (d *decoder) decodeScenarios(s section) {
	f, ok := s.fields["scenarios"]
	if !ok {
		return
	}
	entries, _ := d.entries(f)
	for _, e := range entries {
		child := d.child(f.path, e)
		if below, ok := d.section(child, "scenario"); ok {
			d.decodeScenario(below, e.key)
		}
	}
}

func (d *decoder) decodeScenario(s section, name string) {
	scenario := Scenario{Name: name, Weight: 1}
	s.number("weight", &scenario.Weight)
	s.list("steps", func(f field) {
		// A step that cannot be read still takes its place, so that the paths of those after it stay right.
		scenario.Steps = append(scenario.Steps, d.decodeStep(f))
	})
	d.profile.Scenarios = append(d.profile.Scenarios, scenario)
}

func (d *decoder) decodeStep(f field) Step {
	s, ok := d.section(f, "step")
	if !ok {
		return Step{}
	}
	action := d.action(s, f)
	switch action {
	case "":
		return Step{}
	case "think":
		return d.decodeThink(s)
	}
	step := Step{Method: strings.ToUpper(action)}
	s.text(action, &step.URL)
	step.Name = endpointName(step.Method, step.URL)
	s.text("name", &step.Name)
	step.Headers = d.decodeHeaders(s)
	d.decodeBody(s, &step)
	return step
}

// action returns which of its actions a step takes, and reports none or several.
func (d *decoder) action(s section, f field) string {
	first := ""
	for _, e := range f.node.entries {
		switch {
		case !slices.Contains(actions(), e.key):
		case first == "":
			first = e.key
		default:
			d.broken[f.path] = true
			d.fault(e.at, "make it a step of its own", "a step does one thing, but this one has both %s and %s", first, e.key)
			return ""
		}
	}
	switch {
	case first != "":
	case d.meantAction(s):
		d.broken[f.path] = true
	default:
		d.wrong(f, "give it one of get, post, put, patch, delete, head or think", "this step does nothing")
	}
	return first
}

// meantAction reports whether an action was misspelt, which has been reported by then.
func (d *decoder) meantAction(s section) bool {
	for _, action := range actions() {
		if d.broken[join(s.path, action)] {
			return true
		}
	}
	return false
}

func (d *decoder) decodeThink(s section) Step {
	var think Think
	convert(d, s.fields["think"], &think, parseThink)
	for _, key := range knownKeys("step") {
		if f, ok := s.fields[key]; ok && key != "think" {
			f.at = d.keys[f.path]
			d.wrong(f, "a pause has no other keys", "%s does not belong to a think step", quote(key))
		}
	}
	return Step{Think: think}
}

func (d *decoder) decodeBody(s section, step *Step) {
	body, hasBody := s.fields["body"]
	value, hasJSON := s.fields["json"]
	switch {
	case hasBody && hasJSON:
		value.at = d.keys[value.path]
		d.wrong(value, "keep one of them", "a request has either body or json, not both")
	case hasBody:
		if text, ok := d.scalar(body); ok {
			step.Body = []byte(text)
		}
	case hasJSON:
		step.Body = d.appendJSON(nil, value)
		if !hasHeader(step.Headers, "Content-Type") {
			step.Headers = append(step.Headers, Header{"Content-Type", "application/json"})
		}
	}
}

func hasHeader(headers []Header, name string) bool {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return true
		}
	}
	return false
}

// endpointName names a request by method and path. A query is left out: its values would make endpoints without number, and
// may be secret.
func endpointName(method, rawURL string) string {
	path, _, _ := strings.Cut(rawURL, "?")
	path, _, _ = strings.Cut(path, "#")
	if u, err := url.Parse(path); err == nil && u.Host != "" {
		path = u.EscapedPath()
	}
	if path == "" {
		path = "/"
	}
	return method + " " + path
}
