package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/runs"
)

// An alertsReplay is floodmark alerts replay.
type alertsReplay struct {
	root, rules string
	json        bool
	load        loadFlags
	env         environment
}

func newAlertsReplayCmd(env environment) *cobra.Command {
	r := alertsReplay{env: env}
	cmd := &cobra.Command{
		Use:   "replay [RUN]",
		Short: "Run alert rules over a saved run: when would they have fired?",
		Long: `Run alert rules over a saved run and tell when they would have fired, and which
of them never could. The rules are those of the run's own profile, or of --rules.
Nobody is told. RUN is @latest (the default), @prev, a name, or a directory.

Time is that of the run, so the same rules fire at the same moments as they did
live.`,
		Example: `  floodmark alerts replay @latest
  floodmark alerts replay @latest --rules stricter.yaml`,
		Args:              atMostOne,
		ValidArgsFunction: completeRuns(&r.root),
		RunE:              func(_ *cobra.Command, args []string) error { return r.run(args) },
	}
	fs := cmd.Flags()
	fs.StringVar(&r.root, "runs", defaultRuns, "directory of the saved runs")
	fs.StringVar(&r.rules, "rules", "", "profile with the rules to try (default: the run's own)")
	fs.BoolVar(&r.json, "json", false, "write it as JSON")
	fs.StringArrayVarP(&r.load.vars, "env", "e", nil, "a variable for the profile's ${NAME}, as NAME=VALUE; may be repeated")
	return cmd
}

func (r *alertsReplay) run(args []string) error {
	saved, err := openRun(r.root, args)
	if err != nil {
		return err
	}
	p, err := r.plan(saved)
	if err != nil {
		return err
	}
	if len(p.rules) == 0 {
		return usageFault(fmt.Errorf("%s has no alerts", r.named()), "write them below slos, or name a profile that has some with --rules")
	}
	follow := newAlarms(p, alert.Run{ID: saved.Name, Name: saved.Run.Name, Started: saved.Run.Started}, &deliveryFlags{scope: "run"}, nil)
	steers, err := saved.Steered()
	if err != nil {
		return withExit(exitInternal, err)
	}
	var changes []report.Change
	var end time.Duration
	ending, err := saved.Replay(func(in *measure.Interval) bool {
		if len(steers) > 0 {
			follow.move(p.run.Steered(steers, in.End))
		}
		changes = append(changes, follow.add(in).changes...)
		end = in.End
		return true
	})
	if err != nil {
		return withExit(exitInternal, err)
	}
	for _, warning := range ending.Warnings {
		_, _ = fmt.Fprintf(r.env.err, "warning: %s\n", warning)
	}
	changes = append(changes, follow.end(end).changes...)
	if r.json {
		return r.writeJSON(follow.board.Histories(), changes)
	}
	r.write(saved, end, follow.board.Histories(), changes)
	return nil
}

// plan compiles the profile that has the rules, for what the run has counted.
func (r *alertsReplay) plan(saved *runs.Saved) (*plan, error) {
	vars, err := r.load.variables()
	if err != nil {
		return nil, err
	}
	file := r.rules
	if file == "" {
		file = filepath.Join(saved.Dir, "profile.yaml")
	}
	src, err := os.ReadFile(file) //nolint:gosec // naming files is what the flag is for
	if err != nil {
		return nil, usageFault(fmt.Errorf("rules: %w", err))
	}
	lookup := r.env.lookup
	env := r.env
	env.lookup = func(name string) (string, bool) { // nothing is sent: what is not set does not matter
		if value, ok := lookup(name); ok {
			return value, true
		}
		return "http://unset.invalid/", true
	}
	parsed, err := parseProfile(file, src, env, vars)
	if err != nil {
		return nil, err
	}
	withoutReceivers(parsed)
	return recompile(parsed, file, saved.Run)
}

// named is where the rules come from, in words.
func (r *alertsReplay) named() string {
	if r.rules == "" {
		return "the run's profile"
	}
	return r.rules
}

// recompile compiles a profile's rules for what a saved run has counted.
func recompile(p *profiles.Profile, source string, run report.Run) (*plan, error) {
	c, err := compile(p, source)
	if err != nil {
		return nil, err
	}
	c.series, c.under, c.deadlines, c.failing = run.Series, run.Under, run.Deadlines, run.Failing
	c.rules, c.alertWarnings, c.run = nil, nil, run
	counted := slices.Clone(c.under)
	if err := c.compileAlerts(); err != nil {
		return nil, usageFault(err)
	}
	if len(c.under) > len(counted) {
		return nil, usageFault(fmt.Errorf("the run has not counted requests under %s, only %s", quantity.Duration(c.under[len(counted)]), thresholds(counted)),
			"a rule about another threshold needs another run")
	}
	c.deadlines, c.failing = run.Deadlines, run.Failing
	return c, nil
}

// thresholds lists what a run has counted.
func thresholds(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	words := make([]string, len(all))
	for i, t := range all {
		words[i] = profiles.FormatDuration(t)
	}
	return strings.Join(words, ", ")
}

// write tells of each rule what it would have done.
func (r *alertsReplay) write(saved *runs.Saved, end time.Duration, all []alert.History, changes []report.Change) {
	_, _ = fmt.Fprintf(r.env.out, "%s   %s of %s\n", saved.Name, quantity.Duration(end.Round(time.Second)), saved.Run.Load)
	for _, h := range all {
		name := []string{h.Rule.SLO, "/", h.Rule.Name}
		for _, l := range h.Labels {
			name = append(name, l.Name+"="+l.Value)
		}
		_, _ = fmt.Fprintf(r.env.out, "\n%s   %s, resolved at %s, of %s\n", strings.Join(name, " "), h.Rule.When, h.Rule.Resolve.Expression,
			quantity.Plural(h.Rule.MinEvents, "request", "requests")+" or more")
		for i := range changes {
			c := &changes[i]
			if word, rest := c.Words(); word != "" && c.IsOf(h.Rule.SLO, h.Rule.Name, h.Labels) {
				indented(r.env.out, fmt.Sprintf("%s %-8s %s", quantity.Instant(measure.FromSeconds(c.At)), word, rest))
			}
		}
		if h.Fired == 0 {
			indented(r.env.out, silence(h))
		}
	}
}

// silence says why a rule did not fire.
func silence(h alert.History) string {
	switch {
	case h.Most == 0:
		return "could never fire: there was no request that it is about"
	case h.Judged == 0:
		return fmt.Sprintf("could never fire: its windows had %s at most", quantity.Plural(h.Most, "request", "requests"))
	}
	return fmt.Sprintf("never fired; closest was %s %s at %s", h.Rule.When.Indicator(),
		quantity.Value(h.Rule.When.Unit(), h.Closest, 0), quantity.Instant(h.At))
}

// A replayedRule is what a rule would have done, as JSON.
type replayedRule struct {
	SLO       string            `json:"slo"`
	Rule      string            `json:"rule"`
	Labels    map[string]string `json:"labels,omitempty"`
	When      string            `json:"when"`
	Resolve   string            `json:"resolve"`
	MinEvents int64             `json:"min_events"`
	Fired     int               `json:"fired"`
	CouldFire bool              `json:"could_fire"`
	Judged    int               `json:"judged_intervals"`
	Most      int64             `json:"most_events"`
	Closest   *float64          `json:"closest"` // null if nothing was judged
	At        *float64          `json:"closest_at_seconds"`
}

func (r *alertsReplay) writeJSON(all []alert.History, changes []report.Change) error {
	rules := []replayedRule{}
	for _, h := range all {
		out := replayedRule{
			SLO: h.Rule.SLO, Rule: h.Rule.Name, Labels: report.LabelsOf(h.Labels), When: h.Rule.When.String(), Resolve: h.Rule.Resolve.String(), MinEvents: h.Rule.MinEvents,
			Fired: h.Fired, CouldFire: h.Judged > 0, Judged: h.Judged, Most: h.Most,
		}
		if h.Judged > 0 {
			out.Closest, out.At = new(h.Closest), new(h.At.Seconds())
		}
		rules = append(rules, out)
	}
	if changes == nil {
		changes = []report.Change{}
	}
	encoder := json.NewEncoder(r.env.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"rules": rules, "alerts": changes})
}
