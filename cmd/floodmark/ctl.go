package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/control"
)

// answerTime is how long a run may take to answer: longer than it takes to say itself that
// it is too busy.
const answerTime = 15 * time.Second

// A ctlCommand is floodmark ctl and what is below it.
type ctlCommand struct {
	root, run string
	env       environment
}

func newCtlCmd(env environment) *cobra.Command {
	c := ctlCommand{env: env}
	cmd := &cobra.Command{
		Use:   "ctl",
		Short: "Steer a run that is under way, from elsewhere",
		Long: `Steer a run that is under way, over the socket in its directory. Without --run it is
the only one that is under way. What is changed is an event of the run, with its
time, in its files.

Exit codes: 0 done, 1 the run refused or did not answer, 2 there is no such run or
the usage is wrong.`,
		Example: `  floodmark ctl mark 'deployed 1.4.2'
  floodmark ctl rate +10%
  floodmark ctl status --json`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	fs := cmd.PersistentFlags()
	fs.StringVar(&c.root, "runs", defaultRuns, "directory of the saved runs")
	fs.StringVar(&c.run, "run", "", "the run: @latest, a name or a directory (default: the one that is under way)")
	_ = cmd.RegisterFlagCompletionFunc("run", func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return completeRuns(&c.root)(cmd, nil, word)
	})
	cmd.AddCommand(
		c.plain("pause", "Begin no more arrivals until resume"),
		c.plain("resume", "Go on after pause"),
		c.rateCmd(),
		c.skipCmd(),
		c.markCmd(),
		c.muteCmd(),
		c.plain("stop", "End the run as the first Ctrl-C does: no new arrivals, then the summary"),
		c.statusCmd(),
	)
	return cmd
}

// plain is a command without arguments.
func (c *ctlCommand) plain(name, short string) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.do(cmd.Context(), name) },
	}
}

func (c *ctlCommand) skipCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "skip [STAGE]",
		Short: "Go on to the next stage, if the run is in STAGE",
		Args:  atMostOne,
		RunE:  func(cmd *cobra.Command, args []string) error { return c.do(cmd.Context(), "skip", args...) },
	}
}

func (c *ctlCommand) markCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "mark TEXT",
		Short: "Write into the run's record what happens now, such as a deployment",
		Args: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(strings.Join(args, "")) == "" {
				return usageFault(errors.New("a mark has a text"), cmd.CommandPath()+" 'deployed 1.4.2'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.do(cmd.Context(), "mark", strings.Join(args, " "))
		},
	}
}

func (c *ctlCommand) muteCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "mute [DURATION]",
		Short: "Tell nobody of alerts for 5 minutes, or DURATION; again, or 0s, and they are told",
		Args:  atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				if d, err := time.ParseDuration(args[0]); err != nil || d < 0 {
					return usageFault(fmt.Errorf("mute %q: no duration", args[0]), cmd.CommandPath()+" 5m")
				}
			}
			return c.do(cmd.Context(), "mute", args...)
		},
	}
}

// rateCmd reads its flags itself: -10% is a value, and no flag.
func (c *ctlCommand) rateCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "rate VALUE",
		Short: "Change the rate, or the number of users: 300/s, +10%, -10%, x1.5, or plan",
		Args:  cobra.ArbitraryArgs, DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			cmd.DisableFlagParsing = false
			isValue := regexp.MustCompile(`^-[0-9.]`).MatchString
			var values, flags []string
			for _, arg := range args {
				if isValue(arg) {
					values = append(values, arg)
				} else {
					flags = append(flags, arg)
				}
			}
			if err := cmd.ParseFlags(flags); err != nil {
				return cmd.FlagErrorFunc()(cmd, err)
			}
			if help, err := cmd.Flags().GetBool("help"); err == nil && help {
				return cmd.Help()
			}
			values = append(values, cmd.Flags().Args()...)
			if len(values) != 1 {
				return usageFault(fmt.Errorf("rate: %d values, and it takes one", len(values)), "write "+levelForms)
			}
			if _, err := parseLevel(values[0]); err != nil {
				return usageFault(fmt.Errorf("rate: %w", err))
			}
			return c.do(cmd.Context(), "rate", values[0])
		},
	}
}

// none is cobra's check with our exit code.
func none(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return usageFault(err, cmd.CommandPath()+" --help")
	}
	return nil
}

// do sends a command, and says what came of it.
func (c *ctlCommand) do(ctx context.Context, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	run, err := reach(ctx, c.root, c.run, control.Steer)
	if err != nil {
		return err
	}
	defer run.Close() //nolint:errcheck // the answer is what matters
	reply, err := run.Do(ctx, control.Command{Name: name, Args: args})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &fault{code: exitRefused, err: fmt.Errorf("%s: no answer in %v; whether it was done is not known", run.name, answerTime)}
	case err != nil:
		return &fault{code: exitRefused, err: fmt.Errorf("%s: %w; whether it was done is not known", run.name, err)}
	case !reply.OK:
		return &fault{code: exitRefused, err: fmt.Errorf("%s: %s", run.name, reply.Error), hints: []string{reply.Hint}}
	}
	_, err = fmt.Fprintf(c.env.out, "%s: %s\n", run.name, reply.Text)
	return err
}

func (c *ctlCommand) statusCmd() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how the run goes, within a second",
		Args:  none,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.status(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the run's latest second as JSON, as --ui json does")
	return cmd
}

// status waits for the next snapshot and writes it.
func (c *ctlCommand) status(ctx context.Context, asJSON bool) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	run, err := reach(ctx, c.root, c.run, control.ReadOnly)
	if err != nil {
		return err
	}
	defer run.Close() //nolint:errcheck // nothing was asked of it
	var snapshot []byte
	seen, enough := context.WithCancel(ctx)
	defer enough()
	err = run.Watch(seen, control.Show{Snapshot: func(b []byte) {
		snapshot = b
		enough()
	}})
	switch {
	case snapshot == nil && err == nil:
		return &fault{code: exitRefused, err: fmt.Errorf("%s has ended", run.name)}
	case snapshot == nil:
		return &fault{code: exitRefused, err: fmt.Errorf("%s: %w", run.name, err)}
	case asJSON:
		second, err := secondOf(snapshot)
		if err != nil {
			return internal(err)
		}
		_, err = fmt.Fprintf(c.env.out, "%s\n", second)
		return err
	}
	p, err := parsePicture(snapshot)
	if err != nil {
		return internal(err)
	}
	return p.write(c.env.out, run)
}
