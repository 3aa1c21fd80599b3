package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/demo-server/topology"
)

// A planCommand is floodmark demo plan.
type planCommand struct {
	set   []string
	ascii bool
	width int
	env   environment
}

func newDemoPlanCmd(env environment) *cobra.Command {
	p := planCommand{env: env}
	cmd := &cobra.Command{
		Use:   "plan [NAME|FILE]",
		Short: "Draw what a backend is made of, or list the ready-made topologies",
		Long: `Draw what a topology makes of the backend, without starting anything: its parts,
the machines they are on, what each machine can do, and what goes wrong when.
Without an argument, list the ready-made topologies.`,
		Example: `  floodmark demo plan
  floodmark demo plan load-balancer
  floodmark demo plan load-balancer --set web.replicas=8`,
		Args:              atMostOne,
		ValidArgsFunction: completeTopologies,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.list()
			}
			return p.draw(args[0])
		},
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&p.set, "set", nil, "change of the topology, such as web.replicas=8; may be repeated")
	fs.BoolVar(&p.ascii, "ascii", false, "draw with letters and signs of ASCII only")
	fs.IntVar(&p.width, "width", 0, "columns to draw in; 0: those of the terminal, at most 100")
	return cmd
}

// list writes the names of what there is, with the first line of what each says of itself.
func (p *planCommand) list() error {
	for _, name := range topology.Names() {
		src, _ := topology.Preset(name)
		first, _, _ := strings.Cut(string(src), "\n")
		if _, err := fmt.Fprintf(p.env.out, "%-22s %s\n", name, strings.TrimSpace(strings.TrimPrefix(first, "#"))); err != nil {
			return err
		}
	}
	return nil
}

// draw writes the diagram.
func (p *planCommand) draw(name string) error {
	plan, err := readTopology(name, p.set, p.env)
	if err != nil {
		return err
	}
	width := p.width
	if width == 0 {
		width = planWidth
		if columns, ok := columnsOf(p.env.out); ok {
			width = min(columns, maxPlanWidth)
		}
	}
	_, err = fmt.Fprint(p.env.out, plan.Diagram(topology.DiagramOptions{Width: width, ASCII: p.ascii}))
	return err
}
