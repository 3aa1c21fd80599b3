package profiles

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

const maxThink = time.Hour

func (p *Profile) checkScenarios(ps *document.Problems) {
	if len(p.Scenarios) == 0 {
		ps.Missing("scenarios", "write at least one scenario with steps")
		return
	}
	total, wrong := 0.0, false
	for i, s := range p.Scenarios {
		path := document.Join("scenarios", s.Name)
		if s.Name == "" || hasControl(s.Name) {
			ps.Add(path, "", "a scenario needs a name without control characters")
		}
		if slices.ContainsFunc(p.Scenarios[:i], func(o Scenario) bool { return o.Name == s.Name }) {
			ps.Add(path, "", "two scenarios are named %s", document.Quote(s.Name))
		}
		if s.Weight < 0 || math.IsNaN(s.Weight) || s.Weight > 1e9 {
			ps.Add(path+".weight", "0 switches the scenario off", "the weight must be from 0 to 1000000000")
			wrong = true
		}
		total += s.Weight
		p.checkSteps(ps, path, s.Steps)
	}
	if total == 0 && !wrong {
		ps.Add("scenarios", "give one scenario a weight above 0", "all weights are 0, so nothing would be sent")
	}
}

func (p *Profile) checkSteps(ps *document.Problems, path string, steps []Step) {
	if !slices.ContainsFunc(steps, func(s Step) bool { return s.Method != "" }) {
		if len(steps) == 0 {
			ps.Missing(path+".steps", `write steps, such as "- get: /"`)
		} else {
			ps.Add(path+".steps", `add a request, such as "- get: /"`, "the scenario sends nothing")
		}
	}
	for i, s := range steps {
		at := fmt.Sprintf("%s.steps[%d]", path, i)
		if s.Method == "" {
			s.Think.check(ps, at+".think")
			continue
		}
		p.checkRequest(ps, at, s)
	}
}

func (t Think) check(ps *document.Problems, path string) {
	switch {
	case t.Min < 0 || t.Max < 0:
		ps.Add(path, "a pause is 0s or more", "the pause is negative")
	case t.Min > t.Max:
		ps.Add(path, "write "+formatThink(Think{t.Max, t.Min}), "the pause runs from long to short")
	case t.Max > maxThink:
		ps.Add(path, "", "the pause is longer than %s", FormatDuration(maxThink))
	}
}

func (p *Profile) checkRequest(ps *document.Problems, path string, s Step) {
	if strings.TrimSpace(s.Name) == "" || hasControl(s.Name) {
		ps.Add(path+".name", "leave it out for method and path", "a request's name must be text without control characters")
	}
	p.checkURL(ps, path+"."+strings.ToLower(s.Method), s.URL)
	checkHeaders(ps, path, s.Headers)
	if hasTemplate(string(s.Body)) {
		at := path + ".body"
		if hasHeader(s.Headers, "Content-Type") {
			at = path + ".json"
		}
		ps.Add(at, "write the value itself", "templates ({{ … }}) are not supported yet")
	}
}

func (p *Profile) checkURL(ps *document.Problems, path, rawURL string) {
	u, err := url.Parse(rawURL)
	switch {
	case rawURL == "":
		ps.Missing(path, "write a path, such as /")
	case hasTemplate(rawURL):
		ps.Add(path, "write the value itself", "templates ({{ … }}) are not supported yet")
	case strings.Contains(rawURL, " ") || hasControl(rawURL):
		ps.Add(path, "write a space as %20", "the URL holds a space or a control character")
	case strings.Contains(rawURL, "#"):
		ps.Add(path, "remove it", "a fragment (#…) is never sent to a server")
	case err != nil:
		ps.Add(path, "write % as %25", "this is not a URL")
	case u.Host == "" && (u.Scheme != "" || !strings.HasPrefix(rawURL, "/")):
		ps.Add(path, "write a path such as /api, or an http or https URL", "the URL must begin with / or http")
	case u.Host != "" && !slices.Contains([]string{"http", "https"}, u.Scheme):
		ps.Add(path, "write http:// or https://", "the URL is neither http nor https")
	case u.Host != "" && !p.Target.allows(u):
		ps.Add(path, "add it to target.allow_hosts", "the host %s is not in allow_hosts", document.Quote(u.Host))
	}
}
