package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
	"github.com/floodmark/floodmark/targets"
)

// A plan is a profile with the flags applied, compiled into what the rooms work
// on. Making one sends nothing.
type plan struct {
	profile    *profiles.Profile
	redactor   *strings.Replacer // takes the profile's secrets out of a text
	schedule   profiles.Schedule
	target     targets.Target
	mix        *targets.Mix
	probes     []probe // each endpoint once, in order
	stages     []loadgen.Stage
	series     []measure.Series
	under      []time.Duration // thresholds to count exactly
	deadlines  []time.Duration // after which requests that are under way count as overdue
	failing    time.Duration   // after which none succeeds
	objectives []slo.Objective
	rules      []*alert.Rule
	run        report.Run // Started is left for the start

	alertWarnings []string // what is odd about the rules
}

// compile checks a profile as a whole and compiles it. source is what the user
// named: a path, a built-in profile or a URL.
func compile(p *profiles.Profile, source string) (*plan, error) {
	if err := p.Validate(); err != nil {
		return nil, usageFault(err)
	}
	if err := readSecrets(p); err != nil {
		return nil, usageFault(err)
	}
	c := &plan{profile: p, redactor: p.Redactor(), schedule: p.Load.Schedule(p.Seed)}
	if err := errors.Join(c.compileTarget(), c.compileMix()); err != nil {
		return nil, usageFault(err)
	}
	for _, part := range c.schedule.Stages() {
		c.stages = append(c.stages, loadgen.Stage{Name: part.Name, End: part.End, Warmup: part.Warmup})
	}
	c.series = loadgen.Series(c.mix, c.stages)
	if err := errors.Join(c.compileObjectives(), c.compileAlerts(), c.checkReceivers()); err != nil {
		return nil, usageFault(err)
	}
	c.run = c.describe(source)
	return c, nil
}

func (c *plan) compileTarget() error {
	from := c.profile.Target
	base, err := url.Parse(from.BaseURL)
	if err != nil {
		return errors.New("target: base_url is not a URL") // the error would quote it, password and all
	}
	c.target = targets.Target{
		BaseURL: base, AllowHosts: from.AllowHosts, Timeout: from.Timeout,
		Headers: headers(from.Headers), Reuse: from.Connections.Reuse, Redirects: from.Redirects,
		Connections: c.holding(from.Connections),
	}
	if err := c.compileConnections(); err != nil {
		return errors.New(c.redactor.Replace(err.Error()))
	}
	return c.target.Validate()
}

// holding says how connections are held. Where users loop, a limit can only mean that
// they share: in the open model it is the users who are as many as connections.
func (c *plan) holding(from profiles.Connections) targets.Connections {
	return targets.Connections{
		Shared: !from.PerUser || from.Max > 0 && !c.schedule.Open(),
		Max:    from.Max, IdleTimeout: from.IdleTimeout, MaxRequests: from.MaxRequests,
	}
}

func headers(from []profiles.Header) []targets.Header {
	var out []targets.Header
	for _, h := range from {
		out = append(out, targets.Header{Name: h.Name, Value: h.Value})
	}
	return out
}

// compileMix renders every request of every scenario.
func (c *plan) compileMix() error {
	var scenarios []targets.Scenario
	var faults []error
	for _, from := range c.profile.Scenarios {
		scenario := targets.Scenario{Name: from.Name, Weight: from.Weight}
		for i, step := range from.Steps {
			compiled, err := c.compileStep(step)
			if err != nil {
				faults = append(faults, fmt.Errorf("scenario %q: step %d: %w", from.Name, i+1, err))
			}
			scenario.Steps = append(scenario.Steps, compiled)
		}
		scenarios = append(scenarios, scenario)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	var err error
	c.mix, err = targets.NewMix(scenarios)
	return err
}

func (c *plan) compileStep(from profiles.Step) (targets.Step, error) {
	if from.Method == "" {
		return targets.Step{ThinkMin: from.Think.Min, ThinkMax: from.Think.Max}, nil
	}
	request, err := c.target.Compile(from.Method, c.absolute(from.URL), headers(from.Headers), from.Body)
	if err != nil {
		return targets.Step{}, errors.New(c.redactor.Replace(err.Error()))
	}
	name := c.redactor.Replace(from.Name)
	if !slices.ContainsFunc(c.probes, func(p probe) bool { return p.name == name }) {
		c.probes = append(c.probes, probe{name, request})
	}
	return targets.Step{Name: name, Request: request}, nil
}

// absolute puts a step's path below the path of base_url, which may be one of an
// API's versions. An absolute URL stays as it is.
func (c *plan) absolute(raw string) string {
	if strings.Contains(raw, "://") {
		return raw
	}
	base := *c.target.BaseURL
	base.RawQuery, base.Fragment = "", ""
	return strings.TrimRight(base.String(), "/") + "/" + strings.TrimLeft(raw, "/")
}

// success is the rule for what counts as good, in the generator's words.
func success(from profiles.Success) targets.Success {
	out := targets.Success{MaxLatency: from.MaxLatency}
	for _, r := range from.Status {
		out.Status = append(out.Status, targets.StatusRange{Low: r.Low, High: r.High})
	}
	return out
}

// compileObjectives parses the expressions and collects the thresholds that the
// recorder must count.
func (c *plan) compileObjectives() error {
	var faults []error
	for _, from := range c.profile.SLOs {
		for _, expression := range slices.Concat([]profiles.Expression{from.Objective}, from.Also) {
			o, err := c.compileObjective(from, expression)
			if err == nil {
				err = o.Validate(c.series)
			}
			if err != nil {
				faults = append(faults, fmt.Errorf("slo %q: %q: %w", from.Name, expression.Text, err))
				continue
			}
			c.objectives = append(c.objectives, o)
			if t, ok := o.Expression.Under(); ok && !slices.Contains(c.under, t) {
				c.under = append(c.under, t)
			}
		}
	}
	return errors.Join(faults...)
}

func (c *plan) compileObjective(from profiles.SLO, text profiles.Expression) (slo.Objective, error) {
	expression, err := slo.Parse(text.Text)
	if err != nil {
		return slo.Objective{}, err
	}
	o := slo.Objective{Name: from.Name, Expression: expression, Point: from.Verdict == "point"}
	if own, err := slo.Parse(from.Objective.Text); err == nil {
		o.Target = own.Goal()
		o.Expression = o.Expression.BudgetOf(own)
	}
	labels := make([]string, 0, len(from.Select))
	for label := range from.Select {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	for _, label := range labels {
		o.Select = append(o.Select, slo.Matcher{Label: label, Op: "=", Value: from.Select[label]})
	}
	return o, nil
}

// describe tells what is asked, for reports and saved runs.
func (c *plan) describe(source string) report.Run {
	p := c.profile
	run := report.Run{
		Version: version, Name: p.Name, Source: c.redactor.Replace(source), Target: c.redactor.Replace(c.target.BaseURL.Redacted()),
		Planned: c.schedule.Duration(), Load: describeLoad(p.Load, c.schedule),
		Executor: string(p.Load.Executor), Seed: p.Seed, Open: c.schedule.Open(),
		Series: c.series, Under: c.under, Deadlines: c.deadlines, Failing: c.failing,
		MaxInFlight: p.Load.MaxInFlight, Rules: rules(p),
	}
	if measured := c.schedule.Measured().Seconds(); run.Open && measured > 0 {
		run.AskedRate = c.measuredArrivals() / measured
	}
	for _, part := range c.schedule.Stages() {
		run.Stages = append(run.Stages, report.Stage{Name: part.Name, Start: part.Start, End: part.End, Warmup: part.Warmup})
	}
	for _, o := range c.objectives {
		run.Objectives = append(run.Objectives, report.Describe(o))
	}
	return run
}

// rules are those for the generator, in the report's words.
func rules(p *profiles.Profile) report.Rules {
	g := p.Generator
	return report.Rules{
		LagQuantile: g.Lag.Quantile, Lag: g.Lag.Limit,
		CPU: g.CPULimit(p.Load.Executor), SentRate: g.SentRate,
	}
}

// measuredArrivals is the area under the rate curve outside warm-up.
func (c *plan) measuredArrivals() float64 {
	var area float64
	for _, part := range c.schedule.Stages() {
		if !part.Warmup {
			area += (part.From + part.To) / 2 * (part.End - part.Start).Seconds()
		}
	}
	return area
}

// describeLoad tells the load in a few words.
func describeLoad(l profiles.Load, s profiles.Schedule) string {
	length := profiles.FormatDuration(s.Duration())
	switch l.Executor {
	case profiles.ConstantArrivalRate:
		return fmt.Sprintf("%s for %s", formatRate(l.Rate), length)
	case profiles.RampingArrivalRate:
		return fmt.Sprintf("%s up to %s in %s", plural(len(l.Stages), "stage"), formatRate(s.Peak()), length)
	case profiles.ConstantVUs:
		return fmt.Sprintf("%s for %s", plural(l.VUs, "user"), length)
	case profiles.RampingVUs:
		return fmt.Sprintf("%s up to %.0f users in %s", plural(len(l.Stages), "stage"), s.Peak(), length)
	}
	return length
}
