package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is what this tree calls itself; a release sets it.
const version = "0.1.0"

// environment is what the command is given by its process.
type environment struct {
	in       io.Reader
	out, err io.Writer
	lookup   func(string) (string, bool) // environment variables
}

// execute runs the command line and returns the exit code. A panic is our own
// fault and says so.
func execute(args []string, env environment) (code int) {
	defer func() {
		if r := recover(); r != nil {
			_, _ = fmt.Fprintf(env.err, "floodmark: internal error: %v\n%s", r, debug.Stack())
			code = exitInternal
		}
	}()
	root := newRootCmd(env)
	root.SetArgs(args)
	return tell(env.err, root.Execute())
}

func newRootCmd(env environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "floodmark",
		Short: "Load testing with objectives: drive traffic, measure what users feel, judge it",
		Long: `Floodmark drives traffic at a service, measures what users would feel, and
judges it against objectives: from the planned start of each request, so that a
target that stalls cannot hide it.`,
		Example: `  floodmark demo run
  floodmark run http://127.0.0.1:8080/api/products -r 200/s -d 30s --slo 'p99 < 250ms'
  floodmark run checkout.yaml --json | jq .verdict`,
		Args:              knownCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return flagsFromEnvironment(cmd, env.lookup) },
	}
	root.SetIn(env.in)
	root.SetOut(env.out)
	root.SetErr(env.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageFault(err, fmt.Sprintf("%s --help lists the flags", cmd.CommandPath()))
	})
	root.AddCommand(
		newRunCmd(env), newDemoCmd(env), newReportCmd(env), newRunsCmd(env),
		newValidateCmd(env), newPlanCmd(env), newSchemaCmd(env), newVersionCmd(env),
		newDoctorCmd(env), newVerifyCmd(env), newAlertsCmd(env), newOutboxCmd(env), newImportCmd(env),
		newCtlCmd(env), newAttachCmd(env),
	)
	return root
}

// knownCommand refuses a word that is none of the commands of cmd, which does
// nothing but hold them.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := cmd.CommandPath() + " --help lists the commands"
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("did you mean %s %s?", cmd.CommandPath(), near[0])
	}
	return usageFault(fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath()), hint)
}

// flagsFromEnvironment sets each flag that the command line leaves alone from
// FLOODMARK_<NAME>, so that flag > environment > profile > default. Of the flags
// that exclude each other, one on the command line decides for all.
func flagsFromEnvironment(cmd *cobra.Command, lookup func(string) (string, bool)) error {
	var typed []string // flags that the command line decides against
	for _, group := range [][]string{loadModels(), protocolFlags(), {"ipv4", "ipv6"}} {
		if count(cmd.Flags().Changed, group...) > 0 {
			typed = append(typed, group...)
		}
	}
	decided := func(flag string) bool { return slices.Contains(typed, flag) }
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := "FLOODMARK_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, set := lookup(name)
		if f.Changed || !set || err != nil || decided(f.Name) {
			return
		}
		if e := cmd.Flags().Set(f.Name, value); e != nil {
			err = usageFault(fmt.Errorf("%s: %w", name, e))
		}
	})
	return err
}

func newVersionCmd(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(env.out, "floodmark %s%s %s %s/%s\n", version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// revision returns the commit that the binary was built from, where Go knows it.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return " (" + s.Value[:12] + ")"
		}
	}
	return ""
}
