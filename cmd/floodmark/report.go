package main

import (
	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/runs"
)

func newReportCmd(env environment) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use:   "report [RUN]",
		Short: "Write the report of a saved run again",
		Long: `Write the report of a saved run again, from what it recorded. RUN is @latest (the
default), @prev, @2 for the one before, a name or the beginning of one, or a
directory. A run that was killed is reported up to its last second.`,
		Example: `  floodmark report @latest
  floodmark report @prev -o json=before.json`,
		Args:              atMostOne,
		ValidArgsFunction: completeRuns(&out.runs),
		RunE: func(_ *cobra.Command, args []string) error {
			saved, err := openRun(out.runs, args)
			if err != nil {
				return err
			}
			for _, o := range out.outs {
				if _, _, err := parseOut(o); err != nil {
					return usageFault(err)
				}
			}
			summary, err := runs.Summarise(saved)
			if err != nil {
				return withExit(exitInternal, err)
			}
			return write(summary, &out, env)
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&out.json, "json", false, "write it as JSON")
	fs.StringArrayVarP(&out.outs, "out", "o", nil, "also write FORMAT=PATH, the format json or text; may be repeated")
	fs.StringVar(&out.runs, "runs", defaultRuns, "directory of the saved runs")
	return cmd
}

// openRun opens the run that the arguments name.
func openRun(root string, args []string) (*runs.Saved, error) {
	ref := "@latest"
	if len(args) > 0 {
		ref = args[0]
	}
	saved, err := runs.Open(root, ref)
	if err != nil {
		return nil, withExit(exitUsage, err)
	}
	return saved, nil
}

// completeRuns offers saved runs.
func completeRuns(root *string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names := []string{"@latest", "@prev"}
		list, err := runs.List(*root)
		if err != nil {
			return names, cobra.ShellCompDirectiveDefault
		}
		for _, saved := range list {
			names = append(names, saved.Name)
		}
		return names, cobra.ShellCompDirectiveDefault
	}
}
