package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// page returns docs/benchmarks.md.
func (b *book) page(ctx context.Context) string {
	var t strings.Builder
	t.WriteString("# Benchmarks\n\n")
	t.WriteString("Floodmark beside other load generators, all in one run and measured from outside. This page is written by the program that makes the comparison:\n\n")
	fmt.Fprintf(&t, "```\n%s --write docs/benchmarks.md\n```\n\n", b.options.command())
	fmt.Fprintf(&t, "Each peer runs %v for each load, alone on its core, with nginx (one worker, answers of %d bytes) on another; %d rounds, in an order drawn anew each round. "+
		"Figures are medians of the rounds. CPU is user and system time as the system counted it for the whole process, start-up included, over the requests that the peer reports. "+
		"Floodmark judges two objectives and saves the run meanwhile, as it does for its users; k6 has the same as thresholds. "+
		"In the open model floodmark has a warm-up of %v, whose CPU and requests count, as wrk2 takes ten seconds to calibrate itself.\n\n", b.options.duration, smallAnswer, b.options.rounds, warmUp)
	t.WriteString("How to read it: CPU per request is what a tool leaves to others, and says how far one machine goes. In the closed model everybody waits for the one core of the tool, " +
		"or of nginx where its column says so. In the open model the answer takes about 0.1 ms; what a tool reports beyond that is its own lateness, whether it says so or not.\n\n")
	fmt.Fprintf(&t, "- machine: %s, %d CPUs, %s\n- date: %s\n", model(), runtime.NumCPU(), kernel(), time.Now().UTC().Format(time.DateOnly))
	for i := range b.peers {
		if version := b.versions[b.peers[i].name]; version != "" {
			fmt.Fprintf(&t, "- %s: `%s`\n", b.peers[i].name, strings.ReplaceAll(version, "`", "'"))
		}
	}
	fmt.Fprintf(&t, "- nginx: `%s`\n\n", nginxVersion(ctx))
	t.WriteString(b.tables())
	return strings.TrimRight(t.String(), "\n") + "\n"
}

// model returns the name of the processor.
func model() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range bytes.Lines(text) {
		if name, value, ok := strings.Cut(string(line), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// kernel returns the kernel's version, without what a vendor adds to it.
func kernel() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	version, _, _ := strings.Cut(strings.TrimSpace(string(text)), "-")
	return "Linux " + version
}

func nginxVersion(ctx context.Context) string {
	for _, path := range []string{"nginx", "/usr/sbin/nginx"} {
		if out, err := exec.CommandContext(ctx, path, "-v").CombinedOutput(); err == nil { //nolint:gosec // one of two names
			return strings.TrimPrefix(firstLine(out), "nginx version: ")
		}
	}
	return "unknown"
}
