package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/runs"
)

// defaultRuns is where runs are saved, below the working directory.
const defaultRuns = ".floodmark/runs"

// outputFlags are the flags that say what is shown and kept.
type outputFlags struct {
	ui          string
	look        lookFlags
	stay        bool // the dashboard, until somebody leaves it
	progress    time.Duration
	json        bool
	quiet       bool
	outs        []string
	noSave      bool
	noControl   bool
	runs        string
	noPreflight bool
	yes         bool
	interactive bool
	annotations string // base URL of a backend's admin API, once checked; "" for none
	pprof       pprofFlags
	delivery    deliveryFlags
}

func (f *outputFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.ui, "ui", "auto", "how it goes: auto, tui, plain, json or none; auto is a dashboard in a terminal, else lines on stderr")
	fs.DurationVar(&f.progress, "progress", 5*time.Second, "time between progress lines")
	fs.BoolVar(&f.json, "json", false, "write the result to stdout as JSON")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no progress, no summary: the exit code tells (files are written)")
	fs.StringArrayVarP(&f.outs, "out", "o", nil, "also write FORMAT=PATH, the format json or text; may be repeated")
	fs.BoolVar(&f.noSave, "no-save", false, "do not keep the run on disk")
	fs.StringVar(&f.runs, "runs", defaultRuns, "directory of the saved runs")
	fs.BoolVar(&f.noControl, "no-control", false, "no socket for floodmark ctl and attach")
	fs.BoolVar(&f.yes, "yes", false, "do not ask before a heavy load on another machine")
	fs.BoolVar(&f.noPreflight, "no-preflight", false, "do not ask each endpoint once before the load")
	fs.BoolVar(&f.interactive, "allow-interactive", false, "judge the run even if its load was changed by hand")
	f.look.register(cmd)
	f.pprof.register(cmd)
	f.delivery.register(cmd)
	offer(cmd, "ui", uiAuto, uiTUI, uiPlain, uiJSON, uiNone)
}

// speaks reports whether stderr is for people.
func (f *outputFlags) speaks() bool {
	return !f.quiet && (f.ui == uiAuto || f.ui == uiTUI || f.ui == uiPlain)
}

// check refuses values that cannot be meant, before anything starts.
func (f *outputFlags) check() error {
	if !slices.Contains([]string{uiAuto, uiTUI, uiPlain, uiJSON, uiNone}, f.ui) {
		return usageFault(fmt.Errorf("--ui %q: not auto, tui, plain, json or none", f.ui))
	}
	if err := f.look.check(); err != nil {
		return err
	}
	if f.progress < time.Second {
		return usageFault(fmt.Errorf("--progress %v: less than a second, which is how long an interval is", f.progress))
	}
	for _, out := range f.outs {
		if _, _, err := parseOut(out); err != nil {
			return usageFault(err)
		}
	}
	if f.annotations != "" {
		var err error
		if f.annotations, err = parseAnnotations(f.annotations); err != nil {
			return err
		}
	}
	return f.delivery.check()
}

// shown decides how the run is shown, before anything starts.
func (f *outputFlags) shown(env environment) (ui string, on *screen, err error) {
	if f.quiet {
		return uiNone, nil, nil
	}
	return f.look.stage(f.ui, env)
}

func newRunCmd(env environment) *cobra.Command {
	var load loadFlags
	var out outputFlags
	cmd := &cobra.Command{
		Use:   "run [PROFILE|URL]",
		Short: "Generate load, measure it and judge it",
		Long: `Generate load by a profile, or at one URL, measure it and judge it.

PROFILE is a YAML file or the name of a ready-made profile. Without an argument
floodmark.yaml is used. A URL alone is loaded with 50 requests a second for 10 s.

The rate is the total of the run. Arrivals come on time whatever the target does
(open model); --vus makes users that wait for their answers instead (closed
model, as in wrk or ab). Response times count from the planned start.

Exit codes: 0 every objective met, 1 one missed or aborted by a rule, 2 wrong
usage, 3 inconclusive, changed by hand or target down, 5 the generator was the limit, 6 alerts not
delivered (with --require-delivery), 70 internal error, 130 and 143 interrupted.`,
		Example: `  floodmark run http://127.0.0.1:8080/api/products -r 200/s -d 30s --slo 'p99 < 250ms'
  floodmark run http://127.0.0.1:8080/ -u 50 -d 10s
  floodmark run checkout.yaml -e BASE_URL=http://127.0.0.1:8080 --json
  floodmark run smoke --target http://127.0.0.1:8080`,
		Args:              atMostOne,
		ValidArgsFunction: completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLoad(cmd, args, &load, &out, env)
		},
	}
	load.register(cmd)
	out.register(cmd)
	cmd.Flags().StringVar(&out.annotations, annotationsFlag, "", "admin address of a demo backend, whose faults and restarts become marks of the run")
	return cmd
}

// runLoad is floodmark run: from the arguments to the exit code.
func runLoad(cmd *cobra.Command, args []string, load *loadFlags, out *outputFlags, env environment) error {
	if err := out.check(); err != nil {
		return err
	}
	s, p, err := load.plan(cmd, args, env)
	if err != nil {
		return err
	}
	if err := confirmTarget(p, env, out.yes); err != nil {
		return err
	}
	summary, err := perform(cmd.Context(), p, out, env, nil)
	if err != nil {
		return err
	}
	if s.isURL && out.speaks() && !out.json && len(load.slos) == 0 && !summary.Ending.Interrupted {
		_, _ = fmt.Fprintln(env.err, "hint: -r 500/s -d 1m sets the load, --slo 'p99 < 250ms' what must hold, and `floodmark schema profile` describes profiles")
	}
	return exitFor(summary)
}

// perform runs a compiled plan and writes its result. acts, in the order
// of their time, are done while it goes on.
func perform(parent context.Context, p *plan, out *outputFlags, env environment, acts []act) (report.Summary, error) {
	ui, on, err := out.shown(env)
	if err != nil {
		return report.Summary{}, err
	}
	defer on.close()
	ctx, interrupted, release := watchSignals(parent)
	defer release()
	defer p.target.Dialer.Close()
	warnIdleTLS(p, env.err)
	p.warnOfAlerts(env.err)
	if !out.noSave {
		if err := runs.Check(out.runs); err != nil {
			return report.Summary{}, withExit(exitUsage, err)
		}
	}
	if !out.noPreflight {
		if err := preflight(ctx, p, env); err != nil {
			return report.Summary{}, err
		}
	}
	ways, err := p.receivers(out.delivery.policy(), p.notified)
	if err != nil {
		return report.Summary{}, err
	}
	journal, err := openJournal(p, out)
	if err != nil {
		return report.Summary{}, err
	}
	defer closeJournal(journal, env)
	d := &drive{
		plan: p, env: env, journal: journal, interrupted: interrupted, acts: acts,
		audience: &audience{plan: p, progress: newProgress(p, ui, out.progress, env)},
		keys:     make(chan typed), done: make(chan struct{}),
		patience: out.delivery.timeout, steering: newSteering(p), interactive: out.interactive,
		annotated: out.annotations,
	}
	defer d.audience.progress.close()
	told := p.alertRun(journal, &out.delivery, env)
	post, err := openPost(ctx, journal, told, lanes(ways))
	if err != nil {
		return report.Summary{}, err
	}
	d.alarms = newAlarms(p, told, &out.delivery, post)
	defer d.alarms.close(env)
	d.alarms.warnings(d.warn)
	summary, err := d.conduct(ctx, on, out)
	if err != nil {
		return report.Summary{}, err
	}
	return summary, write(summary, out, env)
}

// conduct runs the load before its audience, and saves the result before the last of them
// has left.
func (d *drive) conduct(ctx context.Context, on *screen, out *outputFlags) (report.Summary, error) {
	stop, err := out.pprof.start()
	if err != nil {
		return report.Summary{}, err
	}
	var release func()
	d.hung, release = watchHangup()
	defer release()
	server := d.openControl(out)
	defer d.closeControl()
	shown := on.show(ctx, commands(d.keyed, false), out.stay, d.hung)
	d.emergency = shown.emergency
	defer d.emergency() // after a panic; else it has been left by then
	d.audience.open(server, shown)
	summary, err := d.run(ctx)
	failed := stop()
	var until <-chan struct{} // unless somebody wants to see the last frame
	if err == nil {
		failed = errors.Join(failed, finishJournal(d.journal, summary))
		d.closeControl()
		if out.stay {
			until = d.interrupted.stop
		}
	}
	d.audience.close(until)
	if failed != nil { // the result is worth more than any file about it
		_, _ = fmt.Fprintf(d.env.err, "WARNING: %v\n", failed)
	}
	return summary, err
}

// openJournal makes the run's directory, unless it is not wanted. It fails before
// any load when the disk does not take it.
func openJournal(p *plan, out *outputFlags) (*runs.Journal, error) {
	p.run.Started = time.Now()
	if out.noSave {
		return nil, nil
	}
	journal, err := runs.Create(out.runs, p.run, p.profile.YAML())
	if err != nil {
		return nil, withExit(exitUsage, err)
	}
	return journal, nil
}

// closeJournal lets go of the run's files.
func closeJournal(journal *runs.Journal, env environment) {
	if journal == nil {
		return
	}
	if err := journal.Close(); err != nil {
		_, _ = fmt.Fprintf(env.err, "WARNING: %v\n", err)
	}
}

// finishJournal saves the result. A disk that does not take it changes neither the
// verdict nor what is shown.
func finishJournal(journal *runs.Journal, s report.Summary) error {
	if journal == nil {
		return nil
	}
	if err := journal.Finish(s); err != nil {
		return fmt.Errorf("the result is not saved: %w", err)
	}
	return nil
}

// write puts the summary where it is wanted: stdout and -o files.
func write(s report.Summary, out *outputFlags, env environment) error {
	var faults []error
	switch {
	case out.json:
		faults = append(faults, report.JSON(env.out, s))
	case !out.quiet:
		faults = append(faults, report.Text(env.out, s))
	}
	faults = append(faults, writeOuts(s, out.outs))
	if err := errors.Join(faults...); err != nil {
		return &fault{code: exitInternal, err: err}
	}
	return nil
}

// parseOut reads FORMAT=PATH.
func parseOut(text string) (format report.Format, path string, err error) {
	name, path, ok := strings.Cut(text, "=")
	switch {
	case !ok || path == "":
		return nil, "", fmt.Errorf("--out %q: not FORMAT=PATH, such as json=result.json", text)
	case name == "json":
		return report.JSON, path, nil
	case name == "text":
		return report.Text, path, nil
	}
	return nil, "", fmt.Errorf("--out %q: the format is neither json nor text", text)
}

// writeOuts writes every -o file.
func writeOuts(s report.Summary, outs []string) error {
	var faults []error
	for _, out := range outs {
		format, path, err := parseOut(out)
		if err == nil {
			err = writeFile(path, func(w io.Writer) error { return format(w, s) })
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// writeFile writes a file whole or not at all.
func writeFile(path string, content func(io.Writer) error) error {
	var b strings.Builder
	if err := content(&b); err != nil {
		return err
	}
	temporary := path + ".part"
	if err := os.WriteFile(temporary, []byte(b.String()), 0o644); err != nil { //nolint:gosec // a report is for others to read
		return errors.Join(err, removeIfThere(temporary))
	}
	return os.Rename(temporary, path)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// exitFor turns a verdict into the exit code.
func exitFor(s report.Summary) error {
	if s.ExitCode == exitMet {
		return nil
	}
	return verdictError(s.ExitCode)
}

// completeProfiles offers files and ready-made profiles.
func completeProfiles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return profiles.BuiltinNames(), cobra.ShellCompDirectiveDefault
}

// atMostOne is cobra's check with our exit code.
// exactly takes so many arguments.
func exactly(n int, hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(n)(cmd, args); err != nil {
			return usageFault(err, hint)
		}
		return nil
	}
}

// atLeast takes so many arguments or more.
func atLeast(n int, hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.MinimumNArgs(n)(cmd, args); err != nil {
			return usageFault(err, hint)
		}
		return nil
	}
}

func atMostOne(cmd *cobra.Command, args []string) error {
	if err := cobra.MaximumNArgs(1)(cmd, args); err != nil {
		return usageFault(err, cmd.CommandPath()+" --help")
	}
	return nil
}
