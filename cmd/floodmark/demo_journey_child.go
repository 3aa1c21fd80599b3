package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// newJourneyChildCmd runs another command of this program until that has ended or nobody
// holds the other end of stdin any more. So a journey takes along what it has started,
// however it ends: a kill -9 leaves no time to tell them.
func newJourneyChildCmd(env environment) *cobra.Command {
	return &cobra.Command{
		Use:                "child COMMAND...",
		Short:              "Run a command until stdin ends; demo journey does",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := untilEnd(cmd.Context(), env.in)
			defer cancel()
			inner := env
			inner.in = strings.NewReader("")
			root := newRootCmd(inner)
			root.SetArgs(args)
			return root.ExecuteContext(ctx)
		},
	}
}

// untilEnd returns a context that ends with its parent, or when nothing more can be read.
func untilEnd(parent context.Context, in io.Reader) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	go func() { // ends with the process at the latest: a read cannot be called back
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	return ctx, cancel
}
