// Command peers measures floodmark beside other load generators, in one run:
//
//	go run ./bench/peers --rounds 5 --duration 3s --write docs/benchmarks.md
//
// It knows nothing of floodmark but its command line, and treats it like any other
// peer: everything is measured from outside, on the binary that users run, with
// objectives judged and the run saved. It installs nothing, and says what is
// missing and how to get it. The main types are a [cell], one kind of load, and a
// [peer], one way to make it:
//
//  1. site.go starts nginx with one worker on the first core.
//  2. round.go runs every peer that can do a cell, one after the other in an order
//     drawn anew each round, alone on the second core, and takes down what it
//     reports and what the system counted for it: interleaved, so that a machine
//     that slows down slows all of them.
//  3. table.go takes medians; ratios are those of the same round, so that what the
//     machine did in that round does not count.
//
// One file for each peer holds its arguments and how its output is read.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	floodmark string
	wrk2      string
	rounds    int
	duration  time.Duration
	seed      uint64
	only      string
	peers     string
	json      string
	write     string
}

// run returns the exit code: 1 when the comparison could not be made, 2 for wrong
// flags.
func run(args []string, out, errs io.Writer) int {
	var o options
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.floodmark, "floodmark", "", "binary to measure (default: built from this tree)")
	flags.StringVar(&o.wrk2, "wrk2", "", "binary of wrk2, whose own name is wrk")
	flags.IntVar(&o.rounds, "rounds", 5, "how often each measurement is made")
	flags.DurationVar(&o.duration, "duration", 3*time.Second, "length of each measurement")
	flags.Uint64Var(&o.seed, "seed", 1, "of the order in each round")
	flags.StringVar(&o.only, "only", "", "cells to measure, such as closed-50,open-20k (default: all)")
	flags.StringVar(&o.peers, "peers", "", "peers to measure beside floodmark, such as wrk,vegeta (default: all there are)")
	flags.StringVar(&o.json, "json", "", "write every measurement to this file")
	flags.StringVar(&o.write, "write", "", "write the tables as a page to this file")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 || o.rounds < 1 || o.duration < time.Second || o.duration%time.Second != 0 {
		_, _ = fmt.Fprintln(errs, "peers: it takes no arguments, at least one round and whole seconds, as some peers know no others")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cells, err := chosenCells(o.only)
	if err := errors.Join(err, knownPeers(o.peers)); err != nil {
		_, _ = fmt.Fprintf(errs, "peers: %v\n", err)
		return 2
	}
	if err := compare(ctx, o, cells, out, errs); err != nil {
		_, _ = fmt.Fprintf(errs, "peers: %v\n", err)
		return 1
	}
	return 0
}

// compare makes all measurements and writes them.
func compare(ctx context.Context, o options, cells []cell, out, errs io.Writer) error {
	if runtime.NumCPU() < 2 {
		return errors.New("it takes two CPUs, one for the peers and one for nginx")
	}
	dir, err := os.MkdirTemp("", "floodmark-peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	if o.floodmark == "" {
		if o.floodmark, err = build(ctx, dir); err != nil {
			return err
		}
	}
	site, err := startSite(ctx, dir)
	if err != nil {
		return err
	}
	defer site.stop()
	peers, missing := chosenPeers(&o, site)
	for _, line := range missing {
		_, _ = fmt.Fprintln(errs, line)
	}
	_, _ = fmt.Fprintf(errs, "%d peers, %d cells, %d rounds: about %v\n", len(peers), len(cells), o.rounds, expected(peers, cells, &o))
	book := newBook(&o, peers, cells)
	book.startUp(ctx)
	if err := book.fill(ctx, site, errs); err != nil {
		return err
	}
	return errors.Join(book.print(out), book.save(ctx, &o), book.complete())
}

// build makes the binary from this tree.
func build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "floodmark")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "github.com/floodmark/floodmark/cmd/floodmark")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, text)
	}
	return path, nil
}

// chosenCells returns the cells of a list, all for none.
func chosenCells(list string) ([]cell, error) {
	if list == "" {
		return cells(), nil
	}
	var out []cell
	for name := range strings.SplitSeq(list, ",") {
		found := false
		for _, c := range cells() {
			if c.name == name {
				out, found = append(out, c), !slices.Contains(out, c)
			}
		}
		if !found {
			return nil, fmt.Errorf("--only: there is no cell %q, or it is named twice", name)
		}
	}
	return out, nil
}

// expected returns how long the measurements take.
func expected(peers []peer, cells []cell, o *options) time.Duration {
	var sum time.Duration
	for _, c := range cells {
		for _, p := range peers {
			if p.can(c) {
				sum += p.length(o.duration) + 300*time.Millisecond
			}
		}
	}
	return (time.Duration(o.rounds) * sum).Round(time.Second)
}
