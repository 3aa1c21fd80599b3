// Command alarms writes how often alerts are wrong and how late they are right, as
// docs/alarm-figures.md:
//
//	go run ./bench/alarms -o docs/alarm-figures.md
//
// It simulates services that answer each request well with a probability, second by second, and
// gives the seconds to the alerting code that runs use: nothing is sent, no clock is
// read, and the figures are the same each time. Its main type is a [table] of cells:
//
//  1. fires.go, delays.go, resolves.go, aborts.go and burns.go say what each cell simulates.
//  2. service.go makes the seconds up and hands them to a board of alerts.
//  3. table.go fills the cells, each from a seed of its own, on all processors.
//  4. page.go writes the Markdown. A test simulates some of the cells anew and compares
//     them with the page, so that it cannot be about code that has changed since.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 1 when the page cannot be written, 2 for wrong flags.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("alarms", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("o", "", "write the page to this `file`, and not to standard output")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintln(stderr, "alarms: it takes no arguments")
		return 2
	}
	page := write(tables(), (*table).fill)
	var err error
	if *path == "" {
		_, err = stdout.Write(page)
	} else {
		err = os.WriteFile(*path, page, 0o644) //nolint:gosec // a page of the documentation is for everybody
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "alarms: %v\n", err)
		return 1
	}
	return 0
}

// tables returns all tables of the page, in order, their cells not filled yet.
func tables() []table {
	return []table{fires(), delays(), resolves(), falseAborts(), trueAborts(), burns()}
}
