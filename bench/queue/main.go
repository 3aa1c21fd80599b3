// Command queue holds the generator and the demo server's modelled machine
// against queueing theory: it drives the machine with Poisson arrivals and
// exponential service times, and compares the response times that were measured
// with those of an ideal queue that is given the same arrivals and services.
//
//	go run ./bench/queue --duration 60s --seeds 3
//
// It does not judge a target and saves nothing; docs/accuracy.md holds what it
// printed. Its main type is a [trial], one queue with one seed:
//
//  1. plan.go draws the arrivals and the service times from the seed.
//  2. server.go starts the demo server as a process of its own, this program
//     again with a hidden argument: generator and server must not share a runtime.
//  3. trial.go sends each request when it is due, its service time in a header.
//  4. The ideal queue is replayed by capacity.Replay. Theory's formula stands
//     beside it (theory.go), and its distance from the replay is the noise of a
//     finite run, which is why it is not what is compared with.
//  5. table.go writes the Markdown, and main fails if a mean or a p99 is off.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], process{os.Stdin, os.Stdout, os.Stderr}))
}

// A process is what the program is given by the system.
type process struct {
	in       io.Reader
	out, err io.Writer
}

// run returns the exit code: 1 when a difference is too large or a trial could not
// be made, 2 for wrong flags.
func run(args []string, p process) int {
	if len(args) > 0 && args[0] == serveArgument {
		return tell(p.err, serve(args[1:], p))
	}
	flags := flag.NewFlagSet("queue", flag.ContinueOnError)
	flags.SetOutput(p.err)
	duration := flags.Duration("duration", 60*time.Second, "length of each trial")
	seeds := flags.Int("seeds", 3, "trials of each queue")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 || *duration < time.Second || *seeds < 1 {
		_, _ = fmt.Fprintln(p.err, "queue: it takes no arguments, a duration of at least 1s and at least one seed")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return tell(p.err, compare(ctx, *duration, *seeds, p))
}

// tell writes an error and returns the exit code.
func tell(w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintf(w, "queue: %v\n", err)
	return 1
}

// compare makes all trials, one after the other, and writes their table.
func compare(ctx context.Context, duration time.Duration, seeds int, p process) error {
	var trials []trial
	var faults []error
	for _, q := range queues() {
		for seed := range seeds {
			_, _ = fmt.Fprintf(p.err, "%s, seed %d, %v\n", q.name(), seed+1, duration)
			t := trial{queue: q, seed: uint64(seed + 1), duration: duration}
			if err := t.measure(ctx); err != nil {
				return fmt.Errorf("%s, seed %d: %w", q.name(), t.seed, err)
			}
			trials = append(trials, t)
			faults = append(faults, t.verdict())
		}
	}
	return errors.Join(append(faults, writeTable(p.out, trials))...)
}
