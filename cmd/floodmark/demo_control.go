package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/demo-server/admin"
	"github.com/floodmark/floodmark/demo-server/observe/trace"
)

// adminFlags say which backend is meant.
type adminFlags struct{ addr string }

func (f *adminFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.addr, "admin", demoAdmin, "admin address of the backend")
}

// client returns how to ask it.
func (f *adminFlags) client(env environment) admin.Client {
	token := env.getenv(admin.TokenVariable)
	return admin.Client{BaseURL: "http://" + strings.TrimPrefix(f.addr, "http://"), Token: token}
}

func newDemoScaleCmd(env environment) *cobra.Command {
	var at adminFlags
	cmd := &cobra.Command{
		Use:   "scale PART=REPLICAS",
		Short: "Change how many replicas of a part a running backend has",
		Long: `Change how many replicas of a part a running backend has. New ones get requests as
soon as the load balancer finds them well; those that go end what they have first.`,
		Example: "  floodmark demo scale web=4",
		Args:    exactly(1, "floodmark demo scale web=4"),
		RunE: func(cmd *cobra.Command, args []string) error {
			part, replicas, err := assignment(args[0], "web=4")
			if err != nil {
				return err
			}
			var done struct{ From, To int }
			order := map[string]any{"part": part, "replicas": replicas}
			if err := at.client(env).Post(cmd.Context(), "/scale", order, &done); err != nil {
				return withExit(exitUsage, err)
			}
			_, err = fmt.Fprintf(env.out, "%s: %d → %d replicas\n", part, done.From, done.To)
			return err
		},
	}
	at.register(cmd)
	return cmd
}

func newDemoWeightCmd(env environment) *cobra.Command {
	var at adminFlags
	cmd := &cobra.Command{
		Use:     "weight REPLICA=WEIGHT...",
		Short:   "Change how much replicas get of the load balancer",
		Example: "  floodmark demo weight web-1=3 web-2=1",
		Args:    atLeast(1, "floodmark demo weight web-2=3"),
		RunE: func(cmd *cobra.Command, args []string) error {
			weights := map[string]int{}
			for _, arg := range args {
				name, weight, err := assignment(arg, "web-2=3")
				if err != nil {
					return err
				}
				weights[name] = weight
			}
			if err := at.client(env).Post(cmd.Context(), "/weights", weights, nil); err != nil {
				return withExit(exitUsage, err)
			}
			_, err := fmt.Fprintln(env.out, strings.Join(args, " "))
			return err
		},
	}
	at.register(cmd)
	return cmd
}

// assignment reads a word such as web=4.
func assignment(word, example string) (name string, n int, err error) {
	name, value, ok := strings.Cut(word, "=")
	n, err = strconv.Atoi(value)
	if !ok || name == "" || err != nil {
		return "", 0, usageFault(fmt.Errorf("%q: want a name and a number", word), "for example "+example)
	}
	return name, n, nil
}

func newDemoPurgeCmd(env environment) *cobra.Command {
	var at adminFlags
	cmd := &cobra.Command{
		Use:     "purge PATH",
		Short:   "Let the edges of the content delivery network forget a path",
		Example: "  floodmark demo purge '/static/*'",
		Args:    exactly(1, "floodmark demo purge '/static/*'"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var done struct{ Purged int }
			if err := at.client(env).Post(cmd.Context(), "/purge", map[string]string{"path": args[0]}, &done); err != nil {
				return withExit(exitUsage, err)
			}
			_, err := fmt.Fprintf(env.out, "%d forgotten\n", done.Purged)
			return err
		},
	}
	at.register(cmd)
	return cmd
}

func newDemoTokenCmd(env environment) *cobra.Command {
	var at adminFlags
	var user string
	var scopes []string
	var ttl time.Duration
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make a token that the gateway of a running backend takes",
		Example: `  floodmark demo token
  floodmark demo token --user user7 --scope orders --ttl 10m`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ttl < time.Second {
				return usageFault(fmt.Errorf("--ttl %v: a token is good for a second at least", ttl))
			}
			var made struct{ Token string }
			order := map[string]any{"user": user, "scopes": scopes, "seconds": int(ttl.Seconds())}
			if err := at.client(env).Post(cmd.Context(), "/tokens", order, &made); err != nil {
				return withExit(exitUsage, err)
			}
			_, err := fmt.Fprintln(env.out, made.Token)
			return err
		},
	}
	at.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&user, "user", "demo", "whose token it is")
	fs.StringSliceVar(&scopes, "scope", nil, "what it lets do; may be repeated")
	fs.DurationVar(&ttl, "ttl", time.Hour, "how long it is good for")
	return cmd
}

// A traceCommand is floodmark demo trace.
type traceCommand struct {
	at    adminFlags
	file  string
	ascii bool
	env   environment
}

func newDemoTraceCmd(env environment) *cobra.Command {
	t := traceCommand{env: env}
	cmd := &cobra.Command{
		Use:   "trace ID",
		Short: "Print one request's way through a backend as a tree, with times",
		Long: `Print one request's way through a backend as a tree, with times. ID is what an
answer's X-Request-Id says, or the id of a trace. The spans are in the file that the
topology names under observability.traces; a running backend is asked for it.`,
		Example: `  floodmark demo trace 1n5q8f7c0z3
  floodmark demo trace 4bf92f3577b34da6a3ce929d0e0e4736 --file traces.jsonl`,
		Args: exactly(1, "floodmark demo trace 1n5q8f7c0z3"),
		RunE: func(cmd *cobra.Command, args []string) error { return t.run(cmd, args[0]) },
	}
	t.at.register(cmd)
	cmd.Flags().StringVar(&t.file, "file", "", "file of spans (default: that of the running backend)")
	cmd.Flags().BoolVar(&t.ascii, "ascii", false, "draw with letters and signs of ASCII only")
	return cmd
}

func (t *traceCommand) run(cmd *cobra.Command, id string) error {
	if t.file == "" {
		var shape struct{ Traces string }
		if err := t.at.client(t.env).Get(cmd.Context(), "/topology", &shape); err != nil {
			return withExit(exitUsage, err)
		}
		if shape.Traces == "" {
			return usageFault(errors.New("that backend keeps no traces"), "start it with --set observability.traces.file=traces.jsonl")
		}
		t.file = shape.Traces
	}
	file, err := os.Open(t.file)
	if err != nil {
		return usageFault(err)
	}
	defer file.Close() //nolint:errcheck // only read
	found, err := trace.ReadTrace(file, id)
	if err != nil {
		return usageFault(fmt.Errorf("%s: %w", t.file, err), "spans are written a moment after their request; an answer's X-Request-Id is its id")
	}
	width := planWidth
	if columns, ok := columnsOf(t.env.out); ok {
		width = columns
	}
	draw := found.Tree
	if t.ascii {
		draw = found.ASCII
	}
	_, err = fmt.Fprint(t.env.out, draw(width))
	return err
}

func newDemoStatusCmd(env environment) *cobra.Command {
	var at adminFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the hosts of a running backend, and what they have done",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var raw json.RawMessage
			if err := at.client(env).Get(cmd.Context(), "/stats", &raw); err != nil {
				return withExit(exitUsage, err)
			}
			if asJSON {
				_, err := fmt.Fprintln(env.out, string(raw))
				return err
			}
			var stats demoStatus
			if err := json.Unmarshal(raw, &stats); err != nil {
				return withExit(exitInternal, err)
			}
			_, err := fmt.Fprint(env.out, stats.table())
			return err
		},
	}
	at.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print all there is, as JSON")
	return cmd
}

// demoStatus is what the table shows of a backend's statistics.
type demoStatus struct {
	Hosts []struct {
		Name     string
		State    string
		PID      int
		Restarts int
		Machine  *struct {
			Slots, Busy, Waiting int
			Utilisation          float64
		}
		Nodes []struct {
			Name     string
			Addr     string
			Requests struct {
				Total    uint64 `json:"total"`
				InFlight uint64 `json:"in_flight"`
			}
		}
	}
}

// table returns a line for each node.
func (d demoStatus) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %-9s %7s %4s  %-12s %-22s %10s %9s\n", "host", "state", "pid", "rst", "node", "address", "requests", "machine")
	for _, h := range d.Hosts {
		pid, machine := "-", "-"
		if h.PID != 0 {
			pid = strconv.Itoa(h.PID)
		}
		if h.Machine != nil {
			machine = fmt.Sprintf("%d/%d busy", h.Machine.Busy, h.Machine.Slots)
		}
		if len(h.Nodes) == 0 {
			fmt.Fprintf(&b, "%-12s %-9s %7s %4d\n", h.Name, h.State, pid, h.Restarts)
		}
		for _, n := range h.Nodes {
			fmt.Fprintf(&b, "%-12s %-9s %7s %4d  %-12s %-22s %10d %9s\n", h.Name, h.State, pid, h.Restarts, n.Name, n.Addr, n.Requests.Total, machine)
		}
	}
	return b.String()
}
