//go:build unix

package receivers

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the program lead a process group, all of which is killed with it.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
