//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// terminalName is the terminal that a process belongs to.
const terminalName = "/dev/tty"

// inForeground reports whether keys of a terminal are for this process: to read them from
// the background would stop it.
func inForeground(terminal *os.File) bool {
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP) //nolint:gosec // descriptors are small
	return err == nil && group == unix.Getpgrp()
}

// stops are the signals by which a terminal stops a process, and with it the load.
func stops() []os.Signal { return []os.Signal{syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU} }

// keepRunning lets nothing that concerns the terminal stop the process.
func keepRunning() { signal.Ignore(stops()...) }

// letStop undoes keepRunning.
func letStop() { signal.Reset(stops()...) }
