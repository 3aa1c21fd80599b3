package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// Timings of what people are told.
const (
	repeatEvery = 30 * time.Minute // reminders, in runs of an hour and longer
	flapWindow  = 5 * time.Minute  // more than flapChanges in it is flapping
	flapChanges = 4
	flapSettled = 2 * time.Minute // without a change, it is over
)

// A Desk turns transitions into notices: it decides what people are told. It says
// everything once, and nothing
//   - in stages that a rule mutes, and while somebody has muted all; what is still true
//     afterwards is told then,
//   - about latency while availability fires for the same requests: failures that are
//     fast or slow are one trouble,
//   - about each turn of an alert that comes and goes: one notice says that it does, and
//     one how it has settled.
//
// Make it with [NewDesk]. Like a board it is pure, and not safe for concurrent use.
type Desk struct {
	run    Run
	series []measure.Series
	repeat time.Duration // 0: no reminders
	scope  string
	cases  []*affair
	byID   map[string]*affair
	failed []int // by series: how many alerts about availability fire for it
	muted  time.Duration
}

// An affair is what the desk knows of one alert.
type affair struct {
	rule    *Rule
	key     string
	latest  Transition
	fired   Transition // the transition that began it
	active  bool
	told    bool // people believe that it fires
	turns   []time.Duration
	flaps   bool // people have been told that it flaps
	said    time.Duration
	covers  []int // series
	telling bool  // muted by nothing, as of the latest interval
}

// NewDesk returns a desk for a run of the given planned length, 0 if it is not known. The
// keys of alerts are different in each run, so that two runs at once do not resolve each
// other's alerts; with scope "target", they are the same in each run against a target.
func NewDesk(run Run, series []measure.Series, planned time.Duration, scope string) *Desk {
	d := &Desk{run: run, series: series, scope: scope, byID: map[string]*affair{}, failed: make([]int, len(series))}
	if planned >= soak {
		d.repeat = repeatEvery
	}
	return d
}

// Mute says nothing before an instant of the run. What has been missed then, and is still
// so, is told: that an alert fires, or that one is over of which people know. The end of
// the run is told in any case.
func (d *Desk) Mute(until time.Duration) { d.muted = until }

// Muted returns the instant before which nothing is said.
func (d *Desk) Muted() time.Duration { return d.muted }

// Add takes what changed in an interval that ended at an instant, and returns what people
// are to be told. stage is where the run is, "" in one without stages. Call it for every
// interval: what is told may be due without a change.
func (d *Desk) Add(at time.Duration, stage string, changes []Transition) []Notice {
	for _, t := range changes {
		d.change(t)
	}
	var out []Notice
	for _, a := range d.cases {
		a.telling = at >= d.muted && !slices.Contains(a.rule.Mute, stage) && !d.inhibited(a)
		if kind, due := a.next(at, d.repeat); due {
			out = append(out, d.notice(a, kind, at))
		}
	}
	return out
}

// End takes what changed as the run ended, and returns the last notices.
func (d *Desk) End(at time.Duration, changes []Transition) []Notice {
	for _, t := range changes {
		d.change(t)
	}
	var out []Notice
	for _, a := range d.cases {
		if a.told && !a.active {
			a.told, a.flaps = false, false
			out = append(out, d.notice(a, Resolved, at))
		}
	}
	return out
}

// affair returns what is known of a transition's alert.
func (d *Desk) affair(t Transition) *affair {
	id := t.Rule.ID() + labelText(t.Labels)
	if a := d.byID[id]; a != nil {
		return a
	}
	a := &affair{rule: t.Rule, key: d.key(t)}
	about := t.Rule.objective(t.Rule.When, t.Labels)
	for i, s := range d.series {
		if about.Matches(s) {
			a.covers = append(a.covers, i)
		}
	}
	d.byID[id] = a
	d.cases = append(d.cases, a)
	return a
}

// labelText writes labels for keys.
func labelText(labels []Label) string {
	var b strings.Builder
	for _, l := range labels {
		fmt.Fprintf(&b, "\n%s=%s", l.Name, l.Value)
	}
	return b.String()
}

// key returns what names an alert at receivers that bring its notices together.
func (d *Desk) key(t Transition) string {
	text := strings.Join([]string{d.run.Name, d.run.Target, t.Rule.SLO, t.Rule.Name}, "\n") + labelText(t.Labels)
	if d.scope != "target" {
		text += "\n" + d.run.ID
	}
	sum := sha256.Sum256([]byte(text))
	return "floodmark-" + hex.EncodeToString(sum[:])
}

// change takes a transition.
func (d *Desk) change(t Transition) {
	a := d.affair(t)
	a.latest = t
	switch {
	case t.To == Firing && !t.From.Active():
		a.fired = t
		d.turn(a, true)
	case t.To == Inactive && t.From.Active():
		d.turn(a, false)
	}
}

// turn notes that an alert has become active, or inactive.
func (d *Desk) turn(a *affair, active bool) {
	a.active = active
	a.turns = append(a.turns, a.latest.At)
	if !a.rule.When.BudgetOf(a.rule.Aim).OfSuccess() {
		return
	}
	for _, i := range a.covers {
		if active {
			d.failed[i]++
		} else {
			d.failed[i]--
		}
	}
}

// next returns what is to be said of the alert now, if anything.
func (a *affair) next(at, repeat time.Duration) (kind Kind, due bool) {
	a.turns = slices.DeleteFunc(a.turns, func(turn time.Duration) bool { return at-turn > flapWindow })
	switch {
	case !a.telling:
		return "", false
	case a.flaps:
		if len(a.turns) > 0 && at-a.turns[len(a.turns)-1] < flapSettled {
			return "", false
		}
		a.flaps, a.turns = false, nil
		kind = StillFiring
		if !a.active {
			kind = Resolved
		}
	case len(a.turns) > flapChanges && a.active != a.told:
		kind, a.flaps = Flapping, true
	case a.active && !a.told:
		kind = Fired
	case !a.active && a.told:
		kind = Resolved
	case a.active && repeat > 0 && at-a.said >= repeat:
		kind = StillFiring
	default:
		return "", false
	}
	a.told, a.said = kind != Resolved, at
	return kind, true
}

// inhibited reports whether an alert about latency is about requests for all of which
// alerts about availability fire.
func (d *Desk) inhibited(a *affair) bool {
	return !a.told && a.active && a.rule.When.BudgetOf(a.rule.Aim).OfLatency() &&
		!slices.ContainsFunc(a.covers, func(i int) bool { return d.failed[i] == 0 })
}

// notice says all there is to say about an alert now.
func (d *Desk) notice(a *affair, kind Kind, at time.Duration) Notice {
	if a.active {
		a.latest = a.latest.Now(at)
	}
	t, r := a.latest, a.rule
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", a.key, kind, at))
	n := Notice{
		ID: "ntc_" + hex.EncodeToString(sum[:12]), Key: a.key, Kind: kind, Receivers: r.Notify,
		SLO: r.SLO, Rule: r.Name, Labels: t.Labels, Severity: r.Severity,
		Objective: r.Aim.String(), When: r.When.String(), Resolve: r.Resolve.String(),
		Metric: r.When.Indicator(), Window: windowText(r.When.Over), Unit: r.When.Unit(),
		Value: t.Value, Least: t.Least, Limit: r.When.Limit, Worst: t.Worst, Events: t.Events, Bad: t.Bad, Budget: t.Budget,
		Why: t.Why, Flaps: t.Flaps, Began: a.fired.Began, At: t.At,
		StartsAt: d.run.Started.Add(a.fired.Began),
	}
	if kind == Flapping {
		n.Flaps = max(n.Flaps, len(a.turns)/2)
	}
	if n.Why == "" {
		n.Why = a.fired.Why
	}
	if kind == Resolved {
		n.EndsAt = d.run.Started.Add(t.At)
	}
	return n
}

// windowText names the window that values are over.
func windowText(over []slo.Window) string {
	if len(over) == 0 {
		return ""
	}
	return over[0].String()
}
