package main

import (
	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/report"
)

func newSchemaCmd(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [profile|result]",
		Short: "Print the JSON Schema (draft-07) of profiles or of results",
		Long: `Print the JSON Schema (draft-07) of profiles or of results.

With the first, editors that speak YAML complete and check a profile whose first
line is

  # yaml-language-server: $schema=profile.schema.json`,
		Example:   `  floodmark schema profile > profile.schema.json`,
		ValidArgs: []string{"profile", "result"},
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)(cmd, args); err != nil {
				return usageFault(err, "floodmark schema profile, or floodmark schema result")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			schema := profiles.Schema()
			if len(args) == 1 && args[0] == "result" {
				schema = report.Schema()
			}
			_, err := env.out.Write(schema)
			return err
		},
	}
}
