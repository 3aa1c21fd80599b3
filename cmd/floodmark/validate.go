package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/targets"
)

func newValidateCmd(env environment) *cobra.Command {
	var connect bool
	var load loadFlags
	cmd := &cobra.Command{
		Use:   "validate [PROFILE...]",
		Short: "Check profiles: syntax, units, meaning",
		Long: `Check profiles: syntax, units, meaning. All faults of a file are told at once,
each with its place. Nothing is sent, unless --connect asks each endpoint once.`,
		Example: `  floodmark validate checkout.yaml
  floodmark validate --connect smoke`,
		ValidArgsFunction: completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{defaultProfile}
			}
			return validateAll(cmd, args, connect, &load, env)
		},
	}
	cmd.Flags().BoolVar(&connect, "connect", false, "send one request to each endpoint")
	cmd.Flags().StringArrayVarP(&load.vars, "env", "e", nil, "a variable for the profile's ${NAME}, as NAME=VALUE; may be repeated")
	return cmd
}

// validateAll checks every profile before it fails for the first bad one.
func validateAll(cmd *cobra.Command, args []string, connect bool, load *loadFlags, env environment) error {
	vars, err := load.variables()
	if err != nil {
		return err
	}
	code := exitMet
	for _, name := range args {
		err := validateOne(cmd, name, connect, vars, env)
		if err != nil {
			code = max(code, tell(env.err, err))
		}
	}
	if code != exitMet {
		return verdictError(code)
	}
	return nil
}

func validateOne(cmd *cobra.Command, name string, connect bool, vars map[string]string, env environment) error {
	s, err := loadProfile([]string{name}, env, vars)
	if err != nil {
		return err
	}
	p, err := compile(s.profile, s.source)
	if err != nil {
		return err
	}
	answered := ""
	if connect {
		if answered, err = connectEach(cmd, p); err != nil {
			return err
		}
	}
	p.warnOfAlerts(env.err)
	alerts := ""
	if len(p.rules) > 0 {
		alerts = ", " + plural(len(p.rules), "alert")
	}
	_, err = fmt.Fprintf(env.out, "ok  %s   %s, %s%s%s\n", name, describePlan(p), plural(len(p.objectives), "objective"), alerts, answered)
	return err
}

// connectEach sends one request to each endpoint and tells how long they took.
func connectEach(cmd *cobra.Command, p *plan) (string, error) {
	var faults []error
	fastest, slowest := time.Hour, time.Duration(0)
	const hint = "start the target, or leave out --connect to check the profile alone"
	err := askEach(cmd.Context(), p, hint, func(probe probe, resp *targets.Response) {
		if resp.Status >= 400 {
			faults = append(faults, fmt.Errorf("%s answers %d", probe.name, resp.Status))
		}
		took := resp.Done.Sub(resp.Sent)
		fastest, slowest = min(fastest, took), max(slowest, took)
	})
	if err != nil {
		return "", err
	}
	if err := errors.Join(faults...); err != nil {
		return "", &fault{code: exitInconclusive, err: err}
	}
	return fmt.Sprintf("\n    %s answered (%v to %v)", plural(len(p.probes), "endpoint"), quantity.Duration(fastest), quantity.Duration(slowest)), nil
}

// describePlan tells what a plan comes to in one line.
func describePlan(p *plan) string {
	length := profiles.FormatDuration(p.schedule.Duration())
	if !p.schedule.Open() {
		return fmt.Sprintf("up to %.0f users for %s", p.schedule.Peak(), length)
	}
	arrivals := p.schedule.Count()
	requests := ""
	if each := p.requestsEach(); each != 1 {
		requests = fmt.Sprintf(", about %s requests", quantity.Count(int64(float64(arrivals)*each+0.5)))
	}
	return fmt.Sprintf("%s arrivals%s in %s, peak %s", quantity.Count(arrivals), requests, length, formatRate(p.schedule.Peak()))
}

// requestsEach returns how many requests an arrival makes on average.
func (c *plan) requestsEach() float64 {
	var weights, requests float64
	for _, s := range c.profile.Scenarios {
		weights += s.Weight
		for _, step := range s.Steps {
			if step.Method != "" {
				requests += s.Weight
			}
		}
	}
	return requests / weights
}
