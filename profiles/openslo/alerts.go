package openslo

import (
	"fmt"
	"slices"
	"time"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// A rule is an alert as a profile has it.
type rule struct {
	name     string
	when     string
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
		r, ok := im.policy(policy, objectives[0])
		if !ok {
			continue
		}
		if r.name == "" {
			r.name = fmt.Sprintf("alert %d", len(out)+1)
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

// policy makes a rule of an alert policy; ok is false if it is left out.
func (im *importer) policy(p *object, objective slo.Expression) (r rule, ok bool) {
	im.strangers(p.spec, "an alert policy", "description", "alertWhenNoData", "alertWhenResolved", "alertWhenBreaching", "conditions", "notificationTargets")
	conditions := im.list(p.spec, "conditions")
	if len(conditions) != 1 {
		im.file.Fault(p.at, "", "an alert policy has one condition, and this one has %d", len(conditions))
		return r, false
	}
	condition := im.inlineOrRef(conditions[0], "conditionRef", kindCondition)
	r.notify = im.targets(p)
	if condition == nil {
		return r, false
	}
	if r.name = p.name; r.name == "" {
		r.name = condition.name
	}
	return r, im.occasions(p, &r) && im.condition(condition, objective, &r)
}

// occasions tells when people hear of a policy, and reports whether they do of a breach.
func (im *importer) occasions(p *object, r *rule) bool {
	breaching, given := im.flag(p.spec, "alertWhenBreaching")
	silence, _ := im.flag(p.spec, "alertWhenNoData")
	resolved, saysResolved := im.flag(p.spec, "alertWhenResolved")
	switch {
	case !given && !p.spec.Key("alertWhenBreaching").Given():
		im.note(p.at, "alert %s: alertWhenBreaching is not there, and is taken to be true", r.name)
	case !breaching:
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

// targets returns the names of those whom a policy tells.
func (im *importer) targets(p *object) []string {
	var names []string
	for _, item := range im.list(p.spec, "notificationTargets") {
		t := im.inlineOrRef(item, "targetRef", kindTarget)
		if t == nil {
			continue
		}
		if t.name == "" {
			im.missing(item, item.Position, "metadata.name")
			continue
		}
		if !slices.Contains(names, t.name) {
			names = append(names, t.name)
		}
		means, _ := im.text(t.spec, "target")
		im.note(t.at, "notification target %s (%s) has to be written under notify: as a receiver of that name", t.name, orElse(means, "of no kind"))
	}
	if !p.spec.Key("notificationTargets").Given() {
		im.note(p.at, "alert policy %s has no notificationTargets: nobody is told", orElse(p.name, "without a name"))
	}
	return names
}

// condition reads an alert condition; ok is false if it cannot be said here.
func (im *importer) condition(c *object, objective slo.Expression, r *rule) (ok bool) {
	r.severity, _ = im.text(c.spec, "severity")
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
	when, why := b.of(objective)
	if why != "" {
		im.note(v.Position, "alert %s: %s: it is left out", r.name, why)
		return false
	}
	if _, isUnder := objective.Under(); isUnder {
		im.note(v.Position, "alert %s: floodmark's burn is about failed requests; a burn rate of %s %s for %s is written as %s", r.name, b.compare, plain(b.threshold), objective, when)
	}
	r.when = when
	return true
}

// orElse returns a text, or another if it is empty.
func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// burn reads a burn rate and tells how its operator was understood.
func (im *importer) burn(v profiles.Value, name string) (b burn, ok bool) {
	op, given := im.mustText(v, "op")
	threshold, isNumber := im.number(v, "threshold")
	window, isLength := im.duration(v, "lookbackWindow")
	for _, key := range []string{"threshold", "lookbackWindow"} {
		if !v.Key(key).Given() {
			im.missing(v, v.Position, key)
		}
	}
	if !given || !isNumber || !isLength {
		return b, false
	}
	b = burn{threshold: threshold}
	switch op {
	case "gt", "lte":
		b.compare = ">"
	case "gte", "lt":
		b.compare = ">="
	default:
		im.file.Fault(v.Key("op").Position, didYouMean(op, operators()), "unknown op %q", op)
		return b, false
	}
	if op == "lt" || op == "lte" {
		im.note(v.Key("op").Position, "alert %s: op %s %s is read as what should hold, so it fires at burn %s %s; OpenSLO's own example is worded so", name, op, plain(threshold), b.compare, plain(threshold))
	}
	switch {
	case threshold <= 0:
		im.file.Fault(v.Key("threshold").Position, "1 uses all of the budget", "threshold must be above 0")
	case window == 0:
		im.file.Fault(v.Key("lookbackWindow").Position, "", "lookbackWindow must be above 0")
	case window > maxWindow:
		im.note(v.Key("lookbackWindow").Position, "alert %s: a window of more than 24h becomes the run so far", name)
	default:
		b.window = window
	}
	return b, threshold > 0 && window > 0
}
