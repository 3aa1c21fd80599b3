package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/export"
	"github.com/floodmark/floodmark/demo-server/node"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// firstReplica is the port of the first replica where no backend is asked, and the others
// follow it.
const firstReplica = 9001

// An exportCommand is floodmark demo export.
type exportCommand struct {
	at     adminFlags
	set    []string
	listen string
	env    environment
}

func newDemoExportCmd(env environment) *cobra.Command {
	e := exportCommand{env: env}
	cmd := &cobra.Command{
		Use:   "export nginx|haproxy [NAME|FILE]",
		Short: "Write a topology's load balancer as a configuration of nginx or HAProxy",
		Long: `Write the load balancer of a topology as a whole configuration of nginx or HAProxy,
to compare it with what people run. What they have no equivalent for is said in
comments of the file.

The replicas are those of a running backend: of --admin, or of the usual admin
address if one with a load balancer answers there. Else they are 127.0.0.1:9001 and so on, to be
changed by hand. NAME or FILE should be what the backend was started with;
without it the topology is load-balancer.`,
		Example: `  floodmark demo export nginx load-balancer > nginx.conf
  floodmark demo export haproxy load-balancer --set load_balancer.algorithm=least_connections --listen 127.0.0.1:8090`,
		Args:              e.arguments,
		ValidArgsFunction: completeExport,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := "load-balancer"
			if len(args) > 1 {
				name = args[1]
			}
			return e.run(cmd.Context(), args[0], name, cmd.Flags().Changed("admin"))
		},
	}
	e.at.register(cmd)
	fs := cmd.Flags()
	fs.StringArrayVar(&e.set, "set", nil, "change of the topology, such as web.replicas=8; may be repeated")
	fs.StringVar(&e.listen, "listen", "127.0.0.1:8090", "address that the configuration listens on")
	return cmd
}

// writerOf returns who writes for a program; nil: nobody does.
func writerOf(program string) func(c balance.Config, listen string) (string, error) {
	switch program {
	case "nginx":
		return export.Nginx
	case "haproxy":
		return export.HAProxy
	}
	return nil
}

// arguments takes a program, and the name of a topology.
func (*exportCommand) arguments(_ *cobra.Command, args []string) error {
	const hint = "floodmark demo export nginx load-balancer"
	switch {
	case len(args) == 0:
		return usageFault(errors.New("no program named"), hint)
	case writerOf(args[0]) == nil:
		return usageFault(fmt.Errorf("%q: want nginx or haproxy", args[0]), hint)
	case len(args) > 2: //nolint:mnd // a program and a topology
		return usageFault(fmt.Errorf("%q is too much: want a program and a topology", args[2]), hint)
	}
	return nil
}

// completeExport offers programs first, and topologies then.
func completeExport(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return []string{"nginx", "haproxy"}, cobra.ShellCompDirectiveNoFileComp
	}
	return completeTopologies(cmd, args, word)
}

// run writes the configuration. Somebody who names a backend wants that one's replicas.
func (e *exportCommand) run(ctx context.Context, program, name string, named bool) error {
	plan, err := readTopology(name, e.set, e.env)
	if err != nil {
		return err
	}
	if plan.LoadBalancer == nil {
		return usageFault(fmt.Errorf("%s has no load balancer", name), "floodmark demo export "+program+" load-balancer, or --set load_balancer.algorithm=round_robin")
	}
	peers, err := e.replicas(ctx)
	switch {
	case err != nil && named:
		return withExit(exitUsage, err)
	case len(peers) == 0:
		for i, replica := range plan.Nodes(topology.WebPart) {
			peers = append(peers, node.Peer{Node: replica.Name, Addr: "127.0.0.1:" + strconv.Itoa(firstReplica+i)})
		}
		_, _ = fmt.Fprintf(e.env.err, "no such backend is running; the replicas are %s and so on: change them\n", peers[0].Addr)
	}
	text, err := writerOf(program)(node.BalancerConfig(plan, peers), e.listen)
	if err != nil {
		return usageFault(err)
	}
	_, err = fmt.Fprint(e.env.out, text)
	return err
}

// shortly is how long a backend may take to say where its replicas are.
const shortly = 5 * time.Second

// replicas asks the backend where its replicas are.
func (e *exportCommand) replicas(ctx context.Context) ([]node.Peer, error) {
	ctx, cancel := context.WithTimeout(ctx, shortly)
	defer cancel()
	var stats struct {
		Hosts []struct{ Addrs map[string]string }
	}
	if err := e.at.client(e.env).Get(ctx, "/stats", &stats); err != nil {
		return nil, err
	}
	var shape struct{ Parts, Nodes []string }
	if err := e.at.client(e.env).Get(ctx, "/topology", &shape); err != nil {
		return nil, err
	}
	if !slices.Contains(shape.Parts, topology.BalancerPart) {
		return nil, errors.New("the backend at " + e.at.addr + " has no load balancer")
	}
	addrs := map[string]string{}
	for _, host := range stats.Hosts {
		maps.Copy(addrs, host.Addrs)
	}
	var peers []node.Peer
	for _, name := range shape.Nodes {
		if addr := addrs[name]; addr != "" && strings.HasPrefix(name, topology.WebPart+"-") {
			peers = append(peers, node.Peer{Node: name, Addr: addr})
		}
	}
	return peers, nil
}
