package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/alert/delivery"
	"github.com/floodmark/floodmark/alert/outbox"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/runs"
)

// An outboxCommand is floodmark outbox and what is below it.
type outboxCommand struct {
	root, receiver string
	profile        string
	all            bool
	load           loadFlags
	reach          deliveryFlags
	env            environment
}

func newOutboxCmd(env environment) *cobra.Command {
	o := outboxCommand{env: env}
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "Alerts that were not delivered: list them, try again, drop them",
		Long: `What people are to be told of a run is kept in its outbox until they have been. Of
a run that was killed, or whose receivers were down until its end, something may be
left. RUN is @latest, @prev, a name or a directory; without it, all saved runs are
looked at.`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&o.root, "runs", defaultRuns, "directory of the saved runs")
	cmd.AddCommand(o.listCmd(), o.flushCmd(), o.dropCmd())
	return cmd
}

func (o *outboxCommand) listCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list [RUN]",
		Short: "List what is not delivered; of one run, everything",
		Args:  atMostOne, ValidArgsFunction: completeRuns(&o.root),
		RunE: func(_ *cobra.Command, args []string) error { return o.list(args) },
	}
	cmd.Flags().BoolVar(&o.all, "all", false, "also what is delivered, given up or dropped")
	return cmd
}

func (o *outboxCommand) flushCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "flush [RUN]",
		Short: "Try again to deliver what is left",
		Long: `Try again to deliver what is left, to the receivers of the run's own profile, whose
variables must be set, or to those of --profile. What was sent before and may have
arrived is sent under the same id. The exit code is 6 if something is left.`,
		Args: atMostOne, ValidArgsFunction: completeRuns(&o.root),
		RunE: func(cmd *cobra.Command, args []string) error { return o.flush(cmd.Context(), args) },
	}
	fs := cmd.Flags()
	fs.StringVarP(&o.profile, "profile", "f", "", "profile with the receivers (default: the run's own)")
	fs.StringArrayVarP(&o.load.vars, "env", "e", nil, "a variable for the profile's ${NAME}, as NAME=VALUE; may be repeated")
	o.reach.registerReach(fs)
	return cmd
}

func (o *outboxCommand) dropCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "drop RUN",
		Short: "Give up what is left: nobody will be told",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(cmd, args); err != nil {
				return usageFault(err, "name the run, such as @latest")
			}
			return nil
		},
		ValidArgsFunction: completeRuns(&o.root),
		RunE:              func(_ *cobra.Command, args []string) error { return o.drop(args) },
	}
	cmd.Flags().StringVar(&o.receiver, "receiver", "", "only what is for this receiver")
	return cmd
}

// outboxes returns the paths of the outboxes that the arguments name, and the names of
// their runs. A directory with an outbox need not be a run.
func (o *outboxCommand) outboxes(args []string) (paths, names []string, err error) {
	if len(args) > 0 {
		if path := filepath.Join(args[0], outbox.File); fileExists(path) {
			return []string{path}, []string{filepath.Base(args[0])}, nil
		}
		saved, err := openRun(o.root, args)
		if err != nil {
			return nil, nil, err
		}
		path := filepath.Join(saved.Dir, outbox.File)
		if !fileExists(path) {
			return nil, nil, usageFault(fmt.Errorf("%s told nobody: it has no %s", saved.Name, outbox.File))
		}
		return []string{path}, []string{saved.Name}, nil
	}
	list, err := runs.List(o.root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, withExit(exitUsage, err)
	}
	for _, saved := range list {
		if path := filepath.Join(saved.Dir, outbox.File); fileExists(path) {
			paths, names = append(paths, path), append(names, saved.Name)
		}
	}
	return paths, names, nil
}

func fileExists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// list shows what is in outboxes.
func (o *outboxCommand) list(args []string) error {
	paths, names, err := o.outboxes(args)
	if err != nil {
		return err
	}
	everything := o.all || len(args) > 0
	shown := 0
	for i, path := range paths {
		listing, err := outbox.Read(path)
		if err != nil {
			return withExit(exitUsage, err)
		}
		for _, problem := range listing.Problems {
			_, _ = fmt.Fprintf(o.env.err, "warning: %s: %s\n", path, problem)
		}
		for _, item := range listing.Items {
			if !everything && item.State != outbox.Pending {
				continue
			}
			if shown++; shown == 1 {
				_, _ = fmt.Fprintf(o.env.out, "%-32s %-16s %-8s %8s   %s\n", "run", "receiver", "state", "age", "notice")
			}
			_, _ = fmt.Fprintln(o.env.out, strings.TrimRight(fmt.Sprintf("%-32s %-16s %-8s %8s   %s  %s", clip(names[i], 32), clip(item.Receiver, 16), item.State,
				quantity.Duration(time.Since(item.Notice.StartsAt).Round(time.Second)), noticeText(item), item.Detail), " "))
		}
	}
	if shown == 0 {
		_, _ = fmt.Fprintln(o.env.out, "nothing is left to deliver")
	}
	return nil
}

// noticeText says what a notice is about.
func noticeText(item outbox.Item) string {
	return strings.ToUpper(string(item.Notice.Kind)) + " " + item.Notice.Name()
}

// drop gives up what is left.
func (o *outboxCommand) drop(args []string) error {
	paths, names, err := o.outboxes(args)
	if err != nil {
		return err
	}
	for i, path := range paths {
		box, err := outbox.Open(path)
		if err != nil {
			return withExit(exitUsage, err)
		}
		n, err := box.Drop(o.receiver)
		if err = errors.Join(err, box.Close()); err != nil {
			return withExit(exitInternal, err)
		}
		_, _ = fmt.Fprintf(o.env.out, "%s   %s dropped\n", names[i], plural(n, "notice"))
	}
	return nil
}

// flush delivers what is left of each outbox.
func (o *outboxCommand) flush(parent context.Context, args []string) error {
	ctx, interrupted, release := watchSignals(parent)
	defer release()
	paths, names, err := o.outboxes(args)
	if err != nil {
		return err
	}
	var faults []error
	left := 0
	for i, path := range paths {
		n, err := o.flushOne(ctx, interrupted.stop, path, names[i])
		left += n
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", names[i], err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return usageFault(err)
	}
	if left > 0 {
		return verdictError(exitUndelivered)
	}
	return nil
}

// flushOne delivers what is left of one outbox and returns how much stays. A run that has
// nothing left needs no receivers.
func (o *outboxCommand) flushOne(parent context.Context, stop <-chan struct{}, path, name string) (left int, err error) {
	listing, err := outbox.Read(path)
	if err != nil {
		return 0, err
	}
	var wanted []string
	for _, item := range listing.Items {
		if item.State == outbox.Pending && !slices.Contains(wanted, item.Receiver) {
			wanted = append(wanted, item.Receiver)
		}
	}
	if len(wanted) == 0 {
		return 0, nil
	}
	ways, err := o.ways(path, wanted)
	if err != nil {
		return len(wanted), err
	}
	box, err := outbox.Open(path)
	if err != nil {
		return len(wanted), err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	dispatcher := delivery.New(box, box.Run(), ways, func(d delivery.Delivery) {
		if !d.Refresh {
			_, _ = fmt.Fprintf(o.env.err, "%s   %s %s %s\n", name, d.Receiver, d.Outcome, d.Detail)
		}
	})
	ctx, cancel := context.WithTimeout(parent, o.reach.timeout)
	defer cancel()
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	done := make(chan struct{})
	go func() { defer close(done); dispatcher.Run(ctx) }()
	left = dispatcher.Drain(ctx)
	<-done
	count := box.Count()
	_, _ = fmt.Fprintf(o.env.out, "%s   %d sent, %d given up, %d left\n", name, count.Sent, count.Dead, left)
	return left, nil
}

// ways makes the receivers that an outbox still needs.
func (o *outboxCommand) ways(path string, wanted []string) ([]delivery.Lane, error) {
	vars, err := o.load.variables()
	if err != nil {
		return nil, err
	}
	file := o.profile
	if file == "" {
		file = filepath.Join(filepath.Dir(path), "profile.yaml")
	}
	src, err := os.ReadFile(file) //nolint:gosec // naming files is what the flag is for
	if err != nil {
		return nil, err
	}
	p, err := parseProfile(file, src, o.env, vars)
	if err != nil {
		return nil, err
	}
	if err := readSecrets(p); err != nil {
		return nil, err
	}
	for i := range p.Notify {
		if r := &p.Notify[i]; slices.Contains(wanted, r.Name) {
			if err := unset(r); err != nil {
				return nil, err
			}
		}
	}
	c := &plan{profile: p}
	all, err := c.receivers(o.reach.policy(), func(name string) bool { return slices.Contains(wanted, name) })
	if err != nil {
		return nil, err
	}
	for _, name := range wanted {
		if all[name] == nil {
			return nil, fmt.Errorf("%s has no receiver %q", file, name)
		}
	}
	return lanes(all), nil
}
