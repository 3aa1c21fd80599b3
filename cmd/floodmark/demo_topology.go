package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/demo-server/topology"
)

// topologyFlags say what a backend is made of.
type topologyFlags struct {
	name    string
	set     []string
	runtime string
}

func (f *topologyFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.name, "topology", "", "what the backend is made of: a ready-made topology or a file")
	fs.StringArrayVar(&f.set, "set", nil, "change of the topology, such as web.replicas=8; may be repeated")
	fs.StringVar(&f.runtime, "runtime", "", "in-process, or process: replicas are processes of their own")
	_ = cmd.RegisterFlagCompletionFunc("topology", completeTopologies)
	_ = cmd.RegisterFlagCompletionFunc("runtime", cobra.FixedCompletions([]string{string(topology.InProcess), string(topology.Processes)}, cobra.ShellCompDirectiveNoFileComp))
}

// completeTopologies offers the ready-made ones, and files.
func completeTopologies(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return topology.Names(), cobra.ShellCompDirectiveDefault
}

// plan reads the topology; nil: none is asked for.
func (f *topologyFlags) plan(env environment) (*topology.Plan, error) {
	if f.name == "" {
		if len(f.set) > 0 || f.runtime != "" {
			return nil, usageFault(errors.New("--set and --runtime change a topology, and none is given"), "add --topology NAME; floodmark demo plan lists the ready-made ones")
		}
		return nil, nil //nolint:nilnil // that is what it says
	}
	set := f.set
	if f.runtime != "" {
		set = append(set, "runtime="+f.runtime)
	}
	return readTopology(f.name, set, env)
}

// readTopology reads a ready-made topology or a file.
func readTopology(name string, set []string, env environment) (*topology.Plan, error) {
	file, src, err := topologySource(name)
	if err != nil {
		return nil, err
	}
	plan, err := topology.Parse(file, src, topology.Options{Set: set, Env: func(name string) string { value, _ := env.lookup(name); return value }})
	if err != nil {
		return nil, usageFault(err)
	}
	return plan, nil
}

// topologySource returns the text of a topology, and what to call it.
func topologySource(name string) (file string, src []byte, err error) {
	src, err = os.ReadFile(name) //nolint:gosec // it is what the user asks for
	switch {
	case err == nil:
		return name, src, nil
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.EISDIR): // a directory cache is no reason not to find the topology
		return "", nil, usageFault(err)
	}
	if src, ok := topology.Preset(name); ok {
		return name, src, nil
	}
	missing := fmt.Errorf("there is no topology %q", name)
	if meant := topology.Meant(name); meant != "" {
		missing = fmt.Errorf("there is no topology %q; did you mean %q?", name, meant)
	}
	return "", nil, usageFault(missing, "ready-made: "+strings.Join(topology.Names(), ", "))
}
