package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
	"github.com/floodmark/floodmark/report"
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
			return write(afterwards(summary, saved), &out, env)
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&out.json, "json", false, "write it as JSON")
	fs.StringArrayVarP(&out.outs, "out", "o", nil, "also write FORMAT=PATH, the format json or text; may be repeated")
	fs.StringVar(&out.runs, "runs", defaultRuns, "directory of the saved runs")
	return cmd
}

// afterwards adds what became of alerts after the run had ended, or was killed: its
// outbox knows what was delivered by then.
func afterwards(s report.Summary, saved *runs.Saved) report.Summary {
	listing, err := outbox.Read(filepath.Join(saved.Dir, outbox.File))
	if err != nil {
		return s // the run told nobody
	}
	ending := s.Ending
	a := &ending.Alerts
	a.Undelivered = 0
	for _, item := range listing.Items {
		switch {
		case item.State != outbox.Sent:
			a.Undelivered++
		case !a.Delivered(item.Notice)[item.Receiver]:
			a.AddDelivery(report.Delivery{
				Receiver: item.Receiver, Message: item.Message, Notices: []string{item.Notice.ID},
				At: item.At.Sub(s.Run.Started).Seconds(), Attempt: 1, Outcome: alert.Delivered, Detail: item.Detail,
			})
		}
	}
	return report.Summarise(s.Run, ending, s.Totals, s.Statuses)
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
