package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// The exit codes are an API: scripts choose by them.
const (
	exitMet          = 0  // every objective met
	exitMissed       = 1  // an objective missed
	exitRefused      = 1  // a run did not do what it was asked to
	exitUsage        = 2  // wrong usage or profile; nothing was sent
	exitInconclusive = 3  // too few requests, or the target is down or cannot be talked to
	exitInvalid      = 5  // this machine was the limit
	exitUndelivered  = 6  // receivers of alerts were not told
	exitInternal     = 70 // a fault of floodmark itself
)

// A fault ends the command with a message, hints on how to go on, and an exit
// code.
type fault struct {
	code  int
	err   error
	hints []string
}

func (f *fault) Error() string { return f.err.Error() }

func (f *fault) Unwrap() error { return f.err }

// usageFault is a fault of the command line or the profile: nothing was sent.
func usageFault(err error, hints ...string) error {
	return &fault{code: exitUsage, err: err, hints: hints}
}

// A verdictError ends the command with a verdict's exit code after everything has
// been said.
type verdictError int

func (v verdictError) Error() string { return fmt.Sprintf("exit code %d", int(v)) }

// tell writes an error for people and returns the exit code it asks for.
func tell(w io.Writer, err error) int {
	if err == nil {
		return exitMet
	}
	if v, ok := errors.AsType[verdictError](err); ok {
		return int(v)
	}
	code, hints := exitUsage, []string(nil)
	if f, ok := errors.AsType[*fault](err); ok {
		code, hints = f.code, f.hints
	} else if h, ok := errors.AsType[hinter](err); ok {
		hints = []string{h.Hint()}
	}
	_, _ = fmt.Fprintf(w, "floodmark: %s\n", strings.TrimRight(err.Error(), "\n"))
	for _, h := range hints {
		if h != "" {
			_, _ = fmt.Fprintf(w, "hint: %s\n", h)
		}
	}
	return code
}

// A hinter is an error that knows how to mend itself.
type hinter interface {
	error
	Hint() string
}
