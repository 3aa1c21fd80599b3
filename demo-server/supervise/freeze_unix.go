//go:build unix && !linux

package supervise

import (
	"os/exec"
	"syscall"
)

// detach puts the child into a process group of its own.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Freeze is kill -STOP and kill -CONT.
func (p *process) Freeze(frozen bool) error {
	if frozen {
		return p.cmd.Process.Signal(syscall.SIGSTOP)
	}
	return p.cmd.Process.Signal(syscall.SIGCONT)
}
