package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/demo-server/journey"
	"github.com/floodmark/floodmark/profiles"
)

// journeyPage is where the page goes unless it is said otherwise.
const journeyPage = "floodmark-journey.html"

// A journeyCommand is floodmark demo journey.
type journeyCommand struct {
	list, quick, json bool
	retries           int
	html, markdown    string
	env               environment
}

func newDemoJourneyCmd(env environment) *cobra.Command {
	j := journeyCommand{env: env}
	cmd := &cobra.Command{
		Use:   "journey [STAGE...]",
		Short: "Walk from one server to a distributed system, and measure each step",
		Long: `Walk from one server to a distributed system, and measure each step. For each stage
backends are started, loaded with the profile that shows the lesson, and read; then
they are ended. STAGE is a name such as 04b, or a number such as 4 for all of 04a to
04f, or 1 for 01-02; without one it is the whole road, in less than ten minutes.

A table goes to stdout, and a page to ` + journeyPage + ` (--html says where else,
--html none leaves it out). Ctrl-C ends the journey: what was measured by then is in
both, marked as incomplete.

Exit codes: 0 all is as expected, 1 something is not, or could not be measured, 2
wrong usage, 5 numbers do not count, since this machine was too busy, 130 and 143
interrupted.`,
		Example: `  floodmark demo journey
  floodmark demo journey 04b 7 --html breaker.html
  floodmark demo journey --markdown docs/journey.md --json > journey.json`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeStages,
		RunE:              func(cmd *cobra.Command, args []string) error { return j.run(cmd, args) },
	}
	fs := cmd.Flags()
	fs.BoolVar(&j.list, "list", false, "list the stages and how long they take, and do nothing")
	fs.BoolVar(&j.quick, "quick", false, "a third of the time, where the clock does not matter; the figures are marked")
	fs.BoolVar(&j.json, "json", false, "write JSON to stdout instead of the table")
	fs.IntVar(&j.retries, "retries", 0, "how often a stage is tried again in the end whose numbers do not count, while the whole stays below ten minutes")
	fs.StringVar(&j.html, "html", journeyPage, "where the page goes; none: there is no page")
	fs.StringVar(&j.markdown, "markdown", "", "also write it as Markdown to this file")
	cmd.AddCommand(newJourneyChildCmd(env))
	return cmd
}

func (j *journeyCommand) run(cmd *cobra.Command, args []string) error {
	stages, err := journey.Pick(journey.Stages(), args)
	if err != nil {
		return usageFault(err, "floodmark demo journey --list")
	}
	if j.retries < 0 {
		return usageFault(fmt.Errorf("--retries %d is below 0", j.retries))
	}
	if j.list {
		return j.show(stages)
	}
	bench, err := newProcessBench()
	if err != nil {
		return withExit(exitInternal, err)
	}
	defer bench.close(j.env.err)
	_, interrupted, release := watchSignals(cmd.Context())
	defer release()
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	go func() { // ends with this function
		select {
		case <-interrupted.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	walk := journey.Journey{Bench: bench, Stages: stages, Quick: j.quick, Retries: j.retries, Tell: j.tell, Started: time.Now()}
	doc := walk.Run(ctx)
	doc.Machine = fmt.Sprintf("%s/%s with %s", runtime.GOOS, runtime.GOARCH, plural(runtime.NumCPU(), "CPU"))
	if err := j.write(doc); err != nil {
		return err
	}
	return journeyExit(doc, interrupted)
}

// journeyExit turns the outcome into the exit code.
func journeyExit(doc journey.Document, interrupted *interruption) error {
	if code := interrupted.signalNumber(); code != 0 {
		return verdictError(exitInterrupted - 2 + code) //nolint:mnd // 128 and the signal's number
	}
	switch doc.Outcome() {
	case journey.Holds:
		return nil
	case journey.Undecided:
		return verdictError(exitInvalid)
	case journey.Fails, journey.Incomplete:
	}
	return verdictError(exitMissed)
}

// show lists the stages.
func (j *journeyCommand) show(stages []journey.Stage) error {
	var b strings.Builder
	var sum time.Duration
	for _, stage := range stages {
		lasts := stage.Lasts(j.quick).Round(time.Second)
		sum += lasts
		fmt.Fprintf(&b, "%-5s %-36s %5s   %s\n", stage.Name, stage.Title, profiles.FormatDuration(lasts), stage.Changes)
	}
	fmt.Fprintf(&b, "%s, at most %s\n", plural(len(stages), "stage"), profiles.FormatDuration(sum))
	_, err := io.WriteString(j.env.out, b.String())
	return err
}

// tell says on stderr how it goes.
func (j *journeyCommand) tell(p journey.Progress) {
	head := fmt.Sprintf("%2d/%d  %-5s", p.Number, p.Of, p.Stage)
	switch {
	case p.Ended != nil && p.Ended.Error != "":
		_, _ = fmt.Fprintf(j.env.err, "%s %s: %s\n", head, p.Ended.Outcome(), p.Ended.Error)
	case p.Ended != nil:
		_, _ = fmt.Fprintf(j.env.err, "%s %s: %s\n", head, p.Ended.Outcome(), p.Ended.Sentence)
	case p.Case != "":
		_, _ = fmt.Fprintf(j.env.err, "%s   %s\n", head, p.Case)
	default:
		title := p.Title
		if p.Attempt > 1 {
			title += fmt.Sprintf(", attempt %d: the numbers did not count", p.Attempt)
		}
		_, _ = fmt.Fprintf(j.env.err, "%s %s   at most %s left\n", head, title, profiles.FormatDuration(p.Left.Round(time.Second)))
	}
}

// write writes the document everywhere it is wanted.
func (j *journeyCommand) write(doc journey.Document) error {
	var faults []error
	if j.json {
		faults = append(faults, doc.JSON(j.env.out))
	} else {
		faults = append(faults, doc.Table(j.env.out, j.width()))
	}
	if j.markdown != "" {
		faults = append(faults, writeFile(j.markdown, doc.Markdown))
	}
	if j.html != "" && j.html != "none" {
		err := writeFile(j.html, doc.HTML)
		if err == nil {
			_, err = fmt.Fprintf(j.env.err, "page    %s\n", j.html)
		}
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return withExit(exitInternal, err)
	}
	return nil
}

// width is how wide the table is.
func (j *journeyCommand) width() int {
	if columns, ok := columnsOf(j.env.out); ok {
		return columns
	}
	return planWidth
}

// completeStages offers the stages' names.
func completeStages(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, stage := range journey.Stages() {
		names = append(names, stage.Name+"\t"+stage.Title)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
