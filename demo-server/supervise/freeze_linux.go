package supervise

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// detach puts the child into a process group of its own, and has it killed when the
// thread that started it ends.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// standIn is how long a process may take to stand still: all its threads must.
const standIn = time.Second

// Freeze is kill -STOP and kill -CONT. When it returns the process stands still, or goes on.
func (p *process) Freeze(frozen bool) error {
	if !frozen {
		return p.cmd.Process.Signal(syscall.SIGCONT)
	}
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), standIn)
	defer cancel()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for !p.Frozen() {
		select {
		case <-ticker.C:
		case <-p.done:
			return os.ErrProcessDone
		case <-ctx.Done(): // somebody let it go on meanwhile
			return errors.New("the process does not stand still")
		}
	}
	return nil
}

// Frozen reports whether the process is stopped, by whomever. It asks the kernel, and
// takes nothing from whoever waits for the process to end. Unlike a look into /proc it
// never sees another process of the same number.
func (p *process) Frozen() bool {
	const stopped = 5 // CLD_STOPPED
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, p.PID(), &info, unix.WSTOPPED|unix.WNOWAIT|unix.WNOHANG, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil && info.Signo != 0 && info.Code == stopped
		}
	}
}
