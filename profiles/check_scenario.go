package profiles

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
)

const maxThink = time.Hour

func (p *Profile) checkScenarios(ps *problems) {
	if len(p.Scenarios) == 0 {
		ps.missing("scenarios", "write at least one scenario with steps")
		return
	}
	total, wrong := 0.0, false
	for i, s := range p.Scenarios {
		path := join("scenarios", s.Name)
		if s.Name == "" || hasControl(s.Name) {
			ps.add(path, "", "a scenario needs a name without control characters")
		}
		if slices.ContainsFunc(p.Scenarios[:i], func(o Scenario) bool { return o.Name == s.Name }) {
			ps.add(path, "", "two scenarios are named %s", quote(s.Name))
		}
		if s.Weight < 0 || math.IsNaN(s.Weight) || s.Weight > 1e9 {
			ps.add(path+".weight", "0 switches the scenario off", "the weight must be from 0 to 1000000000")
			wrong = true
		}
		total += s.Weight
		p.checkSteps(ps, path, s.Steps)
	}
	if total == 0 && !wrong {
		ps.add("scenarios", "give one scenario a weight above 0", "all weights are 0, so nothing would be sent")
	}
}

func (p *Profile) checkSteps(ps *problems, path string, steps []Step) {
	if !slices.ContainsFunc(steps, func(s Step) bool { return s.Method != "" }) {
		if len(steps) == 0 {
			ps.missing(path+".steps", `write steps, such as "- get: /"`)
		} else {
			ps.add(path+".steps", `add a request, such as "- get: /"`, "the scenario sends nothing")
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

func (t Think) check(ps *problems, path string) {
	switch {
	case t.Min < 0 || t.Max < 0:
		ps.add(path, "a pause is 0s or more", "the pause is negative")
	case t.Min > t.Max:
		ps.add(path, "write "+formatThink(Think{t.Max, t.Min}), "the pause runs from long to short")
	case t.Max > maxThink:
		ps.add(path, "", "the pause is longer than %s", FormatDuration(maxThink))
	}
}

func (p *Profile) checkRequest(ps *problems, path string, s Step) {
	if strings.TrimSpace(s.Name) == "" || hasControl(s.Name) {
		ps.add(path+".name", "leave it out for method and path", "a request's name must be text without control characters")
	}
	p.checkURL(ps, path+"."+strings.ToLower(s.Method), s.URL)
	checkHeaders(ps, path, s.Headers)
	if hasTemplate(string(s.Body)) {
		at := path + ".body"
		if hasHeader(s.Headers, "Content-Type") {
			at = path + ".json"
		}
		ps.add(at, "write the value itself", "templates ({{ … }}) are not supported yet")
	}
}

func (p *Profile) checkURL(ps *problems, path, rawURL string) {
	u, err := url.Parse(rawURL)
	switch {
	case rawURL == "":
		ps.missing(path, "write a path, such as /")
	case hasTemplate(rawURL):
		ps.add(path, "write the value itself", "templates ({{ … }}) are not supported yet")
	case strings.Contains(rawURL, " ") || hasControl(rawURL):
		ps.add(path, "write a space as %20", "the URL holds a space or a control character")
	case strings.Contains(rawURL, "#"):
		ps.add(path, "remove it", "a fragment (#…) is never sent to a server")
	case err != nil:
		ps.add(path, "write % as %25", "this is not a URL")
	case u.Host == "" && (u.Scheme != "" || !strings.HasPrefix(rawURL, "/")):
		ps.add(path, "write a path such as /api, or an http or https URL", "the URL must begin with / or http")
	case u.Host != "" && !slices.Contains([]string{"http", "https"}, u.Scheme):
		ps.add(path, "write http:// or https://", "the URL is neither http nor https")
	case u.Host != "" && !p.Target.allows(u):
		ps.add(path, "add it to target.allow_hosts", "the host %s is not in allow_hosts", quote(u.Host))
	}
}
