//go:build unix

package supervise

import "syscall"

// ask asks the process to end. One that is frozen goes on, as it could not hear it.
func (p *process) ask() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
}
