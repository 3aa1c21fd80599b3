package profiles

import (
	"net/url"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// decodeScenarios reads the mapping below scenarios, whose keys are their names.
func (d *decoder) decodeScenarios(s section) {
	f, ok := s.Fields["scenarios"]
	if !ok {
		return
	}
	entries, _ := d.Entries(f)
	for _, e := range entries {
		child := d.Child(f.Path, e)
		if below, ok := d.section(child, "scenario"); ok {
			d.decodeScenario(below, e.Key)
		}
	}
}

func (d *decoder) decodeScenario(s section, name string) {
	scenario := Scenario{Name: name, Weight: 1}
	s.Number("weight", &scenario.Weight)
	s.List("steps", func(f document.Field) {
		// A step that cannot be read still takes its place, so that the paths of those after it stay right.
		scenario.Steps = append(scenario.Steps, d.decodeStep(f))
	})
	d.profile.Scenarios = append(d.profile.Scenarios, scenario)
}

func (d *decoder) decodeStep(f document.Field) Step {
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
	s.Text(action, &step.URL)
	step.Name = endpointName(step.Method, step.URL)
	s.Text("name", &step.Name)
	step.Headers = d.decodeHeaders(s)
	d.decodeBody(s, &step)
	return step
}

// action returns which of its actions a step takes, and reports none or several.
func (d *decoder) action(s section, f document.Field) string {
	first := ""
	for _, e := range f.Node.Entries {
		switch {
		case !slices.Contains(actions(), e.Key):
		case first == "":
			first = e.Key
		default:
			d.Broken[f.Path] = true
			d.Fault(e.At, "make it a step of its own", "a step does one thing, but this one has both %s and %s", first, e.Key)
			return ""
		}
	}
	switch {
	case first != "":
	case d.meantAction(s):
		d.Broken[f.Path] = true
	default:
		d.Wrong(f, "give it one of get, post, put, patch, delete, head or think", "this step does nothing")
	}
	return first
}

// meantAction reports whether an action was misspelt, which has been reported by then.
func (d *decoder) meantAction(s section) bool {
	for _, action := range actions() {
		if d.Broken[document.Join(s.Path, action)] {
			return true
		}
	}
	return false
}

func (d *decoder) decodeThink(s section) Step {
	var think Think
	document.Convert(d.Decoder, s.Fields["think"], &think, parseThink)
	for _, key := range knownKeys("step") {
		if f, ok := s.Fields[key]; ok && key != "think" {
			f.At = d.KeyPlaces[f.Path]
			d.Wrong(f, "a pause has no other keys", "%s does not belong to a think step", document.Quote(key))
		}
	}
	return Step{Think: think}
}

func (d *decoder) decodeBody(s section, step *Step) {
	body, hasBody := s.Fields["body"]
	value, hasJSON := s.Fields["json"]
	switch {
	case hasBody && hasJSON:
		value.At = d.KeyPlaces[value.Path]
		d.Wrong(value, "keep one of them", "a request has either body or json, not both")
	case hasBody:
		if text, ok := d.Scalar(body); ok {
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
