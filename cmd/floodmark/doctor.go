package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/doctor"
)

func newDoctorCmd(env environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Measure what this machine can do for load tests, and how to mend it",
		Long: `Look at the limits of this machine, measure how well it keeps time and how fast it
is, and say for each how to mend it. It takes about five seconds and changes
nothing.

Exit codes: 0 measurements can be trusted (warnings included), 2 wrong usage,
5 something makes them untrustworthy, 70 internal error, 130 and 143 interrupted.`,
		Example: `  floodmark doctor
  floodmark doctor --json | jq '.checks[] | select(.verdict != "ok")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), asJSON, env) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the result to stdout as JSON")
	return cmd
}

// runDoctor is floodmark doctor: from the flag to the exit code.
func runDoctor(parent context.Context, asJSON bool, env environment) error {
	ctx, release := untilSignal(parent)
	found, err := doctor.New().Examine(ctx)
	if err = release(err); err != nil {
		return internal(err)
	}
	write := found.Text
	if asJSON {
		write = found.JSON
	}
	if err := write(env.out, version); err != nil {
		return internal(err)
	}
	return exitWith(found.ExitCode())
}
