//go:build !unix

package supervise

import (
	"errors"
	"os/exec"
)

// detach does nothing here: Ctrl-C reaches the child, which ignores it.
func detach(*exec.Cmd) {}

// ask closes the child's standard input, which tells it to end: there are no signals.
func (p *process) ask() { _ = p.stdin.Close() }

// Freeze is not to be had here.
func (p *process) Freeze(bool) error { return errors.ErrUnsupported }
