package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/runs"
)

func newRunsCmd(env environment) *cobra.Command {
	var root string
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "The saved runs",
		Args:  knownCommand,
		RunE:  func(*cobra.Command, []string) error { return listRuns(env, root) },
	}
	cmd.PersistentFlags().StringVar(&root, "runs", defaultRuns, "directory of the saved runs")
	list := &cobra.Command{
		Use:   "list",
		Short: "List the saved runs, newest first",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return listRuns(env, root) },
	}
	show := &cobra.Command{
		Use:               "show [RUN]",
		Short:             "Show what a saved run was asked to do, how it ended and its files",
		Args:              atMostOne,
		ValidArgsFunction: completeRuns(&root),
		RunE: func(_ *cobra.Command, args []string) error {
			saved, err := openRun(root, args)
			if err != nil {
				return err
			}
			return showRun(env, saved)
		},
	}
	cmd.AddCommand(list, show)
	return cmd
}

// listRuns writes a table of the saved runs.
func listRuns(env environment, root string) error {
	list, err := runs.List(root)
	if err != nil {
		return withExit(exitUsage, err)
	}
	var b strings.Builder
	for _, saved := range list {
		fmt.Fprintf(&b, "%-32s %-12s %11s %9s   %s\n", clip(saved.Name, 32), standing(saved),
			requestsOf(saved), p99Of(saved), clip(saved.Run.Source, 40))
	}
	if len(list) == 0 {
		fmt.Fprintf(&b, "no runs in %s\n", root)
	} else {
		head := fmt.Sprintf("%-32s %-12s %11s %9s   %s\n", "run", "verdict", "requests", "p99", "profile")
		_, err = io.WriteString(env.out, head)
	}
	if err == nil {
		_, err = io.WriteString(env.out, b.String())
	}
	return err
}

// standing is a run's verdict in a word.
func standing(s runs.Saved) string {
	switch {
	case s.Problem != "":
		return "unreadable"
	case !s.Finished:
		return "unfinished"
	}
	return string(s.Result.Verdict)
}

func requestsOf(s runs.Saved) string {
	if !s.Finished {
		return "-"
	}
	return quantity.Count(s.Result.Counts.Finished())
}

func p99Of(s runs.Saved) string {
	if !s.Finished || s.Result.P99 == 0 {
		return "-"
	}
	return quantity.Duration(s.Result.P99)
}

// showRun tells what a run was asked to do, how it ended and what its files are.
func showRun(env environment, s *runs.Saved) error {
	var b strings.Builder
	fmt.Fprintf(&b, "run        %s\n", s.Name)
	if s.Problem != "" {
		fmt.Fprintf(&b, "problem    %s\n", s.Problem)
	} else {
		fmt.Fprintf(&b, "profile    %s (%s)\ntarget     %s\nload       %s, %s, seed %d\nstarted    %s\n",
			s.Run.Name, s.Run.Source, s.Run.Target, s.Run.Load, s.Run.Executor, s.Run.Seed, s.Run.Started.Format(time.RFC3339))
		for _, o := range s.Run.Objectives {
			fmt.Fprintf(&b, "objective  %s\n", o.Expression)
		}
	}
	if s.Finished {
		fmt.Fprintf(&b, "verdict    %s, exit code %d: %s\n", s.Result.Verdict, s.Result.ExitCode, s.Result.Reason)
	} else {
		fmt.Fprintf(&b, "verdict    none: the run is going on, or it never ended\n")
	}
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return withExit(exitUsage, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			fmt.Fprintf(&b, "file       %s  %s bytes\n", filepath.Join(s.Dir, e.Name()), quantity.Count(info.Size()))
		}
	}
	fmt.Fprintf(&b, "next       floodmark report %s\n", s.Name)
	_, err = io.WriteString(env.out, b.String())
	return err
}
