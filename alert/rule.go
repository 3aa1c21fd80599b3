package alert

import (
	"regexp"
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// NoData is what it means for a rule that there is nothing to judge.
type NoData string

// What silence means. It is long enough when it has lasted for twice the rule's For,
// and for its longest window; until then, and with too few requests, nothing changes.
const (
	KeepState  NoData = "keep"   // nothing: an alert stays as it is; also the zero value
	BreachData NoData = "breach" // as bad as a breach
	ClearData  NoData = "ok"     // as good as a recovery
)

// A Rule says when an SLO needs people. It is plain data.
type Rule struct {
	SLO  string // the SLO that it belongs to
	Name string
	When slo.Condition // trouble
	// Resolve is when it is over. Between the two levels nothing changes, so that a value
	// at the border does not flap.
	Resolve slo.Condition
	Aim     slo.Expression // the objective of the SLO, which burn and budget_used are about
	Select  []slo.Matcher  // in addition to those of the conditions
	Target  float64        // the ratio that burn and budget_used refer to
	Planned time.Duration  // of the measured run, for budget_used; 0 unknown

	For        time.Duration // how long a breach lasts before it fires; 0 at once
	KeepFiring time.Duration // how long it must be clear before it resolves
	MinEvents  int64         // fewer requests in a window are not judged
	NoData     NoData
	During     []string // stages in which it counts; none: all
	By         []string // labels of which each set of values is an alert of its own

	Mute     []string // stages in which nobody is told
	Severity string
	Notify   []string   // receivers
	Abort    bool       // the run ends when it is lost for sure
	Test     Sequential // what makes sure; the zero value leaves only that nothing works at all
}

// ID names the rule in keys and results: the SLO's and its own name.
func (r *Rule) ID() string { return r.SLO + "/" + r.Name }

// objective is a condition's expression as gauges read it, for one set of labels.
func (r *Rule) objective(c slo.Condition, labels []Label) slo.Objective {
	o := slo.Objective{Name: r.SLO, Expression: c.BudgetOf(r.Aim), Target: r.Target, Point: true}
	o.Select = append(o.Select, r.Select...)
	if len(r.During) > 0 {
		names := make([]string, len(r.During))
		for i, name := range r.During {
			names[i] = regexp.QuoteMeta(name)
		}
		o.Select = append(o.Select, slo.Matcher{Label: "stage", Op: "=~", Value: strings.Join(names, "|")})
	}
	for _, l := range labels {
		o.Select = append(o.Select, slo.Matcher{Label: l.Name, Op: "=", Value: l.Value})
	}
	return o
}

// wholeBudget is the error budget of the SLO that the rule belongs to, of which it is 1
// when all is used.
func (r *Rule) wholeBudget() slo.Objective {
	all, _ := slo.Parse("budget_used <= 100%") // it always parses
	return slo.Objective{Name: r.SLO, Expression: all.BudgetOf(r.Aim), Select: r.Select, Target: r.Target, Point: true}
}

// A Label is one of the names and values that tell alerts of a rule apart.
type Label struct{ Name, Value string }

// About reports whether an alert of the rule, the one with these labels, is about a
// series.
func (r *Rule) About(s measure.Series, labels []Label) bool {
	return r.objective(r.When, labels).Matches(s)
}
