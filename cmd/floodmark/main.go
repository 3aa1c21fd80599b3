// Command floodmark drives traffic at a service, measures what users would feel
// and judges it against objectives.
//
// This package joins the rooms and owns what only a command has: flags, files,
// signals, the beat of one second, the words on the terminal and the exit codes.
// It knows every other package; none knows it. The steps of a run, in order:
//
//  1. plan.go reads the profile, applies the flags and compiles both into what
//     the rooms work on: a mix of requests, a schedule, series, objectives.
//  2. guard.go refuses what should not be sent and asks each endpoint once.
//  3. drive.go starts the generator and keeps the beat: cut an interval, add it
//     up, judge it, save it, say how it goes.
//  4. run.go writes the result and turns the verdict into an exit code.
package main

import (
	"io"
	stdlog "log"
	"os"
)

func main() {
	os.Exit(Main())
}

// Main runs the command with the process's arguments and streams and returns its
// exit code. It is apart from main so that tests can run the command inside
// their own binary.
func Main() int {
	// net/http tells the standard logger what it thinks of a target that breaks the
	// rules of HTTP/2; here that is an outcome.
	stdlog.SetOutput(io.Discard)
	return execute(os.Args[1:], environment{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, lookup: os.LookupEnv,
	})
}
