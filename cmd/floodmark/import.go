package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/profiles/openslo"
)

func newImportCmd(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Make a part of a profile of another tool's file",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newImportOpenSLOCmd(env))
	return cmd
}

// importFlags are the flags of an import.
type importFlags struct {
	maps   []string
	output string
	force  bool
}

func newImportOpenSLOCmd(env environment) *cobra.Command {
	var flags importFlags
	cmd := &cobra.Command{
		Use:   "openslo FILE",
		Short: "Make the slos: and notify: of a profile of an OpenSLO file (v1)",
		Long: `Make the slos: of a profile of an OpenSLO file (apiVersion openslo/v1), and below
notify: whom their alerts tell. FILE may be - for standard input. The YAML goes to
standard output; what was left out, and how something was understood, to standard
error, with its place in the file.

OpenSLO says where to query a metric, and floodmark measures by itself: --map
says what an SLI is here. Without it the annotation floodmark.io/sli does, and a
ratio without either is taken to be success.`,
		Example: `  floodmark import openslo slos.yaml --map 'latency=under(300ms)' >> profile.yaml
  floodmark import openslo slos.yaml --map 'checkout={endpoint="pay"} success' -o slos.part.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(cmd, args); err != nil {
				return usageFault(err, cmd.CommandPath()+" --help")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return flags.run(args[0], env) },
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&flags.maps, "map", nil, "what an SLI is here, as NAME=EXPR: success, errors, under(300ms), or whole as p99 < 300ms; may be repeated")
	fs.StringVarP(&flags.output, "output", "o", "", "write the YAML to this file, whole or not at all")
	fs.BoolVar(&flags.force, "force", false, "let --output replace a file")
	return cmd
}

// run imports a file.
func (f *importFlags) run(name string, env environment) error {
	mapping, err := f.mapping()
	if err != nil {
		return err
	}
	if err := f.mayWrite(); err != nil {
		return err
	}
	result, err := importFile(name, mapping, env.in)
	if err != nil {
		hint := ""
		if h, ok := errors.AsType[hinter](err); ok {
			hint = h.Hint()
		}
		return usageFault(err, hint)
	}
	for _, n := range result.Notes {
		_, _ = fmt.Fprintf(env.err, "%s: %s\n", n.Where, n.Text)
	}
	if f.output == "" {
		_, err = env.out.Write(result.YAML)
	} else {
		err = writeFile(f.output, func(w io.Writer) error {
			_, err := w.Write(result.YAML)
			return err
		})
	}
	if err != nil {
		return withExit(exitInternal, err)
	}
	return nil
}

// mapping returns the --map flags as a map.
func (f *importFlags) mapping() (map[string]string, error) {
	mapping := make(map[string]string, len(f.maps))
	for _, text := range f.maps {
		name, expression, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usageFault(fmt.Errorf("--map %q: not NAME=EXPR", text), "write for example --map 'latency=under(300ms)'")
		}
		if _, twice := mapping[name]; twice {
			return nil, usageFault(fmt.Errorf("--map: %s is mapped twice", name))
		}
		mapping[name] = expression
	}
	return mapping, nil
}

// mayWrite refuses to replace a file that nobody said may go.
func (f *importFlags) mayWrite() error {
	if f.output == "" || f.force {
		return nil
	}
	if _, err := os.Lstat(f.output); err == nil {
		return usageFault(fmt.Errorf("%s is there already", f.output), "--force replaces it")
	}
	return nil
}

// importFile imports a file, or standard input for the name -.
func importFile(name string, mapping map[string]string, in io.Reader) (openslo.Result, error) {
	if name == "-" {
		return openslo.Import(in, "stdin", mapping)
	}
	file, err := os.Open(name) //nolint:gosec // naming files is what the argument is for
	if err != nil {
		return openslo.Result{}, err
	}
	defer func() { _ = file.Close() }()
	return openslo.Import(file, name, mapping)
}
