// Package hush keeps programs from asking their terminal what it is.
//
// bubbletea asks for the colour of the background when a program starts, whatever the
// program then does. Every command would write an escape sequence, take keys that were
// typed ahead, and wait for five seconds at a terminal that does not answer. No variable
// or option is against that, but a dumb terminal is not asked: this is one until bubbletea
// has begun.
//
// Packages begin in the order of their import paths, each as soon as those that it imports
// have, says the specification of Go. This one imports only os, and so comes before
// golang.org/x/sys, without which bubbletea cannot begin. Who imports both calls [Over].
package hush

import "os"

const variable = "TERM"

//nolint:gochecknoglobals // nothing but a variable is there before main
var (
	before, set = os.LookupEnv(variable)
	_           = os.Setenv(variable, "dumb")
)

// Over makes the environment as it was. It is called when packages begin: before main, and
// by one goroutine.
func Over() bool {
	if !set {
		return os.Unsetenv(variable) == nil
	}
	return os.Setenv(variable, before) == nil
}
