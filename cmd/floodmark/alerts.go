package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/receivers"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/quantity"
)

func newAlertsCmd(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "Try the receivers of alerts, and rules on saved runs",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAlertsTestCmd(env), newAlertsReplayCmd(env))
	return cmd
}

// An alertsTest is floodmark alerts test.
type alertsTest struct {
	profile string
	load    loadFlags
	reach   deliveryFlags
	dry     bool
	env     environment
}

func newAlertsTestCmd(env environment) *cobra.Command {
	t := alertsTest{env: env}
	cmd := &cobra.Command{
		Use:   "test [RECEIVER...]",
		Short: "Send a sample to receivers and show what they answer",
		Long: `Send a sample, marked as a test, to the receivers of a profile, or to those
named, and show what they answer. --dry-run shows what would be sent instead, with
secrets masked. The exit code is 6 if a receiver does not take the sample.`,
		Example: `  floodmark alerts test chat --profile checkout.yaml
  floodmark alerts test --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error { return t.run(cmd.Context(), args) },
	}
	fs := cmd.Flags()
	fs.StringVarP(&t.profile, "profile", "f", defaultProfile, "the profile whose receivers are tried")
	fs.BoolVar(&t.dry, "dry-run", false, "show what would be sent, and send nothing")
	fs.StringArrayVarP(&t.load.vars, "env", "e", nil, "a variable for the profile's ${NAME}, as NAME=VALUE; may be repeated")
	t.reach.registerReach(fs)
	return cmd
}

func (t *alertsTest) run(ctx context.Context, names []string) error {
	p, err := t.plan()
	if err != nil {
		return err
	}
	known := make([]string, 0, len(p.profile.Notify))
	for _, r := range p.profile.Notify {
		known = append(known, r.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return usageFault(fmt.Errorf("there is no receiver %q in %s", name, t.profile), "its receivers: "+strings.Join(known, ", "))
		}
	}
	if len(known) == 0 {
		return usageFault(fmt.Errorf("%s has no receivers", t.profile), "describe them below notify")
	}
	all, err := p.receivers(t.reach.policy(), func(name string) bool { return len(names) == 0 || slices.Contains(names, name) })
	if err != nil {
		return err
	}
	run := p.alertRun(nil, &t.reach, t.env)
	run.ID, run.Started = "test", time.Now().UTC()
	refused := 0
	for _, name := range known {
		r := all[name]
		if r == nil {
			continue
		}
		m := receivers.Sample(name, time.Now().UTC(), run)
		if t.dry {
			err = t.show(name, r, m)
		} else if !t.send(ctx, p, name, r, m) {
			refused++
		}
		if err != nil {
			return err
		}
	}
	if refused > 0 {
		return verdictError(exitUndelivered)
	}
	return nil
}

// plan reads the profile.
func (t *alertsTest) plan() (*plan, error) {
	vars, err := t.load.variables()
	if err != nil {
		return nil, err
	}
	s, err := loadProfile([]string{t.profile}, t.env, vars)
	if err != nil {
		return nil, err
	}
	return compile(s.profile, s.source)
}

// send sends the sample and tells what came of it.
func (t *alertsTest) send(ctx context.Context, p *plan, name string, r *receivers.Receiver, m alert.Message) bool {
	ctx, cancel := context.WithTimeout(ctx, t.reach.timeout)
	defer cancel()
	begin := time.Now()
	answer := r.Send(ctx, m)
	text := fmt.Sprintf("%-16s %-9s in %s", name, answer.Outcome, quantity.Duration(time.Since(begin)))
	if answer.Status > 0 {
		text += fmt.Sprintf("   HTTP %d", answer.Status)
	}
	if answer.Detail != "" {
		text += "   " + p.redactor.Replace(answer.Detail)
	}
	_, _ = fmt.Fprintln(t.env.out, text)
	return answer.Outcome.OK()
}

// show tells what would be sent.
func (t *alertsTest) show(name string, r *receivers.Receiver, m alert.Message) error {
	requests, err := r.Render(m)
	if err != nil {
		return withExit(exitUsage, fmt.Errorf("notify.%s: %w", name, err))
	}
	for _, q := range requests {
		_, _ = fmt.Fprintf(t.env.out, "%s\n%s %s\n", name, q.Method, q.URL)
		for _, h := range q.Header {
			_, _ = fmt.Fprintf(t.env.out, "%s: %s\n", h[0], h[1])
		}
		_, _ = fmt.Fprintf(t.env.out, "\n%s\n\n", strings.TrimSpace(q.Body))
	}
	return nil
}

// indented writes lines below a heading.
func indented(w io.Writer, lines ...string) {
	for _, line := range lines {
		_, _ = fmt.Fprintf(w, "  %s\n", line)
	}
}

// withoutReceivers makes a profile tell nobody.
func withoutReceivers(p *profiles.Profile) {
	p.Notify = nil
	for i := range p.SLOs {
		for j := range p.SLOs[i].Alerts {
			p.SLOs[i].Alerts[j].Notify = nil
		}
	}
}
