package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	demoserver "github.com/floodmark/floodmark/demo-server"
	guard "github.com/floodmark/floodmark/demo-server/admin"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/loadgen"
)

// The addresses that demo serve and demo fault agree on.
const (
	demoAddr  = "127.0.0.1:8080"
	demoAdmin = "127.0.0.1:8081"
)

func newDemoCmd(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "The bundled backend: serve it, load it, break it",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDemoServeCmd(env), newDemoRunCmd(env), newDemoPlanCmd(env), newDemoStatusCmd(env), newDemoFaultCmd(env),
		newDemoScaleCmd(env), newDemoWeightCmd(env), newDemoPurgeCmd(env), newDemoTokenCmd(env), newDemoTraceCmd(env), newDemoJourneyCmd(env), newDemoExportCmd(env),
		newDemoNodeCmd(env))
	return cmd
}

// machineFlags describe the machine that the backend pretends to be.
type machineFlags struct {
	slots, queue int
	law          string
	seed         uint64
}

func (f *machineFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.IntVar(&f.slots, "slots", 4, "requests that the modelled machine serves at once")
	fs.IntVar(&f.queue, "queue", 200, "requests that wait for a slot; beyond, the answer is 503")
	fs.StringVar(&f.law, "service-time", "exponential:10ms", "fixed:MEAN, exponential:MEAN or lognormal:MEAN,p99=TIME")
	fs.Uint64Var(&f.seed, "machine-seed", 1, "same seed, same service times")
}

// config is the machine that the flags describe. To a Config 0 is the default; to
// somebody who types it, it is none.
func (f *machineFlags) config() (demoserver.Config, error) {
	switch {
	case f.slots < 1:
		return demoserver.Config{}, usageFault(fmt.Errorf("--slots %d: a machine has at least one slot", f.slots))
	case f.queue < 0:
		return demoserver.Config{}, usageFault(fmt.Errorf("--queue %d: a queue has no fewer than 0 places", f.queue))
	}
	queue := f.queue
	if queue == 0 {
		queue = -1
	}
	return demoserver.Config{Slots: f.slots, Queue: queue, Law: f.law, Seed: f.seed}, nil
}

// adminHint is what must be added to demo fault for an admin address that is not
// the usual one.
func adminHint(admin string) string {
	if admin == demoAdmin {
		return ""
	}
	return " --admin " + admin
}

func startDemo(config demoserver.Config) (*demoserver.Server, error) {
	server, err := demoserver.Start(config)
	if err != nil {
		return nil, withExit(exitUsage, err)
	}
	return server, nil
}

// withExit gives an error an exit code and keeps the hint that it may have.
func withExit(code int, err error) error {
	f := &fault{code: code, err: err}
	if h, ok := errors.AsType[hinter](err); ok {
		f.hints = []string{h.Hint()}
	}
	return f
}

func stopDemo(server *demoserver.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownLimit)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return withExit(exitInternal, err)
	}
	return nil
}

// A demoRun is floodmark demo run.
type demoRun struct {
	load    loadFlags
	out     outputFlags
	machine machineFlags
	parts   topologyFlags
	dip     bool
	env     environment
}

func newDemoRunCmd(env environment) *cobra.Command {
	r := demoRun{env: env}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Backend and load in one process, with an outage half-way",
		Long: `Start the backend and load it, both in this process and on free ports.

Checkout is 40 % of the requests and its payment provider declines one in eight,
so that 95 % of the requests succeed. Half-way the provider has an outage: 55 %
of payments fail, and 78 % of the requests succeed. The objective of 95 % is
missed, and the exit code is 1; with --dip=false there is no outage.

With --topology the backend is what that says, and so is what goes wrong; its
faults, kills and restarts become marks of the run.`,
		Example: `  floodmark demo run
  floodmark demo run -d 20s --ui none --json
  floodmark demo run --topology third-parties -d 90s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd) },
	}
	r.load.register(cmd)
	r.out.register(cmd)
	r.machine.register(cmd)
	r.parts.register(cmd)
	cmd.Flags().BoolVar(&r.dip, "dip", true, "let the payment provider fail half-way")
	return cmd
}

// run starts the backend, loads it, and ends it whatever came of the load.
func (r *demoRun) run(cmd *cobra.Command) error {
	r.out.stay = true
	if err := r.out.check(); err != nil {
		return err
	}
	config, err := backendConfig(cmd, &r.machine, &r.parts, r.env)
	if err != nil {
		return err
	}
	config.Addr, config.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	server, err := startDemo(config)
	if err != nil {
		return err
	}
	err = r.loadServer(cmd, server)
	if stopped := stopDemo(server); stopped != nil {
		return errors.Join(err, stopped)
	}
	return err
}

// loadServer loads a backend that has been started with the demo profile.
func (r *demoRun) loadServer(cmd *cobra.Command, server *demoserver.Server) error {
	vars, err := r.load.variables()
	if err != nil {
		return err
	}
	vars["BASE_URL"] = "http://" + server.Addr()
	s, err := readyMade("demo", r.env, vars)
	if err != nil {
		return err
	}
	p, err := r.load.compile(cmd, s, r.env)
	if err != nil {
		return err
	}
	if !r.out.quiet && r.out.ui != "none" {
		_, _ = fmt.Fprintf(r.env.err, "demo backend on http://%s, admin on http://%s\n", server.Addr(), server.AdminAddr())
	}
	var acts []act
	switch plan := server.Plan(); {
	case r.parts.name != "": // what goes wrong is its own matter
		r.out.annotations = "http://" + server.AdminAddr()
	case r.dip && plan.Payment != nil:
		acts = outage(server, p.schedule.Duration())
	}
	summary, err := perform(cmd.Context(), p, &r.out, r.env, acts)
	if err != nil {
		return err
	}
	return exitFor(summary)
}

// outage lets the payment provider fail for a third of the run, from half-way.
func outage(server *demoserver.Server, length time.Duration) []act {
	begin := (length / 2).Truncate(time.Second)
	lasts := max((length / 3).Truncate(time.Second), time.Second)
	var id int
	return []act{
		{begin, "payment outage begins: 55 % of payments fail", func(*loadgen.Control) error {
			spec, err := faults.Parse([]string{"part=payment", "errors=55%"})
			if err != nil {
				return err
			}
			active, err := server.Faults().Add(spec)
			id = active.ID
			return err
		}},
		{begin + lasts, "payment outage ends", func(*loadgen.Control) error { server.Faults().Remove(id); return nil }},
	}
}

func newDemoFaultCmd(env environment) *cobra.Command {
	var admin, endpoint string
	cmd := &cobra.Command{
		Use:   "fault WORD...",
		Short: "Switch faults of a running backend on and off",
		Long: `Switch faults of a running backend on and off. Words that belong together make
one fault:

  errors=20%      so many requests answer 500
  delay=200ms     every answer waits
  jitter=50ms     … by so much more or less
  stall=5s        everything freezes
  reset=5%        so many connections are reset
  slowbody=2s     bodies trickle
  malformed=10%   so many answers are not HTTP
  kill            it dies, and is started again
  hang            it stands still, like a process in SIGSTOP
  cut             it is out of reach: connections are reset
  brownout=50%    its machine loses so much of its speed
  for=20s         the fault ends by itself
  part=payment    whose fault it is: a part's, or one node's, as web-2; without, the
                  web servers'
  link=web-database   the fault is the way's from one to the other; delay, jitter,
                  loss=1%, reset, hang and cut can be`,
		Example: `  floodmark demo fault errors=20% for=20s
  floodmark demo fault delay=200ms --endpoint "POST /api/orders"
  floodmark demo fault kill part=web-2
  floodmark demo fault latency=100ms link=web-database for=20s
  floodmark demo fault list
  floodmark demo fault clear`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageFault(errors.New("no fault named"), "floodmark demo fault errors=20% for=20s, or list, or clear")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			client := faults.Client{BaseURL: "http://" + strings.TrimPrefix(admin, "http://"), Token: env.getenv(guard.TokenVariable)}
			if endpoint != "" {
				args = append(args, fmt.Sprintf("endpoint=%q", endpoint))
			}
			return faultDemo(cmd.Context(), client, args, env.out)
		},
	}
	cmd.Flags().StringVar(&admin, "admin", demoAdmin, "admin address of the backend")
	cmd.Flags().StringVar(&endpoint, "endpoint", "", `only this endpoint, such as "POST /api/orders"`)
	return cmd
}

// faultDemo carries out one word, list or clear, or adds a fault.
func faultDemo(ctx context.Context, client faults.Client, words []string, w io.Writer) error {
	switch words[0] {
	case "clear":
		if err := client.Clear(ctx); err != nil {
			return withExit(exitUsage, err)
		}
		_, err := fmt.Fprintln(w, "no faults")
		return err
	case "list":
		return listFaults(ctx, client, w)
	}
	if _, err := faults.Parse(words); err != nil {
		return withExit(exitUsage, err)
	}
	added, err := client.Add(ctx, strings.Join(words, " "))
	if err != nil {
		return withExit(exitUsage, err)
	}
	if added.ID == 0 { // it is over already
		_, err = fmt.Fprintf(w, "done   %s\n", added.Fault)
		return err
	}
	where := adminHint(strings.TrimPrefix(client.BaseURL, "http://"))
	_, err = fmt.Fprintf(w, "on     %s\nnext   floodmark demo fault list%s\n       floodmark demo fault clear%s\n", added.Fault, where, where)
	return err
}

func listFaults(ctx context.Context, client faults.Client, w io.Writer) error {
	active, err := client.List(ctx)
	if err != nil {
		return withExit(exitUsage, err)
	}
	if len(active) == 0 {
		_, err := fmt.Fprintln(w, "no faults")
		return err
	}
	for _, a := range active {
		if _, err := fmt.Fprintf(w, "%3d  %s\n", a.ID, a.Fault); err != nil {
			return err
		}
	}
	return nil
}
