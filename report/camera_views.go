package report

import (
	"cmp"
	"slices"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// slos returns how the objectives stand.
func (c *Camera) slos() []SLOView {
	passed := 1.0
	if c.run.Planned > 0 && c.at < c.run.Planned {
		passed = c.at.Seconds() / c.run.Planned.Seconds()
	}
	var out []SLOView
	for _, s := range c.statuses[:min(len(c.statuses), maxViews)] {
		v := SLOView{
			Name: short(s.Objective.Name), Expression: short(expression(s)), Verdict: string(s.Verdict), HasData: s.HasData,
			Observed: s.Observed, Limit: s.Limit, Unit: unit(s), Margin: margin(s), Window: "run",
		}
		if left, ok := budgetLeft(s, passed); ok {
			v.Left, v.Burn = new(finite(left)), new(finite(s.Burn))
		}
		if e := s.Objective.Expression; e.OfLatency() {
			v.Latency = e.Limit
			if threshold, within := e.Under(); within {
				v.Latency = threshold.Seconds()
			}
		}
		switch s.Verdict {
		case slo.Missed:
			v.Note = short(whenBad(s))
		case slo.Inconclusive:
			v.Note = short(undecided(s))
		case slo.Met:
		}
		out = append(out, v)
	}
	return out
}

// failures adds up how requests failed, without their histograms.
type failures struct {
	name   func(series int) string
	ring   [tenSeconds]*measure.Tally
	latest *measure.Tally
	run    measure.Tally // without warm-up
}

// add takes the interval of the given number.
func (f *failures) add(in *measure.Interval, number int, series []measure.Series) {
	f.latest = new(measure.Tally)
	for _, s := range in.Series {
		light := &measure.Tally{
			Counts: measure.Counts{Failed: s.Failed}, Outcomes: s.Outcomes, Statuses: s.Statuses, Exemplars: s.Exemplars,
		}
		f.latest.Add(light)
		if s.Series >= 0 && s.Series < len(series) && !series[s.Series].Warmup {
			f.run.Add(light)
		}
	}
	f.ring[number%tenSeconds] = f.latest
}

// views returns the ways in which requests failed, the most frequent in the run first.
func (f *failures) views() []FailureView {
	if f.latest == nil {
		return nil
	}
	var ten measure.Tally
	for _, t := range f.ring {
		if t != nil {
			ten.Add(t)
		}
	}
	var out []FailureView
	at := func(kind failureKind) *FailureView {
		label := short(kind.label)
		i := slices.IndexFunc(out, func(v FailureView) bool { return v.Label == label })
		if i < 0 {
			i = len(out)
			out = append(out, FailureView{Label: label, At: rounded(kind.sample.At), Sample: short(kind.sample.Detail)})
			if kind.sample.Outcome != measure.None {
				out[i].Endpoint = short(f.name(kind.sample.Series))
			}
		}
		return &out[i]
	}
	for _, k := range failureKinds(&f.run) {
		at(k).Count.Run += k.count
	}
	for _, k := range failureKinds(&ten) {
		at(k).Count.Ten += k.count
	}
	for _, k := range failureKinds(f.latest) {
		at(k).Count.Second += k.count
	}
	slices.SortStableFunc(out, func(a, b FailureView) int {
		return cmp.Or(cmp.Compare(b.Count.Run, a.Count.Run), cmp.Compare(b.Count.Ten, a.Count.Ten))
	})
	return out[:min(len(out), maxKinds)]
}

// lookout follows the generator: the last ten intervals, and the run.
type lookout struct {
	totals *measure.Totals // of the run; pacing and health only
	lag    measure.Histogram
	pacing measure.Sliding
	lags   measure.Sliding
	ring   [tenSeconds]struct{ pacing, lag *measure.Packed }
	health [tenSeconds]*measure.Health
}

// add takes the interval of the given number.
func (w *lookout) add(in *measure.Interval, number int) {
	w.totals.Add(in)
	var lag measure.Histogram
	for _, s := range in.Series {
		lag.Add(&s.Lag)
	}
	w.lag.Add(&lag)
	slot := &w.ring[number%tenSeconds]
	if number >= tenSeconds {
		w.pacing.Drop(slot.pacing)
		w.lags.Drop(slot.lag)
	}
	slot.pacing, slot.lag = in.Pacing.Pack(), lag.Pack()
	w.pacing.Add(slot.pacing)
	w.lags.Add(slot.lag)
	w.health[number%tenSeconds] = in.Health
}

// view returns how the generator does.
func (w *lookout) view(rules Rules) GeneratorView {
	j := newJudge(rules, w.totals, &w.lag)
	j.judge()
	v := GeneratorView{
		Valid: j.Valid, Words: "measurements can be trusted", CPURule: finite(rules.CPU), LagRule: rounded(rules.Lag),
		PacingP99: rounded(w.pacing.Histogram().Quantile(0.99)), LagP99: rounded(w.lags.Histogram().Quantile(0.99)),
	}
	for _, reason := range j.Reasons {
		v.Reasons = append(v.Reasons, short(reason))
	}
	if !j.Valid {
		v.Words = "NOT to be trusted: the generator is the limit"
	}
	var h *measure.Health
	for _, second := range w.health {
		h = h.Join(second)
	}
	if h == nil {
		return v
	}
	v.Heap, v.GCLongest = h.Heap, rounded(h.GC.Longest)
	if h.CPU != nil && h.CPU.Allowed > 0 {
		v.CPURatio = finite(h.CPU.Ratio())
	}
	v.CPUs = w.cpus()
	if h.Throttled != nil {
		v.Throttled = rounded(*h.Throttled)
	}
	if h.Resident != nil {
		v.Resident = *h.Resident
	}
	if h.Files != nil {
		v.Files, v.FileLimit = h.Files.Open, h.Files.Limit
	}
	if h.Sockets != nil {
		v.TimeWait, v.Ports = h.Sockets.TimeWait, h.Sockets.Ports
	}
	return v
}

// cpus returns how many CPUs the process may use, 0 if unknown.
func (w *lookout) cpus() float64 {
	t := &w.totals.Health
	if t.Health == nil || t.CPU == nil || t.Observed <= 0 {
		return 0
	}
	return tenth(t.CPU.Allowed.Seconds() / t.Observed.Seconds())
}

// alertViews follows alerts and what became of their latest notices. Its zero value is
// ready.
type alertViews struct {
	all []*AlertView // those that changed last at the end
	of  map[string]*AlertView
}

// change notes how an alert stands.
func (a *alertViews) change(c *Change) {
	name := short(c.name())
	i := slices.IndexFunc(a.all, func(v *AlertView) bool { return v.Name == name })
	v := &AlertView{Name: name}
	if i >= 0 {
		v = a.all[i]
		a.all = slices.Delete(a.all, i, i+1)
	}
	switch {
	case c.State == alert.Inactive && !c.From.Active():
		return // nobody was told, and nobody needs to know
	case c.State == alert.Pending:
		v.Told = nil
	}
	v.State, v.When, v.Unit, v.Value, v.Limit = string(c.State), short(c.When), c.Unit, c.Value, c.Limit
	v.Worst, v.Began, v.At = c.Worst, c.Began, c.At
	a.all = push(a.all, v, 2*maxViews)
}

// AddNotice notes that people are told.
func (c *Camera) AddNotice(n *alert.Notice) {
	like := Change{SLO: n.SLO, Rule: n.Rule, Labels: map[string]string{}}
	for _, l := range n.Labels {
		like.Labels[l.Name] = l.Value
	}
	a := &c.alerts
	i := slices.IndexFunc(a.all, func(v *AlertView) bool { return v.Name == short(like.name()) })
	if i < 0 {
		return
	}
	v := a.all[i]
	v.Told = nil
	for _, receiver := range n.Receivers {
		v.Told = append(v.Told, ToldView{Receiver: short(receiver)})
	}
	for id, other := range a.of { // an attempt for an earlier notice says nothing of this one
		if other == v {
			delete(a.of, id)
		}
	}
	if a.of == nil {
		a.of = map[string]*AlertView{}
	}
	a.of[n.ID] = v
}

// AddDelivery notes an attempt to tell a receiver. Those that failed are events.
func (c *Camera) AddDelivery(d *Delivery) {
	for _, id := range d.Notices {
		v := c.alerts.of[id]
		if v == nil {
			continue
		}
		v.Told = slices.Clone(v.Told) // a snapshot may have it
		for i := range v.Told {
			if v.Told[i].Receiver == short(d.Receiver) {
				v.Told[i].Outcome, v.Told[i].Attempts = string(d.Outcome), d.Attempt
			}
		}
	}
	if !d.Outcome.OK() {
		c.Note(measure.FromSeconds(d.At), EventDelivery, d.Receiver+": "+string(d.Outcome)+" "+d.Detail)
	}
}

// views returns the alerts, active ones first, the latest change first.
func (a *alertViews) views() []AlertView {
	out := make([]AlertView, 0, len(a.all))
	for _, v := range slices.Backward(a.all) {
		out = append(out, *v)
	}
	rank := func(v AlertView) int {
		return slices.Index([]string{"firing", "recovering", "pending", "inactive"}, v.State)
	}
	slices.SortStableFunc(out, func(a, b AlertView) int { return cmp.Compare(rank(a), rank(b)) })
	return out[:min(len(out), maxViews)]
}
