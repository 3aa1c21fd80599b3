package openslo

import (
	"fmt"
	"slices"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// An imported is an SLO as a profile has it.
type imported struct {
	name       string
	objectives []slo.Expression // at least one
	alerts     []rule
}

// slo reads an SLO; ok is false if nothing of it can be judged here, which a note or a fault says.
func (im *importer) slo(o *object) (out imported, ok bool) {
	im.strangers(o.spec, "an SLO", "description", "service", "indicator", "indicatorRef", "timeWindow", "budgetingMethod", "objectives", "alertPolicies")
	method, given := im.mustText(o.spec, "budgetingMethod")
	sliced := method == "Timeslices" || method == "RatioTimeslices"
	im.timeWindow(o)
	out.name = o.name
	out.objectives = im.objectives(o, sliced)
	switch {
	case !given:
	case sliced:
		im.leaveOut(o.spec.Key("budgetingMethod").Position, "with budgetingMethod Occurrences it is imported as a share of requests", "SLO %s counts slices of time (%s), and floodmark counts requests", o.name, method)
	case method != "Occurrences":
		im.file.Fault(o.spec.Key("budgetingMethod").Position, didYouMean(method, []string{"Occurrences", "Timeslices", "RatioTimeslices"}), "unknown budgetingMethod %q", method)
	}
	if len(out.objectives) == 0 {
		for _, item := range im.list(o.spec, "alertPolicies") {
			im.inlineOrRef(item, "alertPolicyRef", kindPolicy)
		}
		return out, false
	}
	out.alerts = im.alerts(o, out.objectives)
	return out, true
}

// timeWindow tells what becomes of the period of an SLO.
func (im *importer) timeWindow(o *object) {
	items := im.list(o.spec, "timeWindow")
	if len(items) > 1 {
		im.file.Fault(items[1].Position, "remove it", "an SLO has one time window")
	}
	if len(items) == 0 {
		return
	}
	text, ok := im.mustText(items[0], "duration")
	if _, valid := im.duration(items[0], "duration"); !ok || !valid {
		return
	}
	kind := "rolling window"
	if items[0].Key("calendar").Given() {
		kind = "calendar window"
	}
	im.note(items[0].Position, "SLO %s: its %s of %s becomes the run, as long as it lasts", o.name, kind, text)
}

// objectives reads the objectives of an SLO. Those of a composite have SLIs of their own. With sliced they are
// only looked at for faults.
func (im *importer) objectives(o *object, sliced bool) []slo.Expression {
	items := im.list(o.spec, "objectives")
	if len(items) == 0 {
		im.missing(o.spec, o.at, "objectives")
	}
	common := im.indicator(o.spec, o)
	var out []slo.Expression
	for _, item := range items {
		im.strangers(item, "an objective", "displayName", "op", "value", "target", "targetPercent", "timeSliceTarget", "timeSliceWindow", "indicator", "indicatorRef", "compositeWeight")
		limit, ok := im.target(item)
		i := common
		if own := im.indicator(item, o); own != nil {
			i = own
			if item.Key("compositeWeight").Given() {
				im.note(item.Key("compositeWeight").Position, "SLO %s: weights of a composite are left out; all of its objectives must hold", o.name)
			}
		}
		if i == nil {
			if !hasIndicator(o.spec) && !hasIndicator(item) {
				im.missing(item, o.at, "indicator or indicatorRef")
			}
			continue
		}
		if !ok || sliced {
			continue
		}
		if e, ok := im.objective(item, i, limit); ok {
			out = append(out, e)
		}
	}
	return out
}

// hasIndicator reports whether an SLO or an objective says what it is about.
func hasIndicator(v profiles.Value) bool {
	return v.Key("indicator").Given() || v.Key("indicatorRef").Given()
}

// target returns the share that must be good.
func (im *importer) target(item profiles.Value) (share float64, ok bool) {
	target, given := im.number(item, "target")
	percent, givenPercent := im.number(item, "targetPercent")
	switch {
	case item.Key("target").Given() && item.Key("targetPercent").Given():
		im.file.Fault(item.Key("targetPercent").Position, "remove one of the two", "there are both target and targetPercent")
	case given && (target < 0 || target >= 1):
		im.file.Fault(item.Key("target").Position, "0.995 is 99.5 percent", "target must be at least 0 and less than 1")
	case givenPercent && (percent < 0 || percent >= 100):
		im.file.Fault(item.Key("targetPercent").Position, "", "targetPercent must be at least 0 and less than 100")
	case given:
		return rounded(target), true
	case givenPercent:
		return rounded(percent / 100), true
	case !item.Key("target").Given() && !item.Key("targetPercent").Given():
		im.missing(item, item.Position, "target or targetPercent")
	}
	return 0, false
}

// objective returns an SLI's expression with the limit of an objective.
func (im *importer) objective(item profiles.Value, i *indicator, limit float64) (e slo.Expression, ok bool) {
	op, value := im.comparison(item, i)
	switch {
	case i.text == "":
		im.leaveOut(i.at, fmt.Sprintf("say what it is here, such as --map '%s=under(300ms)' or --map '%s=p99 < 300ms'", i.name, i.name), "SLI %s compares the value of a query (%s %s), which floodmark cannot ask", i.name, op, value)
		return e, false
	case i.whole:
		e, err := slo.Parse(i.text)
		if err == nil {
			im.note(item.Position, "SLI %s is mapped to %s: the limits of the file are left out", i.name, e)
		}
		return e, err == nil
	}
	e, err := slo.Parse(i.text + " >= 50%")
	if err != nil {
		return e, false // noted where it was mapped
	}
	if e.Limit = limit; e.Validate() != nil { // errors: less is better
		e.Compare, e.Limit = "<=", rounded(1-limit)
	}
	if i.threshold {
		im.note(item.Position, "SLI %s: %s %s of its query becomes %s; whether the two mean the same is not known here", i.name, op, value, i.text)
		if op == "gt" || op == "gte" {
			im.note(item.Position, "SLI %s: op %s wants large values, and a latency should be small: look at the mapping", i.name, op)
		}
	}
	return e, true
}

// comparison returns how a threshold metric's value is compared, for messages.
func (im *importer) comparison(item profiles.Value, i *indicator) (op, value string) {
	if !i.threshold {
		return "", ""
	}
	op, ok := im.mustText(item, "op")
	if ops := operators(); ok && !slices.Contains(ops, op) {
		im.file.Fault(item.Key("op").Position, didYouMean(op, ops), "unknown op %q", op)
	}
	if n, ok := im.number(item, "value"); ok {
		value = plain(n)
	} else if !item.Key("value").Given() {
		im.missing(item, item.Position, "value")
	}
	return op, value
}
