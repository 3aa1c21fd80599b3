package openslo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// maxPatience is how long a profile lets an alert wait, which is as long as a run can be.
const maxPatience = 30 * 24 * time.Hour

// A rule is an alert as a profile has it.
type rule struct {
	name     string
	when     slo.Condition
	patience time.Duration // for:
	silence  bool          // no data is a breach
	severity string
	notify   []string
}

// alerts reads the alert policies of an SLO.
func (im *importer) alerts(o *object, objectives []slo.Expression) []rule {
	var out []rule
	for _, item := range im.list(o.spec, "alertPolicies") {
		policy := im.inlineOrRef(item, "alertPolicyRef", kindPolicy)
		if policy == nil {
			continue
		}
		r, ok := im.policy(policy, objectives[0], fmt.Sprintf("alert %d", len(out)+1))
		if !ok {
			continue
		}
		if slices.ContainsFunc(out, func(other rule) bool { return other.name == r.name }) {
			im.file.Fault(item.Position, "name one of them otherwise, or remove it", "SLO %s has two alerts named %s", o.name, r.name)
		}
		out = append(out, r)
	}
	if len(out) > 0 && len(objectives) > 1 {
		im.note(o.spec.Key("alertPolicies").Position, "SLO %s: its alerts are about the first objective, %s", o.name, objectives[0])
	}
	return out
}

// policy makes a rule of an alert policy, which goes by another name if it has none; ok is false if it is left out.
func (im *importer) policy(p *object, objective slo.Expression, otherwise string) (r rule, ok bool) {
	im.strangers(p.spec, "an alert policy", "description", "alertWhenNoData", "alertWhenResolved", "alertWhenBreaching", "conditions", "notificationTargets")
	conditions := im.list(p.spec, "conditions")
	if len(conditions) != 1 {
		im.file.Fault(p.at, "", "an alert policy has one condition, and this one has %d", len(conditions))
		return r, false
	}
	condition := im.inlineOrRef(conditions[0], "conditionRef", kindCondition)
	targets := im.targets(p)
	if condition == nil {
		return r, false
	}
	given := cmp.Or(p.name, condition.name, otherwise)
	r.name = strings.ReplaceAll(given, "/", "-")
	if r.name != given {
		im.note(p.at, "alert %s is named %s, since names of alerts have no /", given, r.name)
	}
	if !im.occasions(p, &r) || !im.condition(condition, objective, &r) {
		return r, false
	}
	for _, t := range targets {
		im.receive(t)
		if !slices.Contains(r.notify, t.name) {
			r.notify = append(r.notify, t.name)
		}
	}
	if len(targets) == 0 {
		im.note(p.at, "alert %s has no notificationTargets: nobody is told", r.name)
	}
	return r, true
}

// occasions tells when people hear of a policy, and reports whether they do of a breach.
func (im *importer) occasions(p *object, r *rule) bool {
	breaching, given := im.flag(p.spec, "alertWhenBreaching")
	silence, _ := im.flag(p.spec, "alertWhenNoData")
	resolved, saysResolved := im.flag(p.spec, "alertWhenResolved")
	switch {
	case !p.spec.Key("alertWhenBreaching").Given():
		im.note(p.at, "alert %s: alertWhenBreaching is not there, and is taken to be true", r.name)
	case given && !breaching:
		im.note(p.spec.Key("alertWhenBreaching").Position, "alert %s says nothing of a breach, and is left out", r.name)
		return false
	}
	if r.silence = silence; silence {
		im.note(p.spec.Key("alertWhenNoData").Position, "alert %s: alertWhenNoData becomes no_data: breach, so silence fires as a breach does", r.name)
	}
	if saysResolved && !resolved {
		im.note(p.spec.Key("alertWhenResolved").Position, "alert %s: alertWhenResolved is false, but floodmark always tells when an alert is over", r.name)
	}
	return true
}

// condition reads an alert condition; ok is false if it cannot be said here.
func (im *importer) condition(c *object, objective slo.Expression, r *rule) (ok bool) {
	v := c.spec.Key("condition")
	if !v.IsMapping() {
		im.missing(c.spec, c.at, "condition")
		return false
	}
	im.strangers(v, "a condition", "kind", "op", "threshold", "lookbackWindow", "alertAfter")
	if kind, given := im.text(v, "kind"); given && kind != "burnrate" {
		im.note(v.Key("kind").Position, "alert %s: a condition of kind %s is not known here, only burnrate: it is left out", r.name, kind)
		return false
	}
	r.patience, _ = im.duration(v, "alertAfter")
	b, ok := im.burn(v, r.name)
	if !ok {
		return false
	}
	why := b.impossible(objective)
	if r.patience > maxPatience {
		why = "alertAfter is longer than a run can be"
	}
	if why != "" {
		im.note(v.Position, "alert %s: %s: it is left out", r.name, why)
		return false
	}
	r.when, r.severity = b.condition(objective), im.severity(c, r.name)
	return true
}

// severity returns how bad a condition is in a profile's words, "" if it does not say that.
func (im *importer) severity(c *object, alert string) string {
	given, _ := im.text(c.spec, "severity")
	known := profiles.Severities()
	if word := strings.ToLower(given); word == "" || slices.Contains(known, word) {
		return word
	}
	im.note(c.spec.Key("severity").Position, "alert %s: severity %s is none of %s, and is left out", alert, given, joined(known))
	return ""
}
