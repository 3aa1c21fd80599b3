package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/health"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/verify"
)

// verifyFlags are the flags of floodmark verify.
type verifyFlags struct {
	rate     string
	duration time.Duration
	bound    time.Duration
	json     bool
}

func newVerifyCmd(env environment) *cobra.Command {
	var flags verifyFlags
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare what is measured here with what really happened",
		Long: `Drive a built-in server, whose delays are known, with the generator of every run,
and compare the percentiles that it measured with what really happened: once with
a steady load, once while the server stalls, and once with the same stall seen
through a few connections.

Exit codes: 0 every percentile is within its bound, 1 one is not although the
machine kept time, 2 wrong usage, 5 this machine is too busy to tell, 70 internal
error, 130 and 143 interrupted.`,
		Example: `  floodmark verify
  floodmark verify --rate 5000/s --duration 10s
  floodmark verify --json | jq '.scenarios[0].comparisons[0]'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVerify(cmd.Context(), &flags, env) },
	}
	fs := cmd.Flags()
	fs.StringVarP(&flags.rate, "rate", "r", fmt.Sprintf("%d/s", verify.DefaultRate), "arrivals per second")
	fs.DurationVarP(&flags.duration, "duration", "d", verify.DefaultDuration, "length of each of the three scenarios")
	fs.DurationVar(&flags.bound, "bound", verify.DefaultBound, "by how much a percentile may be off, or by 2% if that is more")
	fs.BoolVar(&flags.json, "json", false, "write the result to stdout as JSON")
	return cmd
}

// runVerify is floodmark verify: from the flags to the exit code.
func runVerify(parent context.Context, flags *verifyFlags, env environment) error {
	rate, err := profiles.ParseRate(flags.rate)
	if err != nil {
		return withExit(exitUsage, fmt.Errorf("--rate: %w", err))
	}
	check := verify.Check{Rate: rate, Duration: flags.duration, Bound: flags.bound, Share: verify.DefaultShare}
	if err := check.Validate(); err != nil {
		return usageFault(err, "floodmark verify --help")
	}
	if need, limit := check.Files(), health.FileLimit(); limit > 0 && need > limit {
		return &fault{
			code: exitInvalid, err: fmt.Errorf("%s/s needs %d open files, and this machine allows %d", quantity.Count(int64(rate)), need, limit),
			hints: []string{"lower --rate, or see floodmark doctor for how to allow more"},
		}
	}
	check.Progress = func(number, of int, name string) {
		_, _ = fmt.Fprintf(env.err, "scenario %d of %d: %s, %v\n", number, of, name, flags.duration)
	}
	ctx, release := untilSignal(parent)
	result, err := check.Run(ctx)
	if err = release(err); err != nil {
		return internal(err)
	}
	write := result.Text
	if flags.json {
		write = result.JSON
	}
	if err := write(env.out, version); err != nil {
		return internal(err)
	}
	return exitWith(result.Verdict.ExitCode())
}
