package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// compileAlerts makes the rules of all SLOs, with everything filled in that the profile
// leaves open, and collects the thresholds that the recorder must count for them.
func (c *plan) compileAlerts() error {
	var faults []error
	for _, from := range c.profile.SLOs {
		for _, a := range from.Alerts {
			rules, err := c.compileAlert(from, a)
			if err != nil {
				faults = append(faults, fmt.Errorf("slo %q: alert %q: %w", from.Name, a.Name, err))
			}
			c.rules = append(c.rules, rules...)
		}
	}
	var conditions []slo.Condition
	for _, r := range c.rules {
		for _, condition := range []slo.Condition{r.When, r.Resolve} {
			condition.Expression = condition.BudgetOf(r.Aim)
			conditions = append(conditions, condition)
		}
	}
	for _, condition := range conditions {
		if t, ok := condition.Under(); ok && !slices.Contains(c.under, t) {
			c.under = append(c.under, t)
		}
	}
	c.failing = cmp.Or(c.profile.Success.MaxLatency, c.profile.Target.Timeout)
	c.deadlines = slo.Deadlines(conditions, c.failing)
	return errors.Join(faults...)
}

// warnOfAlerts tells what is odd about the rules.
func (c *plan) warnOfAlerts(w io.Writer) {
	for _, text := range c.alertWarnings {
		_, _ = fmt.Fprintf(w, "warning: %s\n", text)
	}
}

// compileAlert makes the rule of an alert, or those of its table of burn rates.
func (c *plan) compileAlert(from profiles.SLO, a profiles.Alert) ([]*alert.Rule, error) {
	aim, err := c.compileObjective(from, from.Objective)
	if err != nil {
		return nil, err
	}
	rule := &alert.Rule{
		SLO: from.Name, Name: a.Name, Aim: aim.Expression, Select: aim.Select, Target: aim.Target,
		Planned: c.schedule.Measured(), For: a.For, KeepFiring: a.KeepFiring, MinEvents: a.MinEvents, NoData: alert.NoData(a.NoData),
		During: a.During, By: a.By, Mute: a.Mute, Severity: a.Severity, Notify: a.Notify, Abort: a.Action == "abort",
	}
	if a.BurnRate != "" {
		return c.compileBurnRates(rule, a, aim)
	}
	if rule.When, err = slo.ParseCondition(a.When.Text); err == nil {
		err = c.checkTrouble(rule, rule.When)
	}
	if err != nil {
		return nil, fmt.Errorf("when %q: %w", a.When.Text, err)
	}
	if a.Resolve.Text != "" {
		if rule.Resolve, err = slo.ParseCondition(a.Resolve.Text); err == nil {
			err = c.checkWindows(rule.Resolve)
		}
		if err != nil {
			return nil, fmt.Errorf("resolve %q: %w", a.Resolve.Text, err)
		}
	}
	c.alertWarnings = append(c.alertWarnings, rule.Complete(c.circumstances(rule, from))...)
	return []*alert.Rule{rule}, c.makeSure(rule, aim)
}

// compileBurnRates makes the rules of a table.
func (c *plan) compileBurnRates(rule *alert.Rule, a profiles.Alert, aim slo.Objective) ([]*alert.Rule, error) {
	probe := *rule
	probe.When.Expression, _ = slo.Parse("burn > 1")
	if err := c.checkTrouble(&probe, probe.When); err != nil {
		return nil, err
	}
	rules, warnings, err := rule.BurnRates(a.BurnRate, c.circumstances(&probe, profiles.SLO{}))
	c.alertWarnings = append(c.alertWarnings, warnings...)
	for _, r := range rules {
		err = errors.Join(err, c.makeSure(r, aim))
	}
	return rules, err
}

// checkTrouble refuses a condition that this run can never be about.
func (c *plan) checkTrouble(r *alert.Rule, when slo.Condition) error {
	o := slo.Objective{Name: r.SLO, Expression: when.Expression, Select: r.Select, Target: r.Target, Point: true}
	if err := o.ValidateTrouble(c.series); err != nil {
		return err
	}
	return c.checkWindows(when)
}

// checkWindows refuses stages that there are not.
func (c *plan) checkWindows(condition slo.Condition) error {
	for _, w := range condition.Over {
		if w.Stage != "" && !slices.ContainsFunc(c.series, func(s measure.Series) bool { return s.Stage == w.Stage && !s.Warmup }) {
			return fmt.Errorf("no measured stage is named %q", w.Stage)
		}
	}
	return nil
}

// makeSure gives a rule that may end the run the test that says when.
func (c *plan) makeSure(r *alert.Rule, aim slo.Objective) (err error) {
	if !r.Abort {
		return nil
	}
	if r.Test, err = alert.SequentialOf(aim, r.When); err != nil {
		return fmt.Errorf("action abort: %w", err)
	}
	return nil
}

// circumstances are what the defaults of a rule follow from.
func (c *plan) circumstances(r *alert.Rule, from profiles.SLO) alert.Circumstances {
	out := alert.Circumstances{Measured: c.schedule.Measured()}
	out.Rate, out.Peak = c.expectedRate(r)
	for _, text := range slices.Concat([]profiles.Expression{from.Objective}, from.Also) {
		if aim, err := slo.Parse(text.Text); err == nil {
			out.Aims = append(out.Aims, aim)
		}
	}
	return out
}

// expectedRate is how many requests a second a rule will see, on average and at most, 0
// where that is not known: in the closed model, where it depends on the target, and for
// rules of which each label is an alert of its own.
func (c *plan) expectedRate(r *alert.Rule) (mean, peak float64) {
	if !c.schedule.Open() || len(r.By) > 0 {
		return 0, 0
	}
	about := slo.Objective{Expression: r.When.Expression, Select: r.Select}
	var weights, requests float64
	for _, s := range c.profile.Scenarios {
		weights += s.Weight
		for _, step := range s.Steps {
			if step.Method != "" && c.sees(about, s.Name, step) {
				requests += s.Weight
			}
		}
	}
	var arrivals float64
	var length time.Duration
	for _, part := range c.schedule.Stages() {
		if !part.Warmup && (len(r.During) == 0 || slices.Contains(r.During, part.Name)) {
			length += part.End - part.Start
			arrivals += (part.From + part.To) / 2 * (part.End - part.Start).Seconds()
			peak = max(peak, part.From, part.To)
		}
	}
	if length == 0 || weights == 0 {
		return 0, 0
	}
	return arrivals / length.Seconds() * requests / weights, peak * requests / weights
}

// sees reports whether an objective is about a step in some stage.
func (c *plan) sees(about slo.Objective, scenario string, step profiles.Step) bool {
	return slices.ContainsFunc(c.series, func(s measure.Series) bool {
		return s.Scenario == scenario && s.Endpoint == c.redactor.Replace(step.Name) && about.Matches(s)
	})
}
