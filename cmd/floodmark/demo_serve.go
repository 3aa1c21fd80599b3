package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	demoserver "github.com/floodmark/floodmark/demo-server"
	"github.com/floodmark/floodmark/demo-server/admin"
	"github.com/floodmark/floodmark/demo-server/supervise"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// A serveCommand is floodmark demo serve.
type serveCommand struct {
	machine  machineFlags
	topology topologyFlags
	addr     string
	admin    string
	logs     bool
	accept   bool
	ready    bool
	env      environment
}

func newDemoServeCmd(env environment) *cobra.Command {
	s := serveCommand{env: env}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the backend until Ctrl-C",
		Long: `Run the backend until Ctrl-C: an HTTP shop, by default on one modelled machine. A
topology makes more of it: replicas, load balancer, gateway, caches, database; see
floodmark demo plan. Its admin address takes faults while it runs (floodmark demo
fault), scales it, and shows statistics and metrics.

Nothing listens beyond this computer unless --addr or --admin says so. An admin
address that others can reach needs a token, in ` + admin.TokenVariable + `.`,
		Example: `  floodmark demo serve
  floodmark demo serve --topology load-balancer --set web.replicas=8
  floodmark demo serve --addr 127.0.0.1:9000 --slots 2 --service-time fixed:5ms`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd) },
	}
	s.machine.register(cmd)
	s.topology.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&s.addr, "addr", demoAddr, "address of the shop; port 0 takes a free one")
	fs.StringVar(&s.admin, "admin", demoAdmin, "address for faults and statistics")
	fs.BoolVar(&s.logs, "log", false, "log each request as JSON to stdout")
	fs.BoolVar(&s.accept, "accept-service-time", false, "let the request header X-Service-Time set the service time")
	fs.BoolVar(&s.ready, "ready-json", false, "when all is there, write its addresses to stdout as one line of JSON")
	return cmd
}

func (s *serveCommand) run(cmd *cobra.Command) error {
	config, err := s.config(cmd)
	if err != nil {
		return err
	}
	return serveDemo(cmd.Context(), config, s.ready, s.env)
}

// config is what the flags describe.
func (s *serveCommand) config(cmd *cobra.Command) (demoserver.Config, error) {
	config, err := backendConfig(cmd, &s.machine, &s.topology, s.env)
	if err != nil {
		return config, err
	}
	config.Addr, config.AdminAddr, config.AcceptServiceTime = s.addr, s.admin, s.accept
	if config.AdminToken, _ = s.env.lookup(admin.TokenVariable); config.AdminToken == "" && admin.NeedsToken(s.admin) {
		return config, usageFault(fmt.Errorf("--admin %s: whoever reaches that address could break the backend", s.admin),
			"set "+admin.TokenVariable+" to a secret, or listen on 127.0.0.1")
	}
	if err := s.logging(&config); err != nil {
		return config, err
	}
	return config, nil
}

// backendConfig is the backend that flags describe: one machine, or a topology.
func backendConfig(cmd *cobra.Command, machine *machineFlags, parts *topologyFlags, env environment) (demoserver.Config, error) {
	config, err := machine.config()
	if err != nil {
		return config, err
	}
	if config.Plan, err = parts.plan(env); err != nil || config.Plan == nil {
		return config, err
	}
	for _, name := range []string{"slots", "queue", "service-time", "machine-seed"} {
		if cmd.Flags().Changed(name) {
			return config, usageFault(fmt.Errorf("--%s and --topology exclude each other", name), "change the topology instead: --set machines.web.cores=8")
		}
	}
	return config, runProcesses(&config)
}

// logging says who gets the log: stdout, where that is asked for.
func (s *serveCommand) logging(config *demoserver.Config) error {
	if s.logs && config.Plan != nil {
		plan := *config.Plan
		observability := topology.Observability{Sample: 1}
		if plan.Observability != nil {
			observability = *plan.Observability
		}
		observability.Logs = true
		plan.Observability, config.Plan = &observability, &plan
	}
	logs := s.logs || config.Plan != nil && config.Plan.Observability != nil && config.Plan.Observability.Logs
	switch {
	case logs && s.ready:
		return usageFault(errors.New("the log and --ready-json would both write to stdout"), "leave one of them out (--set observability.logs=none)")
	case logs:
		config.Logs = &lineWriter{w: s.env.out}
	}
	return nil
}

// runProcesses says how the processes of a topology are started: they are this program.
func runProcesses(config *demoserver.Config) error {
	if config.Plan == nil || config.Plan.Runtime != topology.Processes {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	config.Child = supervise.Command{Path: program, Args: []string{"demo", "node"}}
	return nil
}

// newDemoNodeCmd is the other side of runProcesses.
func newDemoNodeCmd(env environment) *cobra.Command {
	return &cobra.Command{
		Use:    "node",
		Short:  "Be one host of a backend; demo serve starts it",
		Hidden: true,
		Args:   none,
		RunE: func(*cobra.Command, []string) error {
			if err := demoserver.Child(env.in, env.out, env.err); err != nil {
				return withExit(exitInternal, err)
			}
			return nil
		},
	}
}

// A lineWriter lets several write at once.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes all of p, with nothing of others between.
func (l *lineWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// shutdownLimit bounds how long the backend waits for requests at its end.
const shutdownLimit = 5 * time.Second

func serveDemo(parent context.Context, config demoserver.Config, ready bool, env environment) error {
	_, interrupted, release := watchSignals(parent)
	defer release()
	server, err := startDemo(config) //nolint:contextcheck // the server lives until stopDemo, whatever becomes of its starter
	if err != nil {
		return err
	}
	if err := greet(server, ready, env); err != nil {
		return errors.Join(err, stopDemo(server)) //nolint:contextcheck // the parent may have ended already
	}
	select {
	case <-interrupted.stop:
	case <-parent.Done():
	}
	return stopDemo(server) //nolint:contextcheck // the parent may have ended already
}

// greet tells where everything is, people or programs.
func greet(server *demoserver.Server, ready bool, env environment) error {
	if ready {
		return json.NewEncoder(env.out).Encode(map[string]string{
			"door": "http://" + server.Addr(), "admin": "http://" + server.AdminAddr(),
		})
	}
	made := ""
	if plan := server.Plan(); len(plan.Parts()) > 2 { //nolint:mnd // more than a shop and who takes its money
		made = "made of " + strings.Join(plan.Parts(), ", ") + "\n"
	}
	_, _ = fmt.Fprintf(env.err, "shop   http://%s/api/products\nadmin  http://%s/stats   (Ctrl-C stops)\n%snext   floodmark run http://%s/api/products -r 200/s -d 30s\n       floodmark demo fault errors=20%% for=20s%s\n",
		server.Addr(), server.AdminAddr(), made, server.Addr(), adminHint(server.AdminAddr()))
	return nil
}
